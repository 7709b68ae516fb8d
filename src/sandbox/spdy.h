// SPDY/3.1 framing without I/O, for either side, as far as Kubernetes clients use it: streams with headers, data,
// resets, pings and the end of the connection. No flow control: Kubernetes' own library has none, windows and settings
// are read and of no consequence. Bounded: a frame at most 1 MiB, its headers at most 100 and 64 KiB when unpacked. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace fairlead::sandbox {

struct SpdyEvent {
  enum class Kind { open, reply, headers, data, reset, ping, go_away };
  Kind kind;
  std::uint32_t stream = 0;  // of a ping: its number
  bool fin = false;          // open, reply, headers, data: the sender will send no more on this stream
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string data;
  std::uint32_t status = 0;  // of reset and go_away

  std::string_view header(std::string_view name) const;  // the first value; empty where there is none
};

class SpdyCodec {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  SpdyCodec();
  ~SpdyCodec();
  SpdyCodec(const SpdyCodec&) = delete;
  SpdyCodec& operator=(const SpdyCodec&) = delete;

  // What these bytes complete. An error (invalid_request) is for good; the connection cannot go on.
  Result<std::vector<SpdyEvent>> feed(std::string_view bytes);

  // Frames. Headers are packed in a context that they share: they must be sent in the order in which they were made.
  std::string open(std::uint32_t stream, const Headers& headers, bool fin = false);
  std::string reply(std::uint32_t stream, const Headers& headers = {}, bool fin = false);
  std::string data(std::uint32_t stream, std::string_view bytes, bool fin = false) const;
  std::string reset(std::uint32_t stream, std::uint32_t status) const;
  std::string ping(std::uint32_t number) const;
  std::string go_away(std::uint32_t last_stream, std::uint32_t status = 0) const;

 private:
  struct Packing;
  Result<void> take_control(std::uint16_t type, std::uint8_t flags, std::string_view body, std::vector<SpdyEvent>* out);
  Result<SpdyCodec::Headers> unpack(std::string_view block);
  std::string pack(const Headers& headers);

  std::unique_ptr<Packing> packing_;
  std::string unread_;
  bool broken_ = false;
};

// The text that both sides' compressors know beforehand.
const std::string& spdy_dictionary();

namespace spdy_status {
inline constexpr std::uint32_t protocol_error = 1, cancel = 5;
}

}  // namespace fairlead::sandbox
