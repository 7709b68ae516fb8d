#include "redact/encoded.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "redact/shapes.h"

namespace fairlead::redact {
namespace {

constexpr std::size_t kShortest = 24;
constexpr std::size_t kUnpacked = 64 << 10;

bool is_base64(char c) { return is_word(c) || c == '+' || c == '/' || c == '-' || c == '_'; }
int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> from_hex(std::string_view token) {
  std::string out;
  if (token.size() % 2 != 0) return std::nullopt;
  for (std::size_t at = 0; at < token.size(); at += 2) {
    const int high = hex_digit(token[at]), low = hex_digit(token[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view token) {
  while (token.ends_with('=')) token.remove_suffix(1);
  if (token.size() % 4 == 1) return std::nullopt;
  std::string plain(token);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  auto bytes = base64_decode(plain);
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

unsigned byte(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

bool is_packed(std::string_view bytes) {
  if (bytes.size() < 8) return false;
  const bool zlib = byte(bytes, 0) == 0x78 && (byte(bytes, 0) * 256 + byte(bytes, 1)) % 31 == 0;
  return zlib || bytes.starts_with("\x1f\x8b\x08");
}

// PKCS #8, PKCS #1 or SEC 1 in DER: a sequence whose first member is a small version.
bool is_private_key(std::string_view bytes) {
  if (bytes.size() < 40 || byte(bytes, 0) != 0x30) return false;
  const std::size_t length = byte(bytes, 1) < 0x80 ? 0 : byte(bytes, 1) - 0x80;
  if (length > 2) return false;
  const std::string_view members = bytes.substr(2 + length);
  if (!members.starts_with(std::string_view("\x02\x01", 2)) || byte(members, 2) > 1) return false;
  const unsigned next = byte(members, 3);
  return next == 0x30 || next == 0x02 || next == 0x04;
}

bool is_text(std::string_view bytes) {
  const auto odd = std::count_if(bytes.begin(), bytes.end(), [](char c) {
    const auto value = static_cast<unsigned char>(c);
    return (value < ' ' && c != '\n' && c != '\r' && c != '\t') || value >= 0x7F;
  });
  return static_cast<std::size_t>(odd) * 8 < bytes.size();
}

// Nothing when it is broken; "" when it is too large.
std::optional<std::string> unpack(std::string_view bytes, Unpacking& unpacking) {
  z_stream stream{};
  constexpr int gzip_too = 15 + 32;
  if (inflateInit2(&stream, gzip_too) != Z_OK) return std::nullopt;
  std::string in(bytes), out(std::min(kUnpacked, unpacking.bytes), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&stream, Z_FINISH);
  const std::size_t size = out.size() - stream.avail_out;
  inflateEnd(&stream);
  unpacking.bytes -= std::min(unpacking.bytes, size);
  if (code == Z_BUF_ERROR && stream.avail_out == 0) return std::string();
  if (code != Z_STREAM_END && size == 0) return std::nullopt;
  out.resize(size);
  return out;
}

bool is_credential(std::string_view bytes, Unpacking unpacking, std::size_t& left) {
  if (is_private_key(bytes)) return true;
  --unpacking.layers;
  std::optional<std::string> unpacked;
  if (is_packed(bytes)) {
    unpacked = unpack(bytes, unpacking);
    left = unpacking.bytes;
    if (unpacked && unpacked->empty()) return true;
    if (unpacked) bytes = *unpacked;
  }
  if (!is_text(bytes)) return false;
  const bool found = holds_a_credential(bytes, unpacking);
  left = unpacking.bytes;
  return found;
}

bool decodes_to_a_credential(std::string_view token, Unpacking& unpacking) {
  if (unpacking.layers <= 0) return false;
  if (const auto bytes = from_hex(token); bytes && is_credential(*bytes, unpacking, unpacking.bytes)) return true;
  const auto bytes = from_base64(token);
  return bytes && is_credential(*bytes, unpacking, unpacking.bytes);
}

std::size_t run_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_base64(text[at])) ++at;
  return at;
}
std::size_t padding_end(std::string_view text, std::size_t at) {
  for (int padding = 0; padding < 2 && at < text.size() && text[at] == '='; ++padding) ++at;
  return at;
}

}  // namespace

Unpacking unpacking_of(std::string_view text) { return {.bytes = (256 << 10) + 8 * text.size()}; }

bool encodes_a_credential(std::string_view token, Unpacking& unpacking) {
  return decodes_to_a_credential(token, unpacking);
}

std::size_t EncodedCredentials::end_of(std::size_t at) {
  if (at < seen_ || unpacking_.layers <= 0) return at;
  const std::size_t run = run_end(text_, at), end = padding_end(text_, run);
  seen_ = run;
  if (run - at < kShortest) return at;
  if (const std::size_t last = at < seen_wrapped_ || end != run ? at : end_of_wrapped(at, run); last > at) return last;
  return decodes_to_a_credential(text_.substr(at, end - at), unpacking_) ? end : at;
}

std::size_t EncodedCredentials::end_of_wrapped(std::size_t at, std::size_t run) {
  // Lines as wide as the first one, and a last one that is not wider.
  std::string token(text_.substr(at, run - at));
  std::size_t last = run;
  for (std::size_t width = run - at; width == run - at;) {
    std::size_t next = last;
    for (std::string_view line_break : {"\r\n", "\n", "\\n"})
      if (next == last && text_.substr(last, line_break.size()) == line_break) next = last + line_break.size();
    if (next == last) break;
    while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\t')) ++next;
    const std::size_t stop = run_end(text_, next), padded = padding_end(text_, stop);
    const bool whole = padded > stop || padded == text_.size() ||
                       std::string_view("\r\n\\\"").find(text_[padded]) != std::string_view::npos;
    if (stop == next || stop - next > width || !whole) break;
    width = stop - next;
    token.append(text_.substr(next, stop - next));
    last = padded;
  }
  seen_wrapped_ = last;
  if (last == run) return at;
  return decodes_to_a_credential(token, unpacking_) ? last : at;
}

}  // namespace fairlead::redact
