#include "ops/list.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/text.h"
#include "ops/render.h"
#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Row {
  int rank;
  std::string ns, name;
  std::uint32_t tie = 0;
};

class Arrange : public ::testing::Test {
 protected:
  Arrange() {
    operation.name = "list_things";
    operation.parameters = list_parameters(true);
    operation.columns = {{"namespace", CellType::text, false, ""},
                         {"name", CellType::text, false, ""},
                         {"owner", CellType::text, true, ""}};
  }

  Result<Reply> arrange_rows(const std::vector<Row>& rows, json::object given = {}, const Operation* other = nullptr) {
    Rows out;
    for (const auto& row : rows) {
      out.begin_row(row.rank, row.tie);
      out.text(row.ns);
      out.text(row.name);
      out.empty();
    }
    const Operation& used = other ? *other : operation;
    auto arguments = Arguments::validate(given, used.parameters, used.name);
    if (!arguments) return fail(std::move(arguments.error()));
    Call call{used, world.api.client(), *arguments, world.clock, Deadline(), "default", "", false, nullptr, &known};
    return arrange(call, std::move(out), "things");
  }

  static std::vector<std::string> shown(const Reply& reply) {
    const auto& table = std::get<Table>(reply.body);
    std::vector<std::string> out;
    for (auto row : table.order)
      out.push_back(std::string(table.rows.cell(row, 0)) + "/" + std::string(table.rows.cell(row, 1)) +
                    (table.rows.tie(row) ? "#" + std::to_string(table.rows.tie(row)) : ""));
    return out;
  }
  static const Table& table(const Result<Reply>& reply) { return std::get<Table>(reply->body); }

  // The rows that a reader sees who goes from page to page, a row each; `cursors`: with which.
  std::vector<std::string> walk(const std::vector<Row>& rows, std::string* cursors) {
    std::vector<std::string> seen;
    json::object given{{"limit", 1}};
    for (std::size_t page = 0; page <= rows.size(); ++page) {
      auto reply = arrange_rows(rows, given);
      if (!reply) return {reply.error().sentence()};
      for (auto& row : shown(*reply)) seen.push_back(std::move(row));
      if (table(reply).continuation.empty()) break;
      given["cursor"] = table(reply).continuation;
      *cursors += base64_decode(table(reply).continuation).value() + "\n";
    }
    return seen;
  }

  testing::World world{{}};
  Operation operation;
  std::vector<Secret> known;
};

TEST_F(Arrange, ProblemsFirstThenByName) {
  auto reply = arrange_rows({{3, "b", "x"}, {0, "z", "z"}, {3, "a", "y"}, {3, "a", "x"}, {0, "z", "a"}});
  ASSERT_TRUE(reply);
  EXPECT_THAT(shown(*reply), ElementsAre("z/a", "z/z", "a/x", "a/y", "b/x"));
  EXPECT_EQ(table(reply).total, 5u);
  EXPECT_EQ(table(reply).more, 0u);
  EXPECT_EQ(table(reply).continuation, "");
}

TEST_F(Arrange, Limit) {
  auto reply = arrange_rows({{0, "a", "1"}, {0, "a", "2"}, {0, "a", "3"}}, {{"limit", 2}});
  EXPECT_THAT(shown(*reply), ElementsAre("a/1", "a/2"));
  EXPECT_EQ(table(reply).total, 3u);
  EXPECT_EQ(table(reply).more, 1u);
  EXPECT_FALSE(table(reply).continuation.empty());
  EXPECT_TRUE(table(arrange_rows({{0, "a", "1"}}, {{"limit", 1}})).continuation.empty());
}

// Rows that come and go while somebody walks from page to page don't matter to the others.
TEST_F(Arrange, AWalkVisitsEachRowOnce) {
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    std::vector<Row> rows;
    for (int i = 0; i < 40; ++i)
      rows.push_back(
          {static_cast<int>(random() % 3) - 1, "n" + std::to_string(random() % 3), "p" + std::to_string(i), 0});
    for (std::uint32_t i = 1; i < 10; ++i) rows.push_back({0, "n1", "same", i});
    std::vector<std::string> seen;
    std::set<std::string> gone, come;
    json::object given{{"limit", 1 + static_cast<int>(random() % 7)}};
    for (int page = 0; page < 200; ++page) {
      std::shuffle(rows.begin(), rows.end(), random);
      auto reply = arrange_rows(rows, given);
      ASSERT_TRUE(reply);
      auto names = shown(*reply);
      seen.insert(seen.end(), names.begin(), names.end());
      if (table(reply).continuation.empty()) break;
      given["cursor"] = table(reply).continuation;
      if (random() % 2 && rows.size() > 5) {
        auto& last = rows.back();
        gone.insert(last.ns + "/" + last.name + (last.tie ? "#" + std::to_string(last.tie) : ""));
        rows.pop_back();
      }
      std::string fresh = "new" + std::to_string(page);
      rows.push_back({static_cast<int>(random() % 3) - 1, "n2", fresh, 0});
      come.insert("n2/" + fresh);
    }
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size()) << "a row came twice";
    for (const auto& row : rows) {
      std::string name = row.ns + "/" + row.name + (row.tie ? "#" + std::to_string(row.tie) : "");
      if (!come.count(name)) { EXPECT_THAT(seen, ::testing::Contains(name)); }
    }
  }
}

TEST_F(Arrange, OddCellsMakeShortCursors) {
  const std::string longest(100000, 'x');
  auto reply = arrange_rows({{0, longest, longest}, {0, "y", "z"}}, {{"limit", 1}});
  ASSERT_TRUE(reply);
  EXPECT_LT(table(reply).continuation.size(), 2048u);
  auto next =
      arrange_rows({{0, longest, longest}, {0, "y", "z"}}, {{"limit", 1}, {"cursor", table(reply).continuation}});
  ASSERT_TRUE(next);
  EXPECT_THAT(shown(*next), ElementsAre("y/z"));
}

// Whoever writes into a cluster chooses names; a cursor is base64 of them, which no reader of texts sees through.
TEST_F(Arrange, NoCredentialInACursor) {
  known.emplace_back(std::string("own-token-0815"));
  std::string cursors;
  EXPECT_THAT(walk({{0, "a", "x-own-token-0815"},
                    {0, "a", "x-own-\u200btoken-0815"},
                    {0, "a", "x-a"},
                    {0, "a", "x-z"},
                    {0, "own-token-0815", "x"}},
                   &cursors),
              ElementsAre("**************/x", "a/x-**************", "a/x-**************#1", "a/x-a", "a/x-z"));
  EXPECT_THAT(cursors, ::testing::Not(HasSubstr("own-token")));
  cursors.clear();
  const std::string key = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
  EXPECT_THAT(walk({{0, "a", "m"}, {0, "a", key}, {0, "a", key + "6"}, {0, "a", "0"}, {0, "a", "z"}}, &cursors),
              ElementsAre("a/0", "a/<redacted>", "a/<redacted>#1", "a/m", "a/z"));
  EXPECT_THAT(cursors, ::testing::Not(HasSubstr("ghp_")));
}

TEST_F(Arrange, ForeignAndMangledCursors) {
  const std::vector<Row> rows{{0, "a", "1"}, {0, "a", "2"}};
  const std::string good = table(arrange_rows(rows, {{"limit", 1}})).continuation;
  EXPECT_TRUE(arrange_rows(rows, {{"cursor", good}}));
  EXPECT_TRUE(arrange_rows(rows, {{"cursor", good}, {"limit", 5}, {"format", "json"}}))
      << "how much and how is no matter";
  auto refused = [&](json::object given, const Operation* other = nullptr) {
    auto reply = arrange_rows(rows, std::move(given), other);
    return !reply && reply.error().code == ErrorCode::invalid_request &&
           reply.error().cause.find("cursor") != std::string::npos;
  };
  Operation other = operation;
  other.name = "list_others";
  EXPECT_TRUE(refused({{"cursor", good}}, &other));
  EXPECT_TRUE(refused({{"cursor", good}, {"namespace", "a"}}));
  EXPECT_TRUE(refused({{"cursor", good}, {"label_selector", "x"}}));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string mangled = good;
    mangled[i] = mangled[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(refused({{"cursor", mangled}})) << i;
    EXPECT_TRUE(refused({{"cursor", good.substr(0, i)}}) || i == 0) << i;
  }
  for (std::string text :
       {std::string("x"), std::string("!!!"), std::string(60000, 'a'), base64_encode("0\n0\n0\na\n1"),
        base64_encode("\n\n\n\n"), base64_encode("1\n2\n3\n4\n5\n6"), good + "\n", good + good})
    EXPECT_TRUE(refused({{"cursor", text}})) << text.substr(0, 50);
}

TEST_F(Arrange, Columns) {
  auto reply = arrange_rows({{0, "a", "1"}}, {{"columns", {"owner", "name"}}});
  EXPECT_THAT(table(reply).chosen, ElementsAre(2, 1));
  reply = arrange_rows({{0, "a", "1"}}, {{"columns", {"nmae\x1b"}}});
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().sentence(), HasSubstr("'nmae\\x1B'"));
  EXPECT_THAT(reply.error().remedy, HasSubstr("namespace, name, owner"));
}

TEST(Columns, AreNamedOnce) {
  testing::World world({{"GET /api/v1/namespaces", testing::list("v1", "NamespaceList", {})}});
  EXPECT_THAT(world.text("list_namespaces", R"({"columns":["name","name"]})"),
              ::testing::StartsWith("invalid_request: list_namespaces: a column is asked for twice"));
}

TEST(Rows, CellsOfEveryKind) {
  Rows rows;
  rows.begin_row(-5, 9);
  rows.text("a");
  rows.text("Kind", "/", "name");
  rows.ratio(1, 2);
  rows.integer(INT64_MIN);
  rows.time(INT64_MAX);
  rows.time_or_empty(std::nullopt);
  rows.flag(true);
  rows.begin_list();
  rows.list_item("x");
  rows.list_item("y");
  rows.begin_list();
  rows.text("");
  EXPECT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows.rank(0), -5);
  EXPECT_EQ(rows.tie(0), 9u);
  EXPECT_EQ(rows.cell(0, 0), "a");
  EXPECT_EQ(rows.cell(0, 1), "Kind/name");
  EXPECT_EQ(rows.cell(0, 2), "1/2");
  EXPECT_EQ(rows.cell(0, 3), "-9223372036854775808");
  EXPECT_EQ(rows.cell(0, 4), "253402300799");
  EXPECT_TRUE(rows.is_empty(0, 5));
  EXPECT_EQ(rows.cell(0, 6), "true");
  EXPECT_THAT(rows.items(0, 7), ElementsAre("x", "y"));
  EXPECT_FALSE(rows.is_empty(0, 8));
  EXPECT_TRUE(rows.items(0, 8).empty());
  EXPECT_TRUE(rows.is_empty(0, 9));
}

TEST(Rows, HoldNoMoreThanTheyCanPointTo) {
  for (int how = 0; how < 3; ++how) {
    Rows rows(40);
    rows.begin_row();
    rows.text(std::string(30, 'a'));
    rows.begin_list();
    EXPECT_FALSE(rows.full());
    if (how == 0) rows.text(std::string(20, 'b'));
    if (how == 1) rows.text("12345", "/", "67890");
    if (how == 2) rows.list_item("123456789");
    EXPECT_TRUE(rows.full());
    EXPECT_EQ(rows.cell(0, 0), std::string(30, 'a'));
    EXPECT_EQ(rows.cell(0, 1), "");
  }
}

TEST_F(Arrange, MoreTextThanRowsHoldIsAnError) {
  Rows rows(40);
  rows.begin_row();
  rows.text(std::string(50, 'x'));
  rows.text("y");
  rows.empty();
  auto arguments = Arguments::validate({}, operation.parameters, operation.name);
  auto reply = arrange(operation, *arguments, "", std::move(rows), "things");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().sentence(),
            "list_things: the rows have more than 1 GiB of text. Narrow it by namespace or label_selector.");
}

TEST(Rows, CutsWhatHasNoBounds) {
  Rows rows;
  rows.begin_row();
  rows.text(std::string(100000, 'x'));
  rows.text(std::string(100000, 'x'), "/", "y");
  rows.begin_list();
  for (int i = 0; i < 100000; ++i) rows.list_item("item");
  rows.text("after");
  EXPECT_EQ(rows.cell(0, 0).size(), 16u << 10);
  EXPECT_TRUE(rows.cell(0, 0).ends_with("x…"));
  EXPECT_EQ(rows.cell(0, 1).size(), 16u << 10);
  EXPECT_LT(rows.cell(0, 2).size(), 17u << 10);
  EXPECT_EQ(rows.items(0, 2).back(), "…");
  EXPECT_EQ(rows.cell(0, 3), "after");
}

}  // namespace
}  // namespace fairlead::ops
