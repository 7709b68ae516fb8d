#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox::wire {

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void put_integer(std::string& out, std::uint32_t field, std::uint64_t value) {
  put_varint(out, std::uint64_t{field} << 3);
  put_varint(out, value);
}

void put_bytes_head(std::string& out, std::uint32_t field, std::size_t length) {
  put_varint(out, (std::uint64_t{field} << 3) | 2);
  put_varint(out, length);
}

void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
  put_bytes_head(out, field, bytes.size());
  out.append(bytes);
}

std::size_t bytes_field_size(std::uint32_t field, std::size_t length) {
  return varint_size((std::uint64_t{field} << 3) | 2) + varint_size(length) + length;
}

std::size_t begin_message(std::string& out, std::uint32_t field) {
  put_varint(out, (std::uint64_t{field} << 3) | 2);
  out.push_back(0);
  return out.size();
}

void end_message(std::string& out, std::size_t mark) {
  std::size_t length = out.size() - mark;
  if (length < 0x80) {
    out[mark - 1] = static_cast<char>(length);
    return;
  }
  char head[10];
  std::size_t size = 0;
  for (std::size_t rest = length;; rest >>= 7) {
    bool more = rest >= 0x80;
    head[size++] = static_cast<char>((rest & 0x7f) | (more ? 0x80 : 0));
    if (!more) break;
  }
  out[mark - 1] = head[0];
  out.insert(mark, head + 1, size - 1);
}

bool Reader::varint(std::uint64_t* value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    *value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  broken_ = true;
  return false;
}

std::optional<Value> Reader::next() {
  if (rest_.empty() || broken_) return std::nullopt;
  Value value;
  std::uint64_t tag;
  if (!varint(&tag)) return std::nullopt;
  value.field = static_cast<std::uint32_t>(tag >> 3);
  value.type = static_cast<std::uint32_t>(tag & 7);
  std::size_t fixed = value.type == 1 ? 8 : value.type == 5 ? 4 : 0;
  if (value.type == 0) {
    if (!varint(&value.integer)) return std::nullopt;
  } else if (value.type == 2) {
    std::uint64_t length;
    if (!varint(&length)) return std::nullopt;
    if (length > rest_.size()) {
      broken_ = true;
      return std::nullopt;
    }
    value.bytes = rest_.substr(0, length);
    rest_.remove_prefix(length);
  } else if (fixed > 0 && rest_.size() >= fixed) {
    for (std::size_t i = 0; i < fixed; ++i)
      value.integer |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
    rest_.remove_prefix(fixed);
  } else {
    broken_ = true;
    return std::nullopt;
  }
  return value;
}

std::optional<std::string_view> at(std::string_view message, std::initializer_list<std::uint32_t> path) {
  for (std::uint32_t field : path) {
    Reader reader(message);
    bool found = false;
    while (auto value = reader.next()) {
      if (value->field != field || value->type != 2) continue;
      message = value->bytes;
      found = true;
      break;
    }
    if (!found) return std::nullopt;
  }
  return message;
}

}  // namespace fairlead::sandbox::wire
