#include "vault/envelope.h"

#include <gtest/gtest.h>

namespace fairlead::vault {
namespace {

Sealer sealer(char fill) { return *Sealer::with_key(Secret(std::string(32, fill))); }

TEST(Envelope, OpensForItsRecordAlone) {
  const Sealer master = sealer('k');
  const std::string sealed = *seal_envelope(master, Secret("apiVersion: v1"), "cluster a credential 1");
  EXPECT_EQ(sealed.find("apiVersion"), std::string::npos);
  EXPECT_EQ(open_envelope(master, sealed, "cluster a credential 1")->reveal(), "apiVersion: v1");
  for (const char* other : {"cluster b credential 1", "cluster a credential 2", ""}) {
    auto opened = open_envelope(master, sealed, other);
    ASSERT_FALSE(opened) << other;
    EXPECT_EQ(opened.error().code, ErrorCode::server_error);
  }
}

TEST(Envelope, HasADataKeyOfItsOwn) {
  const Sealer master = sealer('k');
  const std::string a = *seal_envelope(master, Secret("x"), "a"), b = *seal_envelope(master, Secret("x"), "a");
  EXPECT_NE(a, b);
  // One's data key before the other's text.
  EXPECT_FALSE(open_envelope(master, a.substr(0, 66) + b.substr(66), "a"));
}

TEST(Envelope, TellsOfAnotherKey) {
  const std::string sealed = *seal_envelope(sealer('k'), Secret("x"), "a");
  auto opened = open_envelope(sealer('o'), sealed, "a");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().cause.find("another key"), std::string::npos);
}

TEST(Envelope, NoByteOfItMayChange) {
  const Sealer master = sealer('k');
  const std::string sealed = *seal_envelope(master, Secret("text"), "a");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string other = sealed;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(open_envelope(master, other, "a")) << i;
    EXPECT_FALSE(open_envelope(master, sealed.substr(0, i), "a")) << i;
  }
}

}  // namespace
}  // namespace fairlead::vault
