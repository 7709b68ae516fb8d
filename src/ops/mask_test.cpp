#include "ops/mask.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "ops/render.h"

namespace fairlead::ops {
namespace {

const Secret kToken(std::string("own-token-0815"));
const std::string kMasked(kToken.reveal().size(), '*');

TEST(Mask, EveryKindOfReply) {
  Table table;
  table.columns = {{"name"}, {"images", CellType::list}};
  table.rows.begin_row();
  table.rows.text("x own-token-0815 y");
  table.rows.begin_list();
  table.rows.list_item("own-token-0815");
  table.rows.list_item("other");
  Reply rows{std::move(table), {"a note with own-token-0815"}};
  mask(rows, kToken);
  const Rows& masked = std::get<Table>(rows.body).rows;
  EXPECT_EQ(masked.cell(0, 0), "x " + kMasked + " y");
  EXPECT_THAT(masked.items(0, 1), testing::ElementsAre(kMasked, "other"));
  EXPECT_EQ(rows.notes[0], "a note with " + kMasked);

  Reply document{
      Document{{{"a", {"b own-token-0815own-token-0815"}}, {"own-token-0815", 1}}, {{"c", "own-token-0815"}}}, {}};
  mask(document, kToken);
  EXPECT_EQ(std::get<Document>(document.body).value, (json::value{{"a", {"b " + kMasked + kMasked}}, {kMasked, 1}}));
  EXPECT_EQ(std::get<Document>(document.body).brief, (json::value{{"c", kMasked}}));

  Reply text{Text{"log own-token-0815\n"}, {}};
  mask(text, kToken);
  EXPECT_EQ(std::get<Text>(text.body).text, "log " + kMasked + "\n");
}

TEST(Mask, WhateverWayItIsWritten) {
  for (std::size_t before = 0; before < 3; ++before) {
    std::string said = base64_encode(std::string(before, 'x') + "own-token-0815, and more");
    mask(said, kToken);
    EXPECT_THAT(said, testing::HasSubstr("****************")) << said;
    EXPECT_FALSE(base64_decode(said)) << "nothing is left to decode";
  }
  for (std::string said : {"6f776e2d746f6b656e2d30383135", "6F776E2D746F6B656E2D30383135", "OWN-TOKEN-0815",
                           "own-to\n  ken-0815", "own-\r\ntoken\n-0815"}) {
    mask(said, kToken);
    EXPECT_THAT(said, testing::MatchesRegex("[* \r\n]+"));
  }
  std::string other = "own-to and ken-0815";
  mask(other, kToken);
  EXPECT_EQ(other, "own-to and ken-0815");
}

TEST(Mask, ErrorsAndShortOnes) {
  Error error{ErrorCode::server_error, "s", "c", "r", nullptr, "said own-token-0815"};
  mask(error, kToken);
  EXPECT_EQ(error.foreign, "said " + kMasked);
  error.foreign = "said own-\u200btok\x1b[0men-0815";
  mask(error, kToken);
  EXPECT_EQ(error.foreign, "said " + kMasked);
  Reply text{Text{"a short word"}, {}};
  mask(text, Secret(std::string("short")));
  mask(text, Secret());
  EXPECT_EQ(std::get<Text>(text.body).text, "a short word");
}

}  // namespace
}  // namespace fairlead::ops
