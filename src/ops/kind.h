// Kinds of objects whose list and get operations are alike: each is declared as one value, and its operations, API
// access and columns are made from that.
#pragma once

#include <functional>

#include "kube/message.h"
#include "kube/protobuf_list.h"
#include "ops/operation.h"

namespace fairlead::ops {

struct Kind {
  std::string_view name;  // "Service"
  std::string_view group, plural;
  std::vector<std::string_view> versions;  // newest first: the first one that the server has is used
  bool namespaced = true;
  ParameterType name_type = ParameterType::name;
  std::string_view noun;                   // what a list calls them: "services"
  const kube::Message* message = nullptr;  // what a list takes of each object
  std::vector<Column> columns;
  // Adds one row, begun with its rank.
  void (*add_row)(Rows& rows, const json::value& object, std::int64_t now) = nullptr;
  // What get_ shows of one object, already redacted, unless json or yaml is asked for; null: object_document().
  json::object (*document)(const json::value& object, std::int64_t now) = nullptr;
};

struct KindOperations {
  const Kind& kind;  // must outlive the catalog
  std::string_view family;
  struct One {
    std::string_view name, summary, example;
  } list, get;
};
// Both of each, in this order.
[[gnu::cold]] std::vector<Operation> kind_operations(const std::vector<KindOperations>& kinds);

// The parts, for operations that read such kinds otherwise. A kind that the server has in no version is not_found.
awaitable<Result<kube::ListMeta>> read_kind(Call& call, const Kind& kind, std::string ns, std::string label_selector,
                                            std::string field_selector, std::function<void()> restart,
                                            std::function<void(const json::value&)> each);
// One object as JSON, just as the server sent it.
awaitable<Result<json::value>> read_one(Call& call, const Kind& kind, std::string ns, std::string name);

// Those that have a list and a get, for who reads them otherwise.
extern const Kind kConfigMaps, kSecrets;                                                         // config.cpp
extern const Kind kServiceAccounts, kRoles, kClusterRoles, kRoleBindings, kClusterRoleBindings;  // identity.cpp
extern const Kind kNamespaces;                                                                   // namespaces.cpp
extern const Kind kServices, kIngresses, kNetworkPolicies;                                       // network.cpp
extern const Kind kPersistentVolumeClaims, kPersistentVolumes, kStorageClasses;                  // storage.cpp
extern const Kind kDeployments, kReplicaSets, kStatefulSets, kDaemonSets, kJobs, kCronJobs;      // workloads.cpp

// Columns of nearly every kind.
inline constexpr Column kNamespace{"namespace", CellType::text, false, ""};
inline constexpr Column kName{"name", CellType::text, false, ""};
inline constexpr Column kCreated{"created", CellType::time, false, "When it was created"};

}  // namespace fairlead::ops
