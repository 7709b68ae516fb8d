#include "base/similar.h"

#include <gmock/gmock.h>

namespace fairlead {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kNames{"list_pods",        "get_pod",     "list_nodes",   "describe_pod",
                                      "scale_deployment", "cordon_node", "uncordon_node"};

TEST(SimilarNames, NearestFirst) {
  EXPECT_EQ(similar_names("list_pod", kNames).at(0), "list_pods");
  EXPECT_EQ(similar_names("lits_pods", kNames).at(0), "list_pods");
  EXPECT_EQ(similar_names("scale_deploymnet", kNames).at(0), "scale_deployment");
  EXPECT_EQ(similar_names("deployment", kNames).at(0), "scale_deployment");
  EXPECT_THAT(similar_names("cordon_node", kNames), ElementsAre("cordon_node", "uncordon_node"));
}

TEST(SimilarNames, NothingNear) {
  EXPECT_THAT(similar_names("exec_anything_at_all", kNames), IsEmpty());
  EXPECT_THAT(similar_names("x", {}), IsEmpty());
  EXPECT_THAT(similar_names("", kNames), IsEmpty());
}

TEST(SimilarNames, AtMostThree) { EXPECT_EQ(similar_names("aaa", {"aab", "aac", "aad", "aae"}).size(), 3u); }

TEST(SimilarNames, TakesAnyLength) {
  const std::string longest(1 << 20, 'x');
  EXPECT_THAT(similar_names(longest, kNames), IsEmpty());
  EXPECT_EQ(similar_names("list_pods", {longest, "list_pods"}), std::vector<std::string>{"list_pods"});
}

}  // namespace
}  // namespace fairlead
