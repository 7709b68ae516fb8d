#include "identity/token.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "base/digest.h"

namespace fairlead::identity {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kIdAt = 4, kSeparatorAt = 20, kSecretAt = 21, kSize = 64;

std::string any_text() {
  const TokenText token = make_token().value();
  return std::string(token.text.reveal());
}

TEST(Token, IsAPrefixAnIdAndASecret) {
  for (int i = 0; i < 100; ++i) {
    const TokenText token = make_token().value();
    const std::string text(token.text.reveal());
    ASSERT_EQ(text.size(), kSize);
    EXPECT_EQ(text.substr(0, kIdAt), "flt_");
    EXPECT_EQ(text.substr(kIdAt, kSeparatorAt - kIdAt), token.id);
    EXPECT_EQ(token.id.find_first_not_of(kHex), std::string::npos) << token.id;
    EXPECT_EQ(text[kSeparatorAt], '_');
    EXPECT_EQ(text.find_first_not_of(kBase64Url, kSecretAt), std::string::npos);
    EXPECT_EQ(token_id(text), token.id);
  }
}

TEST(Token, NoTwoAreAlike) {
  std::set<std::string> ids, secrets;
  std::vector<std::set<char>> seen(kSize);
  for (int i = 0; i < 1000; ++i) {
    const TokenText token = make_token().value();
    const std::string text(token.text.reveal());
    ASSERT_EQ(text.size(), kSize);
    EXPECT_TRUE(ids.insert(token.id).second);
    EXPECT_TRUE(secrets.insert(text.substr(kSecretAt)).second);
    for (std::size_t at = 0; at < kSize; ++at) seen[at].insert(text[at]);
  }
  for (std::size_t at = kIdAt; at < kSize; ++at) {
    if (at == kSeparatorAt) continue;
    EXPECT_GE(seen[at].size(), 16u) << "character " << at;
  }
}

TEST(TokenId, OfATextWithOneOtherCharacter) {
  const std::string text = any_text();
  const std::string id = token_id(text).value();
  for (std::size_t at = 0; at < kSecretAt; ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string other = text;
      other[at] = static_cast<char>(byte);
      if (other == text) continue;
      const bool another_id = at >= kIdAt && at < kSeparatorAt && kHex.find(other[at]) != std::string_view::npos;
      const auto found = token_id(other);
      ASSERT_EQ(found.has_value(), another_id) << "byte " << byte << " at " << at;
      if (another_id) {
        EXPECT_EQ(*found, other.substr(kIdAt, kSeparatorAt - kIdAt));
        EXPECT_NE(*found, id);
      }
    }
}

TEST(TokenId, OfATextOfAnotherLength) {
  const std::string text = any_text();
  for (std::size_t size = 0; size < kSize; ++size) {
    EXPECT_FALSE(token_id(text.substr(0, size))) << size;
    EXPECT_FALSE(token_id(text.substr(kSize - size))) << size;
  }
  for (std::size_t at = 0; at <= kSize; ++at) {
    std::string other = text;
    other.insert(at, 1, at < kSecretAt ? '0' : 'A');
    EXPECT_FALSE(token_id(other)) << at;
    if (at < kSize) { EXPECT_FALSE(token_id(std::string(text).erase(at, 1))) << at; }
  }
  for (const std::string& other : {" " + text, text + " ", text + "\n", text + "=", text + std::string(1, '\0'),
                                   "Bearer " + text, text + text, std::string(kSize, 'a')})
    EXPECT_FALSE(token_id(other)) << other.size();
}

TEST(IsToken, TrueOfTheDigestOfTheTextAlone) {
  EXPECT_EQ(token_digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string text = any_text();
  const std::string digest = token_digest(text);
  EXPECT_EQ(digest, sha256_hex(text));
  EXPECT_TRUE(is_token(digest, text));
  EXPECT_FALSE(is_token("", text));
  EXPECT_FALSE(is_token(digest, ""));
  EXPECT_FALSE(is_token(text, text));
  EXPECT_FALSE(is_token(digest, digest));
  EXPECT_FALSE(is_token(digest + "0", text));
  EXPECT_FALSE(is_token(digest, text + " "));
  EXPECT_FALSE(is_token(digest, any_text()));
  for (std::size_t at = 0; at < digest.size(); ++at) {
    std::string other = digest;
    other[at] = other[at] == '0' ? '1' : '0';
    EXPECT_FALSE(is_token(other, text)) << at;
    EXPECT_FALSE(is_token(digest.substr(0, at), text)) << at;
  }
}

TEST(IsToken, FalseOfATextWithOneOtherCharacter) {
  const std::string text = any_text();
  const std::string digest = token_digest(text);
  std::mt19937 random(7);
  for (int i = 0; i < 10'000; ++i) {
    std::string other = text;
    other[random() % kSize] ^= static_cast<char>(1 + random() % 255);
    ASSERT_NE(other, text);
    ASSERT_FALSE(is_token(digest, other)) << "mutation " << i;
  }
  EXPECT_TRUE(is_token(digest, text));
}

}  // namespace
}  // namespace fairlead::identity
