#include "gate/masked_streams.h"

#include <gtest/gtest.h>

#include <random>

namespace fairlead::gate {
namespace {

const std::vector<Secret>& ours() {
  static const std::vector<Secret> all{Secret("flt_0123456789abcdef"), Secret("eyJhbGciOiJSUzI1NiJ9.abc")};
  return all;
}

std::string shown(std::string_view text, const std::vector<std::size_t>& cuts) {
  MaskedOutput output;
  std::string out;
  for (const std::size_t cut : cuts) {
    out += output.feed(ops::Mask{&ours()}, text.substr(0, std::min(cut, text.size())));
    text.remove_prefix(std::min(cut, text.size()));
  }
  out += output.feed(ops::Mask{&ours()}, text);
  return out + output.finish();
}

// At most its first bytes are shown, wherever it is cut.
TEST(MaskedOutput, ACredentialDoesNotPass) {
  const std::string credential(ours()[0].reveal()), text = "before " + credential + " behind";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    for (std::size_t next = 0; next + cut <= text.size(); ++next) {
      const std::string out = shown(text, {cut, next});
      EXPECT_EQ(out.find(credential.substr(0, MaskedOutput::kShown + 1)), out.npos) << out;
      EXPECT_EQ(out.find(credential.substr(credential.size() - 8)), out.npos) << cut << " " << next << " " << out;
      EXPECT_EQ(out.size(), text.size());
    }
  std::vector<std::size_t> bytes(text.size(), 1);
  EXPECT_EQ(shown(text, bytes), "before flt_012************* behind");
}

TEST(MaskedOutput, AllElseIsUnchanged) {
  std::mt19937 random(3);
  const std::string credential(ours()[1].reveal());
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
      text += credential.substr(0, random() % (credential.size() - 1));  // beginnings that do not go on
      for (std::size_t j = random() % 9; j > 0; --j) text += static_cast<char>(random());
      text += '|';
    }
    std::vector<std::size_t> cuts;
    for (int i = 0; i < 60; ++i) cuts.push_back(random() % 30);
    ASSERT_EQ(shown(text, cuts), text);
  }
}

// A terminal shows what is typed at once, but for what looks very much like one of ours.
TEST(MaskedOutput, HoldsBackNoMoreThanItMust) {
  MaskedOutput output;
  EXPECT_EQ(output.feed(ops::Mask{&ours()}, "$ eyJhbGc"), "$ eyJhbGc");
  EXPECT_EQ(output.feed(ops::Mask{&ours()}, "iO"), "");
  EXPECT_EQ(output.feed(ops::Mask{&ours()}, "x"), "iOx");
  EXPECT_EQ(output.finish(), "");
}

}  // namespace
}  // namespace fairlead::gate
