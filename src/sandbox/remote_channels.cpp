#include "sandbox/remote_channels.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/text.h"
#include "net/websocket.h"
#include "sandbox/spdy.h"

namespace fairlead::sandbox {
namespace {

using net::WebSocketOpcode;
using Kind = RemoteInput::Kind;

constexpr std::size_t largest_message = 1 << 20, largest_piece = 32 << 10;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::vector<std::string> values_of(const net::HttpRequest& request, std::string_view header) {
  std::vector<std::string> out;
  for (const auto& entry : request.headers) {
    if (!equal_ignoring_case(entry.name, header)) continue;
    for (std::string_view one : split(entry.value, ',')) {
      if (!trim(one).empty()) out.emplace_back(trim(one));
    }
  }
  return out;
}

std::string listed(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : " ") + value;
  return "[" + out + "]";
}

// {"Width":80,"Height":24}, as often as the window changes; pieces come as the network cuts them.
class Sizes {
 public:
  void feed(std::string_view bytes, std::vector<RemoteInput>* out) {
    unread_ += bytes;
    for (std::size_t end = unread_.find('}'); end != unread_.npos; end = unread_.find('}')) {
      auto size = parse_json(std::string_view(unread_).substr(0, end + 1), "read the size",
                             JsonLimits{.bytes = 1024, .depth = 3});
      if (size) {
        RemoteInput input{Kind::resize};
        input.columns = static_cast<int>(std::clamp<std::int64_t>(integer_at(*size, {"Width"}), 0, 0xFFFF));
        input.rows = static_cast<int>(std::clamp<std::int64_t>(integer_at(*size, {"Height"}), 0, 0xFFFF));
        out->push_back(std::move(input));
      }
      unread_.erase(0, end + 1);
    }
    if (unread_.size() > 1024) unread_.clear();
  }

 private:
  std::string unread_;
};

std::string status_text(const json::object& status, bool as_json) {
  if (as_json) return compact(status);
  auto outcome = status.find("status");
  if (outcome != status.end() && outcome->value() == "Success") return {};
  return std::string(text_at(status, {"message"}));
}

// ---- WebSocket: the first byte of a message is its channel

class WebSocketChannels final : public RemoteChannels {
 public:
  WebSocketChannels(std::string_view protocol, const RemoteOptions& options)
      : codec_(net::WebSocketRole::server, largest_message),
        options_(options),
        base64_(protocol.find("base64") != protocol.npos),
        status_is_json_(protocol.starts_with("v4.") || protocol.starts_with("v5.")),
        closes_channels_(protocol.starts_with("v5.")) {}

  // Tells the client that the connection stands.
  std::string greeting() override { return message(options_.out ? 1 : options_.err ? 2 : 3, ""); }

  Result<std::vector<RemoteInput>> feed(std::string_view bytes) override {
    std::vector<RemoteInput> out;
    auto messages = codec_.feed(bytes);
    if (!messages) {
      replies_ += codec_.close(codec_.close_code());
      return fail(std::move(messages.error()));
    }
    for (net::WebSocketMessage& one : *messages) {
      if (one.opcode == WebSocketOpcode::ping) replies_ += codec_.message(WebSocketOpcode::pong, one.payload);
      if (one.opcode == WebSocketOpcode::close) {
        replies_ += codec_.close(1000);
        out.push_back({Kind::gone});
      }
      if (one.opcode == WebSocketOpcode::text || one.opcode == WebSocketOpcode::binary)
        take(std::move(one.payload), &out);
    }
    return out;
  }

  std::string output(bool error, std::string_view bytes) override {
    if (!(error ? options_.err : options_.out)) return {};
    std::string out;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), largest_piece)))
      out += message(error ? 2 : 1, bytes.substr(0, largest_piece));
    return out;
  }

  std::string finish(const json::object& status) override {
    std::string text = status_text(status, status_is_json_);
    return (text.empty() ? "" : message(3, text)) + codec_.close(1000);
  }

 private:
  std::string message(int channel, std::string_view bytes) {
    if (base64_) return codec_.message(WebSocketOpcode::text, static_cast<char>('0' + channel) + base64_encode(bytes));
    return codec_.message(WebSocketOpcode::binary, static_cast<char>(channel) + std::string(bytes));
  }

  void take(std::string payload, std::vector<RemoteInput>* out) {
    if (payload.empty()) return;
    int channel = base64_ ? payload[0] - '0' : static_cast<unsigned char>(payload[0]);
    std::string bytes = payload.substr(1);
    if (base64_) {
      auto decoded = base64_decode(bytes);
      if (!decoded) return;
      bytes = std::move(*decoded);
    }
    if (channel == 0 && options_.in && !bytes.empty()) out->push_back({Kind::bytes, std::move(bytes)});
    if (channel == 4) sizes_.feed(bytes, out);
    if (channel == 255 && closes_channels_ && bytes == std::string(1, '\0')) out->push_back({Kind::end});
  }

  net::WebSocketCodec codec_;
  RemoteOptions options_;
  bool base64_, status_is_json_, closes_channels_;
  Sizes sizes_;
};

// ---- SPDY: the client opens a stream for each

class SpdyChannels final : public RemoteChannels {
 public:
  SpdyChannels(std::string_view protocol, const RemoteOptions& options)
      : options_(options), status_is_json_(protocol == "v4.channel.k8s.io") {
    bool resizes = protocol.starts_with("v3.") || protocol.starts_with("v4.");
    expected_ = 1u + options.in + options.out + options.err + (options.tty && resizes);
  }

  bool ready() const override { return ids_.size() >= expected_; }

  Result<std::vector<RemoteInput>> feed(std::string_view bytes) override {
    std::vector<RemoteInput> out;
    auto events = codec_.feed(bytes);
    if (!events) {
      replies_ += codec_.go_away(last_, 1);
      return fail(std::move(events.error()));
    }
    for (SpdyEvent& event : *events) take(std::move(event), &out);
    return out;
  }

  std::string output(bool error, std::string_view bytes) override {
    auto stream = ids_.find(error ? "stderr" : "stdout");
    std::string out;
    if (stream == ids_.end()) return out;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), largest_piece)))
      out += codec_.data(stream->second, bytes.substr(0, largest_piece));
    return out;
  }

  std::string finish(const json::object& status) override {
    std::string out;
    for (std::string_view name : {"stdout", "stderr"}) {
      if (auto stream = ids_.find(name); stream != ids_.end()) out += codec_.data(stream->second, "", true);
    }
    if (auto stream = ids_.find("error"); stream != ids_.end())
      out += codec_.data(stream->second, status_text(status, status_is_json_), true);
    return out + codec_.go_away(last_);
  }

 private:
  void take(SpdyEvent event, std::vector<RemoteInput>* out) {
    auto is = [&](std::string_view name) {
      auto stream = ids_.find(name);
      return stream != ids_.end() && stream->second == event.stream;
    };
    switch (event.kind) {
      case SpdyEvent::Kind::open: return open(event, out);
      case SpdyEvent::Kind::data:
        if (is("resize")) sizes_.feed(event.data, out);
        if (!is("stdin")) return;
        if (!event.data.empty()) out->push_back({Kind::bytes, std::move(event.data)});
        if (event.fin) out->push_back({Kind::end});
        return;
      case SpdyEvent::Kind::reset:
        if (is("stdin")) out->push_back({Kind::end});
        return;
      case SpdyEvent::Kind::ping: replies_ += codec_.ping(event.stream); return;
      case SpdyEvent::Kind::go_away: return out->push_back({Kind::gone});
      default: return;
    }
  }

  void open(const SpdyEvent& event, std::vector<RemoteInput>* out) {
    std::string type(event.header("streamtype"));
    constexpr std::array<std::string_view, 5> known{"error", "stdin", "stdout", "stderr", "resize"};
    if (std::find(known.begin(), known.end(), type) == known.end() || ids_.contains(type)) {
      replies_ += codec_.reset(event.stream, spdy_status::cancel);
      return;
    }
    last_ = std::max(last_, event.stream);
    ids_[type] = event.stream;
    replies_ += codec_.reply(event.stream);
    if (event.fin && type == "stdin") out->push_back({Kind::end});
  }

  SpdyCodec codec_;
  RemoteOptions options_;
  bool status_is_json_;
  std::size_t expected_;
  std::uint32_t last_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> ids_;
  Sizes sizes_;
};

const std::vector<std::string> spdy_versions{"v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io",
                                             "channel.k8s.io"};

}  // namespace

bool wants_upgrade(const net::HttpRequest& request) {
  for (const std::string& value : values_of(request, "Connection")) {
    if (equal_ignoring_case(value, "upgrade")) return true;
  }
  return false;
}

Upgrade negotiate_spdy(const net::HttpRequest& request, const std::vector<std::string>& supported,
                       std::string* chosen) {
  Upgrade out;
  std::vector<std::string> offered = values_of(request, "X-Stream-Protocol-Version");
  auto found = std::find_if(offered.begin(), offered.end(), [&](const std::string& one) {
    return std::find(supported.begin(), supported.end(), one) != supported.end();
  });
  if (offered.empty()) {
    out.refused = 400;
    out.text = "unable to upgrade: X-Stream-Protocol-Version is required\n";
    return out;
  }
  if (found == offered.end()) {
    out.refused = 403;
    for (const std::string& one : supported)
      out.refused_headers.push_back({"X-Accepted-Stream-Protocol-Versions", one});
    out.text = "unable to upgrade: unable to negotiate protocol: client supports " + listed(offered) +
               ", server accepts " + listed(supported) + "\n";
    return out;
  }
  if (lower(request.header("Upgrade")).find("spdy/3.1") == std::string::npos) {
    out.refused = 400;
    out.text = "unable to upgrade: missing upgrade headers in request\n";
    return out;
  }
  *chosen = *found;
  out.headers = {{"Connection", "Upgrade"}, {"Upgrade", "SPDY/3.1"}, {"X-Stream-Protocol-Version", *chosen}};
  return out;
}

Upgrade negotiate_remote(const net::HttpRequest& request, const RemoteOptions& options) {
  if (!net::wants_websocket(request)) {
    std::string chosen;
    Upgrade out = negotiate_spdy(request, spdy_versions, &chosen);
    if (out.refused == 0) out.channels = std::make_unique<SpdyChannels>(chosen, options);
    return out;
  }
  Upgrade out;
  constexpr std::array<std::string_view, 5> known{"v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io",
                                                  "channel.k8s.io", "base64.channel.k8s.io"};
  std::vector<std::string> offered = net::websocket_protocols(request);
  auto found = std::find_if(offered.begin(), offered.end(), [&](const std::string& one) {
    return std::find(known.begin(), known.end(), one) != known.end();
  });
  if (found == offered.end() && !offered.empty()) {
    out.refused = 403;
    return out;
  }
  std::string protocol = offered.empty() ? "" : *found;
  auto accepted = net::accept_websocket(request, protocol);
  if (!accepted) {
    out.refused = 400;
    out.text = accepted.error().cause + "\n";
    return out;
  }
  out.headers = std::move(*accepted);
  out.channels = std::make_unique<WebSocketChannels>(protocol, options);
  return out;
}

}  // namespace fairlead::sandbox
