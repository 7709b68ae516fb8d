#include "redact/encoded.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "base/text.h"
#include "redact/lines.h"
#include "redact/redact.h"

namespace fairlead::redact {
namespace {

std::string packed(std::string_view text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()), text.size());
  out.resize(size);
  return out;
}

std::string hex(std::string_view text) {
  std::string out;
  for (char c : text) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[c & 15];
  }
  return out;
}

std::string wrapped(std::string text, std::size_t width) {
  for (std::size_t at = width; at < text.size(); at += width + 1) text.insert(at, "\n");
  return text;
}

const std::string kConfig = "redis:\n  host: redis.example\n  password: hunter2x\n";

TEST(Encoded, CredentialsGo) {
  for (const std::string& token :
       {base64_encode(kConfig), hex(kConfig), hex("password=hunter2"), base64_encode(base64_encode(kConfig)),
        base64_encode(packed(kConfig)), base64_encode(packed(base64_encode(packed(kConfig)))),
        wrapped(base64_encode(kConfig + kConfig), 60),
        base64_encode("users:\n- name: ann\n  user:\n    token: abcdef\n"),
        base64_encode(packed(std::string(1 << 20, 'a')))})
    EXPECT_EQ(text("a=" + token + " b"), "a=<redacted> b") << token;
  // A private key without a title, in DER.
  const std::string key = std::string("\x30\x82\x04\xbd\x02\x01\x00\x30\x0d", 9) + std::string(80, '\xA7');
  EXPECT_EQ(text("x " + base64_encode(key)), "x <redacted>");
  EXPECT_EQ(text(base64_encode(kConfig) + "\nPASSWORD = \"hunter2\""), "<redacted>\nPASSWORD = \"<redacted>\"");
  EXPECT_EQ(text_by_lines("x\n" + wrapped(base64_encode(kConfig), 40) + "\nend"), "x\n<redacted>\n\nend");
}

TEST(Encoded, OthersStay) {
  for (const std::string& token :
       {base64_encode("redis:\n  host: redis.example\n  port: 6379\n  password: $(REDIS_PASSWORD)\n"),
        hex("0123456789abcdef0123456789abcdef"), base64_encode(packed("all is well, all is well")),
        base64_encode(std::string("\x30\x82\x04\xbd\x30\x82\x03\xa5\xa0\x03", 10) + std::string(80, '\xA7')),
        std::string("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        std::string("a-name-that-is-long-and-says-password-somewhere-in-it")})
    EXPECT_EQ(text("a " + token + " b"), "a " + token + " b");
}

}  // namespace
}  // namespace fairlead::redact
