// The events of a watch, taken apart while their bytes arrive (meta/v1 WatchEvent).
//
// In JSON one object follows the other: {"type":"ADDED","object":{…}}. In protobuf each is a frame: four bytes of
// length, the highest first, then the message, whose object is an envelope of its own (kube/protobuf_list.h). Not
// thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "kube/json_scanner.h"
#include "net/http.h"

namespace fairlead::kube {

struct WatchEvent {
  enum class Type { added, modified, deleted, bookmark, error, unknown };
  Type type = Type::unknown;
  json::value object;         // of JSON
  std::string_view envelope;  // of protobuf: for open_envelope(). Valid during the call
};
// `enough` ends the reading; an error ends it with that error.
using OnWatchEvent = std::function<Result<net::Flow>(WatchEvent event)>;

// Without I/O: feed it the body in pieces of any size. It holds at most one event, and copies one only when it does not
// lie within a piece. Errors: server_error for what is no event, and for an event above the limit. After an error only
// destruction is of use.
class WatchEventDecoder {
 public:
  enum class Format { json, protobuf };
  struct Options {
    Format format = Format::json;
    std::size_t event_limit = 8 << 20;  // bytes; what etcd keeps is below 2 MiB
  };

  WatchEventDecoder(Options options, OnWatchEvent on_event) : options_(options), on_event_(std::move(on_event)) {}

  Result<net::Flow> feed(std::string_view bytes);
  bool between_events() const { return buffer_.empty() && !in_event_; }  // where a stream may end

 private:
  Result<bool> find_event(std::string_view& bytes, std::string_view* event);
  Result<bool> find_frame(std::string_view& bytes, std::string_view* event);
  Result<net::Flow> on_json(std::string_view text);
  Result<net::Flow> on_frame(std::string_view message);
  tl::unexpected<Error> malformed(std::string cause) const;
  tl::unexpected<Error> too_large() const;

  Options options_;
  OnWatchEvent on_event_;
  bool failed_ = false;
  bool in_event_ = false;
  std::string buffer_;  // of an event, or of its length
  JsonValueScanner scanner_;
  std::size_t length_ = 0;  // of the frame
  std::uint64_t events_ = 0;
};

}  // namespace fairlead::kube
