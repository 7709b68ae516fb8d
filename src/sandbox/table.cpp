#include "sandbox/table.h"

#include <algorithm>

#include "sandbox/custom_kinds.h"
#include "sandbox/selector.h"
#include "sandbox/table_kinds.h"

namespace fairlead::sandbox {
namespace {

const TableKind others{"", "", {name_column, age_column}, [](const json::value& object, std::int64_t now) {
                         return json::array{name_cell(object), age_cell(object, now)};
                       }};

const TableKind& table_of(const Resource& resource) {
  std::string_view group = resource.storage ? resource.storage->group : resource.group;
  for (auto family : {core_tables(), workload_tables(), network_tables(), storage_tables(), policy_tables()}) {
    for (const TableKind& table : family) {
      if (table.kind == resource.kind && table.group == group) return table;
    }
  }
  return others;
}

}  // namespace

json::value labels_cell(const json::object& labels) {
  std::vector<std::string> out;
  for (const auto& label : labels) {
    if (label.value().is_string())
      out.push_back(std::string(label.key()) + "=" + std::string(label.value().get_string()));
  }
  std::sort(out.begin(), out.end());
  return cell_or(joined(out), "<none>");
}

json::value selector_cell(const json::value* selector) {
  return cell_or(selector ? LabelSelector::from_object(*selector).text() : "", "<none>");
}

json::value containers_cell(const json::array& containers, std::string_view member) {
  std::vector<std::string> out;
  for (const json::value& container : containers) out.emplace_back(text_at(container, {member}));
  return cell(joined(out));
}

std::string first_three(const std::vector<std::string>& all) {
  constexpr std::size_t most = 3;
  if (all.size() <= most) return joined(all);
  return joined({all.begin(), all.begin() + most}) + " + " + std::to_string(all.size() - most) + " more...";
}

std::vector<std::string> balancer_addresses(const json::value& object) {
  std::vector<std::string> out;
  for (const json::value& ingress : array_at(object, {"status", "loadBalancer", "ingress"})) {
    std::string_view ip = text_at(ingress, {"ip"}), host = text_at(ingress, {"hostname"});
    if (!ip.empty() || !host.empty()) out.emplace_back(ip.empty() ? host : ip);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string age_text_of(std::string_view rfc3339, std::int64_t now) {
  auto then = parse_rfc3339(rfc3339);
  return then ? human_duration(std::chrono::seconds(now - *then)) : "<unknown>";
}

const std::vector<Column>& columns_of(const Resource& resource) { return table_of(resource).columns; }

json::array column_definitions(const Resource& resource) {
  if (resource.custom) return custom_column_definitions(*resource.custom);
  if (resource.is_builtin("CustomResourceDefinition")) return definition_column_definitions();
  json::array out;
  for (const Column& column : columns_of(resource)) {
    out.push_back(json::object{{"name", column.name},
                               {"type", column.type},
                               {"format", column.format},
                               {"description", column.description},
                               {"priority", column.priority}});
  }
  return out;
}

json::array cells_of(const Resource& resource, const json::value& object, std::int64_t now) {
  if (resource.custom) return custom_cells(*resource.custom, object, now);
  if (resource.is_builtin("CustomResourceDefinition")) return definition_cells(object);
  return table_of(resource).cells(object, now);
}

json::array row_conditions(const Resource& resource, const json::value& object) {
  if (!resource.is_builtin("Pod")) return {};
  std::string_view phase = text_at(object, {"status", "phase"});
  if (phase != "Succeeded" && phase != "Failed") return {};
  return {json::object{{"type", "Completed"},
                       {"status", "True"},
                       {"reason", phase},
                       {"message", phase == "Succeeded" ? "The pod has completed successfully." : "The pod failed."}}};
}

}  // namespace fairlead::sandbox
