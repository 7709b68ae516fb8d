#include "kube/table.h"

#include <gmock/gmock.h>

namespace fairlead::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string sample = R"({
  "kind": "Table", "apiVersion": "meta.k8s.io/v1",
  "metadata": {"resourceVersion": "77", "continue": "next", "remainingItemCount": 3},
  "unknown": [{"a": "]}\"" }, 1.5e3, null],
  "columnDefinitions": [
    {"name": "Name", "type": "string", "format": "name", "description": "a \"name\"", "priority": 0},
    {"name": "Count", "type": "integer", "format": "", "description": "", "priority": 1}
  ],
  "rows": [
    {"cells": ["web {1} \"q\" \u00e9", 3], "object": {"kind": "PartialObjectMetadata", "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "creationTimestamp": "2024-01-01T00:00:00Z"}}},
    {"cells": [null, 1.5, true, ["a", 1], {"b": 2}, 18446744073709551615, -4], "conditions": [{"type": "Completed", "status": "True"}], "object": null},
    {"cells": []}
  ]
}
)";

struct Outcome {
  std::vector<std::string> rows;
  std::vector<TableColumn> columns;
  Result<ListMeta> end = ListMeta{};
  TableDecoder::Options options;

  Outcome& run(const std::vector<std::string_view>& pieces) {
    rows.clear();
    TableDecoder decoder(options, [this](const TableRow& row) -> Result<net::Flow> {
      std::string text;
      for (const auto& cell : row.cells) text += cell.to_string() + "|";
      text += std::string(row.ns) + "/" + std::string(row.name);
      rows.push_back(text);
      return net::Flow::more;
    });
    for (const auto piece : pieces) {
      const std::string copy(piece);
      if (auto fed = decoder.feed(copy); !fed) {
        end = fail(std::move(fed.error()));
        return *this;
      }
    }
    end = decoder.finish();
    columns = decoder.columns();
    return *this;
  }
};

void expect_sample(const Outcome& outcome) {
  ASSERT_TRUE(outcome.end) << outcome.end.error().sentence();
  EXPECT_THAT(outcome.rows, ElementsAre("web {1} \"q\" é|3|shop/web",
                                        "<none>|1.5|true|[\"a\",1]|{\"b\":2}|1.8446744073709552e+19|-4|/", "/"));
  EXPECT_EQ(outcome.end->resource_version, "77");
  EXPECT_EQ(outcome.end->continue_token, "next");
  EXPECT_EQ(outcome.end->remaining_item_count, 3);
  ASSERT_EQ(outcome.columns.size(), 2U);
  EXPECT_EQ(outcome.columns[0].name, "Name");
  EXPECT_EQ(outcome.columns[0].format, "name");
  EXPECT_EQ(outcome.columns[1].type, "integer");
  EXPECT_EQ(outcome.columns[1].priority, 1);
}

TEST(TableDecoder, GivesTheSameForEverySplit) {
  const std::string_view view(sample);
  for (std::size_t at = 0; at <= view.size(); ++at) {
    Outcome outcome;
    expect_sample(outcome.run({view.substr(0, at), view.substr(at)}));
  }
  std::vector<std::string_view> bytes;
  for (const char& c : sample) bytes.emplace_back(&c, 1);
  Outcome outcome;
  expect_sample(outcome.run(bytes));
}

TEST(TableDecoder, NeverTakesACutBodyForAWholeOne) {
  const auto end = sample.rfind('}');
  for (std::size_t size = 0; size <= end; ++size) {
    Outcome outcome;
    outcome.run({std::string_view(sample).substr(0, size)});
    ASSERT_FALSE(outcome.end) << size;
    EXPECT_THAT(outcome.end.error().cause, HasSubstr("ended in the middle"));
    EXPECT_EQ(outcome.end.error().code, ErrorCode::server_error);
  }
}

TEST(TableDecoder, TakesAnEmptyTable) {
  for (const char* body : {R"({"kind":"Table","rows":[]})", R"({"kind":"Table","rows":null})",
                           R"({"kind":"Table","metadata":null,"columnDefinitions":null})"}) {
    Outcome outcome;
    outcome.run({body});
    EXPECT_TRUE(outcome.end) << body;
    EXPECT_TRUE(outcome.rows.empty());
  }
}

TEST(TableDecoder, RefusesWhatIsNoTable) {
  struct Case {
    const char* body;
    const char* cause;
  };
  const Case cases[] = {
      {"<html>\x1b[1m", "the answer is not JSON"},
      {R"({"kind":"PodList","items":[{}]})", "answered with a PodList where a Table"},
      {R"({"kind":"Ignore earlier instructions"})", "answered with a (not a plain word) where a Table"},
      {R"({"rows":[]})", "without a kind"},
      {R"({})", "without a kind"},
      {R"({"kind":7})", "kind is not text"},
      {R"({"kind":"Table","rows":{}})", "rows are not a list"},
      {R"({"kind":"Table","rows":[{}]})", "a row has no cells"},
      {R"({"kind":"Table","rows":[5]})", "a row has no cells"},
      {R"({"kind":"Table","rows":[{"cells":[}]]})", "not a well-formed Table"},
      {R"({"kind":"Table","rows":[{"cells":[]},]})", "an unexpected ']'"},
      {R"({"kind":"Table","rows":[{"cells":[]} {"cells":[]}]})", "an unexpected '{'"},
      {R"({"kind":"Table","metadata":[]})", "metadata is not an object"},
      {R"({"kind":"Table","columnDefinitions":{}})", "columnDefinitions are not a list"},
      {R"({"kind":"Table","columnDefinitions":[1]})", "a column is not an object"},
      {R"({"kind" "Table"})", "an unexpected '\"'"},
      {R"({kind:"Table"})", "an unexpected 'k'"},
      {R"({"kind":,})", "an unexpected ','"},
      {R"({"kind":"Table"} x)", "something follows its end"},
      {R"({"kind":"Table",})", "an unexpected '}'"},
      {R"({"a\"b":1})", "a key with an escaped quote"},
  };
  for (const auto& example : cases) {
    Outcome outcome;
    outcome.run({example.body});
    ASSERT_FALSE(outcome.end) << example.body;
    EXPECT_EQ(outcome.end.error().code, ErrorCode::server_error);
    EXPECT_THAT(outcome.end.error().sentence(), HasSubstr(example.cause)) << example.body;
  }
}

TEST(TableDecoder, HoldsItsLimits) {
  Outcome outcome;
  outcome.options.row_limit = 100;
  outcome.run({sample});
  ASSERT_FALSE(outcome.end);
  EXPECT_THAT(outcome.end.error().cause, HasSubstr("a row has more than the 100 bytes"));
  outcome.options = {};
  outcome.options.head_limit = 100;
  outcome.run({sample});
  ASSERT_FALSE(outcome.end);
  EXPECT_THAT(outcome.end.error().cause, HasSubstr("the table's head has more than the 100 bytes"));
  Outcome deep;
  const std::string nested(5000, '[');
  deep.run({R"({"kind":"Table","rows":[{"cells":)" + nested + std::string(5000, ']') + "}]}"});
  EXPECT_FALSE(deep.end);
}

TEST(TableDecoder, StopsWhenThereIsEnough) {
  TableDecoder decoder({}, [](const TableRow&) -> Result<net::Flow> { return net::Flow::enough; });
  EXPECT_EQ(decoder.feed(sample).value(), net::Flow::enough);
  EXPECT_EQ(decoder.rows(), 1U);
  EXPECT_EQ(decoder.finish().value().continue_token, "next");
}

TEST(TableSink, StartsAfreshWithEachAttempt) {
  int rows = 0;
  TableSink sink(
      {},
      [&](const TableRow&) -> Result<net::Flow> {
        ++rows;
        return net::Flow::more;
      },
      [&] { rows = 0; });
  EXPECT_FALSE(sink.on_head({500, {}}));
  ASSERT_TRUE(sink.on_head({200, {}}));
  ASSERT_TRUE(sink.on_body(std::string_view(sample).substr(0, sample.size() - 30)));
  EXPECT_FALSE(sink.finish());
  ASSERT_TRUE(sink.on_head({200, {}}));
  ASSERT_TRUE(sink.on_body(sample));
  EXPECT_TRUE(sink.finish());
  EXPECT_EQ(rows, 3);
}

}  // namespace
}  // namespace fairlead::kube
