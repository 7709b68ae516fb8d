#include "kube/watch_events.h"

#include <fmt/format.h>

#include "kube/decode_fields.h"

namespace fairlead::kube {
namespace {

constexpr std::string_view kStep = "read the watch";
constexpr std::size_t kLengthBytes = 4;
// A value takes fifty bytes and more in memory.
constexpr std::size_t kNodes = 500'000;

WatchEvent::Type type_of(std::string_view text) {
  using Type = WatchEvent::Type;
  if (text == "ADDED") return Type::added;
  if (text == "MODIFIED") return Type::modified;
  if (text == "DELETED") return Type::deleted;
  if (text == "BOOKMARK") return Type::bookmark;
  if (text == "ERROR") return Type::error;
  return Type::unknown;
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

tl::unexpected<Error> WatchEventDecoder::malformed(std::string cause) const {
  return fail(ErrorCode::server_error, std::string(kStep),
              fmt::format("the server sent what is no event: {} (after {} events)", cause, events_),
              "Look at proxies on the way: they must hand answers on as they are");
}

tl::unexpected<Error> WatchEventDecoder::too_large() const {
  return fail(ErrorCode::server_error, std::string(kStep),
              fmt::format("an event has more than the {} bytes that are allowed", options_.event_limit),
              "Narrow the watch by namespace or selector so that it is left out");
}

Result<net::Flow> WatchEventDecoder::feed(std::string_view bytes) {
  if (failed_) return malformed("it was given up before");
  while (!bytes.empty()) {
    std::string_view event;
    const bool json = options_.format == Format::json;
    auto found = json ? find_event(bytes, &event) : find_frame(bytes, &event);
    failed_ = !found;
    if (!found) return fail(std::move(found.error()));
    if (!*found) continue;
    ++events_;
    auto flow = json ? on_json(event) : on_frame(event);
    buffer_.clear();
    if (buffer_.capacity() > (1 << 20)) buffer_.shrink_to_fit();
    failed_ = !flow;
    if (!flow || *flow == net::Flow::enough) return flow;
  }
  return net::Flow::more;
}

Result<bool> WatchEventDecoder::find_event(std::string_view& bytes, std::string_view* event) {
  if (!in_event_) {
    if (is_space(bytes.front())) {
      bytes.remove_prefix(1);
      return false;
    }
    if (bytes.front() != '{') return malformed("it does not begin as one");
    in_event_ = true;
    scanner_.start();
  }
  const auto piece = bytes.substr(0, scanner_.scan(bytes));
  if (buffer_.size() + piece.size() > options_.event_limit) return too_large();
  bytes.remove_prefix(piece.size());
  in_event_ = !scanner_.done();
  const bool whole = !in_event_ && buffer_.empty();
  if (!whole) buffer_.append(piece);
  *event = whole ? piece : std::string_view(buffer_);
  return !in_event_;
}

Result<bool> WatchEventDecoder::find_frame(std::string_view& bytes, std::string_view* event) {
  const auto append = [&](std::size_t up_to) {
    const auto piece = bytes.substr(0, up_to - buffer_.size());
    buffer_.append(piece);
    bytes.remove_prefix(piece.size());
    return buffer_.size() == up_to;
  };
  if (!in_event_) {
    if (!append(kLengthBytes)) return false;
    length_ = 0;
    for (const char c : buffer_) length_ = length_ << 8 | static_cast<unsigned char>(c);
    buffer_.clear();
    if (length_ == 0) return malformed("it is empty");
    if (length_ > options_.event_limit) return too_large();
    in_event_ = true;
    return false;
  }
  if (buffer_.empty() && bytes.size() >= length_) {
    *event = bytes.substr(0, length_);
    bytes.remove_prefix(length_);
  } else {
    if (!append(length_)) return false;
    *event = buffer_;
  }
  in_event_ = false;
  return true;
}

Result<net::Flow> WatchEventDecoder::on_json(std::string_view text) {
  auto value = parse_json(text, kStep, {.bytes = options_.event_limit, .nodes = kNodes});
  if (!value) return malformed("it is not JSON, or too much of it");
  WatchEvent event;
  event.type = type_of(text_at(*value, {"type"}));
  const bool is_object = value->is_object() && value->get_object().contains("object");
  if (!is_object) return malformed("it has no object");
  event.object = std::move(value->get_object().at("object"));
  return on_event_(std::move(event));
}

Result<net::Flow> WatchEventDecoder::on_frame(std::string_view message) {
  WatchEvent event;
  auto read = wire::guarded("WatchEvent", [&] {
    auto reader = wire::open(message);
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::watch_event::type: event.type = type_of(wire::text(reader)); break;
        case wire::watch_event::object: {
          auto extension = wire::open(wire::text(reader));
          while (extension.next()) {
            if (extension.tag_and_type() == wire::raw_extension::raw)
              event.envelope = wire::text(extension);
            else
              extension.skip();
          }
          break;
        }
        default: reader.skip();
      }
    }
  });
  if (!read) return fail(std::move(read.error()));
  return on_event_(std::move(event));
}

}  // namespace fairlead::kube
