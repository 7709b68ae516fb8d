#include "sandbox/port_forward.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.h"
#include "net/websocket.h"
#include "sandbox/spdy.h"

namespace fairlead::sandbox {
namespace {

using net::WebSocketOpcode;

constexpr std::size_t most_connections = 256, most_ports = 128, largest_message = 1 << 20, largest_piece = 32 << 10;
constexpr std::string_view tunnelled = "SPDY/3.1+portforward.k8s.io";

std::optional<std::int64_t> port_of(std::string_view text) {
  std::int64_t out = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  bool whole = code == std::errc() && end == text.data() + text.size();
  return whole && out >= 0 && out <= 65535 ? std::optional(out) : std::nullopt;
}

class SpdyForward final : public PortForward {
 public:
  explicit SpdyForward(Connect connect) : connect_(std::move(connect)) {}

  std::string feed(std::string_view bytes) override {
    auto events = codec_.feed(bytes);
    if (!events) {
      ended_ = true;
      return codec_.go_away(last_, spdy_status::protocol_error);
    }
    std::string out;
    for (const SpdyEvent& event : *events) {
      switch (event.kind) {
        case SpdyEvent::Kind::open: out += open(event); break;
        case SpdyEvent::Kind::data: out += data(event); break;
        case SpdyEvent::Kind::reset: drop(event.stream); break;
        case SpdyEvent::Kind::ping: out += codec_.ping(event.stream); break;
        case SpdyEvent::Kind::go_away: ended_ = true; break;
        default: break;
      }
    }
    return out;
  }
  bool ended() const override { return ended_; }

 private:
  struct Pair {
    std::uint32_t data = 0, error = 0;
    std::int64_t port = 0;
    std::unique_ptr<PodHttpServer> server;
  };

  std::string open(const SpdyEvent& event) {
    std::string type(event.header("streamtype")), request(event.header("requestid"));
    auto port = port_of(event.header("port"));
    std::string refusal = codec_.reset(event.stream, spdy_status::cancel);
    if (!port || *port == 0 || (type != "error" && type != "data")) return refusal;
    // Older clients do not number their requests, but open the two streams one after the other.
    if (request.empty()) request = std::to_string(type == "error" ? event.stream : event.stream - 2);
    if (!pairs_.contains(request) && pairs_.size() >= most_connections) return refusal;
    Pair& pair = pairs_[request];
    std::uint32_t& slot = type == "error" ? pair.error : pair.data;
    if (slot != 0 || requests_.contains(event.stream)) return refusal;
    slot = event.stream;
    last_ = std::max(last_, event.stream);
    requests_[event.stream] = request;
    if (type == "data") pair.port = *port;
    std::string out = codec_.reply(event.stream);
    if (pair.data == 0 || pair.error == 0) return out;
    auto connection = connect_(pair.port);
    if (connection) {
      pair.server = std::make_unique<PodHttpServer>(std::move(*connection));
      return out;
    }
    return out + close(request, connection.error());
  }

  std::string data(const SpdyEvent& event) {
    auto found = requests_.find(event.stream);
    if (found == requests_.end()) return {};
    std::string request = found->second;
    Pair& pair = pairs_[request];
    if (event.stream != pair.data || !pair.server) return {};
    std::string answer = pair.server->feed(event.data), out;
    for (std::string_view rest = answer; !rest.empty(); rest.remove_prefix(std::min(rest.size(), largest_piece)))
      out += codec_.data(pair.data, rest.substr(0, largest_piece));
    if (event.fin || pair.server->ends()) out += close(request, "");
    return out;
  }

  std::string close(const std::string& request, std::string_view problem) {
    Pair pair = std::move(pairs_[request]);
    std::string out = codec_.data(pair.error, problem, true) + codec_.data(pair.data, "", true);
    requests_.erase(pair.data);
    requests_.erase(pair.error);
    pairs_.erase(request);
    return out;
  }

  void drop(std::uint32_t stream) {
    auto found = requests_.find(stream);
    if (found == requests_.end()) return;
    std::string request = found->second;
    std::uint32_t both[] = {pairs_[request].data, pairs_[request].error};
    for (std::uint32_t one : both) requests_.erase(one);
    pairs_.erase(request);
  }

  Connect connect_;
  SpdyCodec codec_;
  std::map<std::string, Pair> pairs_;
  std::map<std::uint32_t, std::string> requests_;  // by stream
  std::uint32_t last_ = 0;
  bool ended_ = false;
};

// What both kinds of WebSocket share: pings, closes and errors of the framing.
class WebSocketForward : public PortForward {
 public:
  std::string feed(std::string_view bytes) override {
    auto messages = codec_.feed(bytes);
    if (!messages) {
      ended_ = true;
      return codec_.close(codec_.close_code());
    }
    std::string out;
    for (const net::WebSocketMessage& one : *messages) {
      if (one.opcode == WebSocketOpcode::ping) out += codec_.message(WebSocketOpcode::pong, one.payload);
      if (one.opcode == WebSocketOpcode::text || one.opcode == WebSocketOpcode::binary) out += take(one.payload);
      if (one.opcode == WebSocketOpcode::close || finished()) {
        ended_ = true;
        return out + codec_.close(1000);
      }
    }
    return out;
  }
  bool ended() const override { return ended_ || finished(); }

 protected:
  virtual std::string take(std::string_view payload) = 0;
  virtual bool finished() const { return false; }
  net::WebSocketCodec codec_{net::WebSocketRole::server, largest_message};

 private:
  bool ended_ = false;
};

class TunnelledForward final : public WebSocketForward {
 public:
  explicit TunnelledForward(Connect connect) : inner_(std::move(connect)) {}

 private:
  std::string take(std::string_view payload) override {
    std::string out = inner_.feed(payload);
    return out.empty() ? out : codec_.message(WebSocketOpcode::binary, out);
  }
  bool finished() const override { return inner_.ended(); }
  SpdyForward inner_;
};

class ChannelForward final : public WebSocketForward {
 public:
  ChannelForward(std::vector<std::int64_t> ports, bool base64, const Connect& connect) : base64_(base64) {
    for (std::int64_t port : ports) {
      auto connection = connect(port);
      Channel one;
      one.port = port;
      if (connection)
        one.server = std::make_unique<PodHttpServer>(std::move(*connection));
      else
        one.problem = connection.error();
      channels_.push_back(std::move(one));
    }
  }

  // Both channels of a port begin with its number, low byte first.
  std::string greeting() override {
    std::string out;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      std::string port{static_cast<char>(channels_[i].port & 0xFF), static_cast<char>(channels_[i].port >> 8)};
      out += message(2 * i, port) + message(2 * i + 1, port);
    }
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      if (!channels_[i].problem.empty()) out += message(2 * i + 1, channels_[i].problem);
    }
    return finished() ? out + codec_.close(1000) : out;
  }

 private:
  struct Channel {
    std::int64_t port = 0;
    std::unique_ptr<PodHttpServer> server;
    std::string problem;
  };

  std::string message(std::size_t channel, std::string_view bytes) {
    if (base64_) return codec_.message(WebSocketOpcode::text, static_cast<char>('0' + channel) + base64_encode(bytes));
    return codec_.message(WebSocketOpcode::binary, static_cast<char>(channel) + std::string(bytes));
  }

  std::string take(std::string_view payload) override {
    if (payload.empty()) return {};
    std::size_t channel = static_cast<unsigned char>(base64_ ? payload[0] - '0' : payload[0]);
    std::string bytes(payload.substr(1)), out;
    if (base64_) bytes = base64_decode(bytes).value_or("");
    if (channel % 2 != 0 || channel / 2 >= channels_.size() || !channels_[channel / 2].server) return {};
    Channel& one = channels_[channel / 2];
    std::string answer = one.server->feed(bytes);
    for (std::string_view rest = answer; !rest.empty(); rest.remove_prefix(std::min(rest.size(), largest_piece)))
      out += message(channel, rest.substr(0, largest_piece));
    if (one.server->ends()) one.server.reset();
    return out;
  }
  bool finished() const override {
    return std::none_of(channels_.begin(), channels_.end(), [](const Channel& one) { return one.server != nullptr; });
  }

  bool base64_;
  std::vector<Channel> channels_;
};

PortForwardUpgrade refused(int status, std::string text) {
  PortForwardUpgrade out;
  out.upgrade.refused = status;
  out.upgrade.text = std::move(text);
  return out;
}

}  // namespace

PortForwardUpgrade negotiate_port_forward(const net::HttpRequest& request, const std::vector<std::string_view>& queried,
                                          PortForward::Connect connect) {
  PortForwardUpgrade out;
  if (!net::wants_websocket(request)) {
    std::string chosen;
    out.upgrade = negotiate_spdy(request, {"portforward.k8s.io"}, &chosen);
    if (out.upgrade.refused == 0) out.forward = std::make_unique<SpdyForward>(std::move(connect));
    return out;
  }
  std::vector<std::string> offered = net::websocket_protocols(request);
  auto known = [](std::string_view one) {
    return one == tunnelled || one == "v4.channel.k8s.io" || one == "v4.base64.channel.k8s.io";
  };
  auto found = std::find_if(offered.begin(), offered.end(), known);
  if (found == offered.end() && !offered.empty()) return refused(403, "");
  std::string protocol = offered.empty() ? "" : *found;
  std::vector<std::int64_t> ports;
  if (protocol != tunnelled) {
    if (queried.empty()) return refused(400, "query parameter \"port\" is required");
    for (std::string_view value : queried) {
      if (value.empty()) return refused(400, "query parameter \"port\" cannot be empty");
      for (std::string_view one : split(value, ',')) {
        auto port = port_of(one);
        if (!port)
          return refused(400, "unable to parse \"" + std::string(value) +
                                  "\" as a port: strconv.ParseUint: parsing \"" + std::string(one) +
                                  "\": invalid syntax");
        if (*port == 0) return refused(400, "port \"" + std::string(value) + "\" must be > 0");
        if (ports.size() >= most_ports) return refused(400, "too many ports");
        ports.push_back(*port);
      }
    }
  }
  auto accepted = net::accept_websocket(request, protocol);
  if (!accepted) return refused(400, accepted.error().cause + "\n");
  out.upgrade.headers = std::move(*accepted);
  if (protocol == tunnelled)
    out.forward = std::make_unique<TunnelledForward>(std::move(connect));
  else
    out.forward = std::make_unique<ChannelForward>(std::move(ports), protocol.find("base64") != protocol.npos, connect);
  return out;
}

}  // namespace fairlead::sandbox
