// The Tables of the families of kinds, and what their cells have in common. Internal to the tables.
#pragma once

#include <span>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/table.h"

namespace fairlead::sandbox {

struct TableKind {
  std::string_view group, kind;
  std::vector<Column> columns;
  json::array (*cells)(const json::value& object, std::int64_t now);
};

std::span<const TableKind> core_tables();      // table_core.cpp
std::span<const TableKind> workload_tables();  // table_workloads.cpp
std::span<const TableKind> network_tables();   // table_network.cpp
std::span<const TableKind> storage_tables();   // table_storage.cpp
std::span<const TableKind> policy_tables();    // table_policy.cpp

json::array pod_cells(const json::value& pod, std::int64_t now);  // table_pod.cpp

// The first sentences of the API's own documentation, as the API server sends it.
inline constexpr const char* name_column_text = "Name must be unique within a namespace.";
inline constexpr const char* age_column_text =
    "CreationTimestamp is a timestamp representing the server time when this object was created.";
inline constexpr const char* containers_column_text = "Names of each container in the template.";
inline constexpr const char* images_column_text = "Images referenced by each container in the template.";

inline const Column name_column{"Name", "string", "name", 0, name_column_text};
inline const Column age_column{"Age", "string", "", 0, age_column_text};
inline const Column containers_column{"Containers", "string", "", 1, containers_column_text};
inline const Column images_column{"Images", "string", "", 1, images_column_text};

inline json::value cell(std::string_view text) { return json::value(json::string(text)); }
inline json::value cell_or(std::string_view text, std::string_view otherwise) {
  return cell(text.empty() ? otherwise : text);
}
inline json::value name_cell(const json::value& object) { return cell(text_at(object, {"metadata", "name"})); }
inline json::value age_cell(const json::value& object, std::int64_t now) {
  return cell(age_text_of(text_at(object, {"metadata", "creationTimestamp"}), now));
}

inline std::string joined(const std::vector<std::string>& parts, std::string_view separator = ",") {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : std::string(separator)) + part;
  return out;
}

// "a=b,c=d", as labels are shown; "<none>" without any.
json::value labels_cell(const json::object& labels);
// A LabelSelector object.
json::value selector_cell(const json::value* selector);
// A member of every container of a pod spec.
json::value containers_cell(const json::array& containers, std::string_view member);
// At most three, then how many more there are.
std::string first_three(const std::vector<std::string>& all);
// The addresses of a load balancer, sorted.
std::vector<std::string> balancer_addresses(const json::value& object);

}  // namespace fairlead::sandbox
