// The protobuf wire format, as far as Kubernetes uses it: varints, length-delimited fields and their tags.
// Pure functions over bytes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::sandbox::wire {

void put_varint(std::string& out, std::uint64_t value);
std::size_t varint_size(std::uint64_t value);
void put_integer(std::string& out, std::uint32_t field, std::uint64_t value);
void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes);  // text and messages too
std::size_t bytes_field_size(std::uint32_t field, std::size_t length);
// Only tag and length: what follows is written by the caller.
void put_bytes_head(std::string& out, std::uint32_t field, std::size_t length);

// A length-delimited field whose length is known only when it is written: begin, append, end.
std::size_t begin_message(std::string& out, std::uint32_t field);
void end_message(std::string& out, std::size_t mark);

struct Value {
  std::uint32_t field = 0;
  std::uint32_t type = 0;     // 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes
  std::uint64_t integer = 0;  // types 0, 1 and 5
  std::string_view bytes;     // type 2
};

// Walks the fields of a message. After the last one, or where the bytes are not protobuf, nothing; see broken().
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::optional<Value> next();
  bool broken() const { return broken_; }

 private:
  bool varint(std::uint64_t* value);
  std::string_view rest_;
  bool broken_ = false;
};

// The length-delimited field at that path of field numbers; nothing when it is not there.
std::optional<std::string_view> at(std::string_view message, std::initializer_list<std::uint32_t> path);

}  // namespace fairlead::sandbox::wire
