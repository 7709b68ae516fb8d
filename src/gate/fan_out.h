// One READ asked of several clusters: which they are, and their answers as one. The gate runs it.
#pragma once

#include "gate/gate.h"

namespace fairlead::gate {

inline constexpr std::string_view kAllClusters = "*";
inline constexpr std::size_t kClustersAtOnce = 8;

// The ids, each once; "*" alone stands for all that may be chosen. One that is not known or not allowed fails the whole
// as Clusters::find() says it, before any cluster is asked.
awaitable<Result<std::vector<std::string>>> choose_clusters(Clusters& clusters, std::vector<std::string> asked,
                                                            std::string_view operation);

struct ClusterAnswer {
  std::string cluster;
  Result<ops::Reply> reply;
};

// Lists become one with a first column `cluster`, documents and logs become one document keyed by cluster. A cluster
// that failed is told in a note, in our words alone; if all did, the error names each. Pure.
Result<ops::Reply> merge_answers(const ops::Operation& operation, const ops::Arguments& arguments,
                                 std::vector<ClusterAnswer> answers);

}  // namespace fairlead::gate
