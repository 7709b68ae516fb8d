// Kubernetes objects as protobuf bytes, for tests: field numbers are written out there, so that a wrong one in
// decode_fields.h is found.
#pragma once

#include <cstdint>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <string_view>

namespace fairlead::kube::testing {

class Message {
 public:
  Message text(std::uint32_t field, std::string_view value) && {
    protozero::pbf_writer(bytes_).add_bytes(field, value.data(), value.size());
    return std::move(*this);
  }
  Message number(std::uint32_t field, std::int64_t value) && {
    protozero::pbf_writer(bytes_).add_int64(field, value);
    return std::move(*this);
  }
  Message message(std::uint32_t field, const Message& value) && { return std::move(*this).text(field, value.bytes_); }
  Message entry(std::uint32_t field, std::string_view key, std::string_view value) && {
    return std::move(*this).message(field, Message().text(1, key).text(2, value));
  }
  Message quantity(std::uint32_t field, std::string_view key, std::string_view value) && {
    return std::move(*this).message(field, Message().text(1, key).message(2, Message().text(1, value)));
  }
  Message time(std::uint32_t field, std::int64_t seconds) && {
    return std::move(*this).message(field, Message().number(1, seconds).number(2, 0));
  }
  Message fixed(std::uint32_t field) && {
    protozero::pbf_writer(bytes_).add_fixed64(field, 7);
    protozero::pbf_writer(bytes_).add_fixed32(field, 7);
    return std::move(*this);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

inline std::string envelope(std::string_view api_version, std::string_view kind, const Message& raw) {
  return std::string("k8s\0", 4) + Message()
                                       .message(1, Message().text(1, api_version).text(2, kind))
                                       .message(2, raw)
                                       .text(3, "")
                                       .text(4, "")
                                       .bytes();
}

}  // namespace fairlead::kube::testing
