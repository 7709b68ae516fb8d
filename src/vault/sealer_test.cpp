#include "vault/sealer.h"

#include <gmock/gmock.h>

namespace fairlead::vault {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Sealer sealer(char fill) { return Sealer::with_key(Secret(std::string(32, fill))).value(); }

TEST(Sealer, GivesBackWhatItSealed) {
  const Sealer one = sealer('k');
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(100'000, 'a'), std::string("\0\x01", 2)}) {
    const std::string sealed = one.seal(text, "change 7").value();
    EXPECT_EQ(one.open(sealed, "change 7").value(), text);
    if (text.size() > 3) { EXPECT_THAT(sealed, Not(HasSubstr(text.substr(0, 8)))); }
    EXPECT_NE(one.seal(text, "change 7").value(), sealed) << "a nonce is used once";
  }
}

TEST(Sealer, WhateverIsAlteredIsFound) {
  const Sealer one = sealer('k');
  const std::string sealed = one.seal("replicas: 3", "change 7").value();
  EXPECT_FALSE(one.open(sealed, "change 8"));
  EXPECT_THAT(sealer('x').open(sealed, "change 7").error().cause, HasSubstr("another key"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string other = sealed;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(one.open(other, "change 7")) << i;
    EXPECT_FALSE(one.open(sealed.substr(0, i), "change 7")) << i;
  }
}

}  // namespace
}  // namespace fairlead::vault
