#include "ops/fold.h"

#include <gtest/gtest.h>

namespace fairlead::ops {
namespace {

struct Pod {
  int rank;
  std::string ns, name, ready, status;
  std::int64_t restarts, created;
  std::string node, owner;
};

Rows rows_of(const std::vector<Pod>& pods) {
  Rows rows;
  for (const auto& pod : pods) {
    rows.begin_row(pod.rank);
    rows.text(pod.ns);
    rows.text(pod.name);
    rows.text(pod.ready);
    rows.text(pod.status);
    rows.integer(pod.restarts);
    rows.time_or_empty(pod.restarts > 0 ? std::optional<std::int64_t>(pod.created + 5) : std::nullopt);
    rows.time(pod.created);
    rows.text(pod.node);
    rows.text("");
    rows.text(pod.owner);
    rows.begin_list();
    rows.list_item("app");
    rows.list_item("proxy");
    rows.text("100m");
    rows.text("");
    rows.text("");
  }
  return rows;
}

std::string line(const Rows& rows, std::size_t row) {
  std::string out;
  for (std::size_t column = 0; column < 14; ++column)
    out += (column ? "|" : "") +
           (column == 10 ? std::to_string(rows.items(row, column).size()) : std::string(rows.cell(row, column)));
  return out;
}

constexpr int kHealthy = 8;

TEST(FoldPods, HealthyOnesOfOneOwnerBecomeOneRow) {
  auto folded = fold_pods(rows_of({
                              {1, "shop", "web-1-a", "0/1", "CrashLoopBackOff", 7, 100, "n1", "ReplicaSet/web-1"},
                              {8, "shop", "web-1-b", "1/1", "Running", 1, 200, "n1", "ReplicaSet/web-1"},
                              {8, "shop", "web-1-c", "1/1", "Running", 2, 150, "n2", "ReplicaSet/web-1"},
                              {8, "shop", "alone", "1/1", "Running", 0, 100, "n1", ""},
                              {8, "shop", "also-alone", "1/1", "Running", 0, 100, "n1", ""},
                              {8, "prod", "web-1-d", "1/1", "Running", 0, 100, "n1", "ReplicaSet/web-1"},
                              {8, "shop", "db-0", "2/2", "Running", 0, 100, "n3", "StatefulSet/db"},
                              {8, "shop", "db-1", "2/2", "Running", 0, 100, "n3", "StatefulSet/db"},
                          }),
                          kHealthy);
  ASSERT_EQ(folded.rows.size(), 6u);
  EXPECT_EQ(folded.pods, 4u);
  EXPECT_EQ(folded.groups, 2u);
  EXPECT_EQ(line(folded.rows, 0), "shop|web-1-a|0/1|CrashLoopBackOff|7|105|100|n1||ReplicaSet/web-1|2|100m||");
  EXPECT_EQ(line(folded.rows, 1), "shop|web-1-*|1/1|2xRunning|3|205|150|||ReplicaSet/web-1|2|100m||");
  EXPECT_EQ(line(folded.rows, 2), "shop|alone|1/1|Running|0||100|n1|||2|100m||");
  EXPECT_EQ(line(folded.rows, 4), "prod|web-1-d|1/1|Running|0||100|n1||ReplicaSet/web-1|2|100m||");
  EXPECT_EQ(line(folded.rows, 5), "shop|db-*|2/2|2xRunning|0||100|n3||StatefulSet/db|2|100m||");
  EXPECT_EQ(folded.rows.rank(1), 8);
}

TEST(FoldPods, NothingToFold) {
  auto folded = fold_pods(rows_of({{1, "shop", "a", "0/1", "Error", 0, 1, "n", "Job/x"}}), kHealthy);
  EXPECT_EQ(folded.rows.size(), 1u);
  EXPECT_EQ(folded.pods + folded.groups, 0u);
}

}  // namespace
}  // namespace fairlead::ops
