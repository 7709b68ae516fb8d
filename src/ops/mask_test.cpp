#include "ops/mask.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "ops/render.h"

namespace fairlead::ops {
namespace {

const std::vector<Secret> kTokens{Secret(std::string("own-token-0815"))};
const Mask kMask{&kTokens, nullptr};
const std::string kMasked(14, '*');
const std::string kDecorated = "own-\u200btok\x1b[0men-0815";

TEST(Mask, EveryKindOfReply) {
  Table table;
  table.columns = {{"name"}, {"images", CellType::list}};
  table.rows.begin_row();
  table.rows.text("x own-token-0815 y");
  table.rows.begin_list();
  table.rows.list_item("own-token-0815");
  table.rows.list_item("other");
  Reply rows{std::move(table), {"a note with own-token-0815"}};
  kMask.apply(rows);
  const Rows& masked = std::get<Table>(rows.body).rows;
  EXPECT_EQ(masked.cell(0, 0), "x " + kMasked + " y");
  EXPECT_THAT(masked.items(0, 1), testing::ElementsAre(kMasked, "other"));
  EXPECT_EQ(rows.notes[0], "a note with " + kMasked);

  Reply document{
      Document{{{"a", {"b own-token-0815own-token-0815"}}, {"own-token-0815", 1}}, {{"c", "own-token-0815"}}}, {}};
  kMask.apply(document);
  EXPECT_EQ(std::get<Document>(document.body).value, (json::value{{"a", {"b " + kMasked + kMasked}}, {kMasked, 1}}));
  EXPECT_EQ(std::get<Document>(document.body).brief, (json::value{{"c", kMasked}}));

  Reply text{Text{"log own-token-0815\n"}, {}};
  kMask.apply(text);
  EXPECT_EQ(std::get<Text>(text.body).text, "log " + kMasked + "\n");
}

TEST(Mask, WhateverWayItIsWritten) {
  for (std::size_t before = 0; before < 3; ++before) {
    std::string said = base64_encode(std::string(before, 'x') + "own-token-0815, and more");
    kMask.apply(said);
    EXPECT_THAT(said, testing::HasSubstr("****************")) << said;
    EXPECT_FALSE(base64_decode(said)) << "nothing is left to decode";
  }
  for (std::string said : {"6f776e2d746f6b656e2d30383135", "6F776E2D746F6B656E2D30383135", "OWN-TOKEN-0815",
                           "own-to\n  ken-0815", "own-\r\ntoken\n-0815"}) {
    kMask.apply(said);
    EXPECT_THAT(said, testing::MatchesRegex("[* \r\n]+"));
  }
  std::string other = "own-to and ken-0815";
  kMask.apply(other);
  EXPECT_EQ(other, "own-to and ken-0815");
}

TEST(Mask, ErrorsAndShortOnes) {
  Error error{ErrorCode::server_error, "s", "c", "r", nullptr, "said own-token-0815"};
  kMask.apply(error);
  EXPECT_EQ(error.foreign, "said " + kMasked);
  error.foreign = "said " + kDecorated;
  kMask.apply(error);
  EXPECT_EQ(error.foreign, "said " + kMasked);
  Reply text{Text{"a short word"}, {}};
  const std::vector<Secret> none{Secret(std::string("short")), Secret()};
  Mask({&none}).apply(text);
  EXPECT_EQ(std::get<Text>(text.body).text, "a short word");
}

TEST(Mask, WhereNobodySeesWhatStandsInsideThem) {
  Table table;
  table.rows.begin_row();
  table.rows.text("x " + kDecorated + " y");
  table.rows.begin_list();
  table.rows.list_item("é");
  table.rows.list_item(kDecorated);
  table.rows.text("after \u200b");
  Reply rows{std::move(table), {"note " + kDecorated}};
  kMask.apply(rows);
  const Rows& masked = std::get<Table>(rows.body).rows;
  EXPECT_EQ(masked.cell(0, 0), "x " + kMasked + " y");
  EXPECT_THAT(masked.items(0, 1), testing::ElementsAre("é", kMasked));
  EXPECT_EQ(masked.cell(0, 2), "after \u200b");
  EXPECT_EQ(rows.notes[0], "note " + kMasked);

  Reply document{Document{{{"a", {"b " + kDecorated}}, {kDecorated, 1}}, {{"c", kDecorated}}}, {}};
  kMask.apply(document);
  EXPECT_EQ(std::get<Document>(document.body).value, (json::value{{"a", {"b " + kMasked}}, {kMasked, 1}}));
  EXPECT_EQ(std::get<Document>(document.body).brief, (json::value{{"c", kMasked}}));

  Reply text{Text{"log " + kDecorated + " own-token-0815\n"}, {}};
  kMask.apply(text);
  EXPECT_EQ(std::get<Text>(text.body).text, "log " + kMasked + " " + kMasked + "\n");
}

}  // namespace
}  // namespace fairlead::ops
