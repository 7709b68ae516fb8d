// meta.k8s.io Tables: the columns and the cell texts that `kubectl get` shows, as the API server makes them. Pure and
// thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sandbox/resources.h"

namespace fairlead::sandbox {

struct Column {
  const char* name;
  const char* type;    // string, integer
  const char* format;  // "name" or empty
  int priority;        // 1: only with -o wide
  const char* description;
};
const std::vector<Column>& columns_of(const Resource& resource);
json::array column_definitions(const Resource& resource);

// `object` in the form of its storage; managedFields are not needed. As many cells as columns.
json::array cells_of(const Resource& resource, const json::value& object, std::int64_t now);
// A row's conditions (completed pods); mostly empty.
json::array row_conditions(const Resource& resource, const json::value& object);

// What `kubectl get pods` shows as STATUS.
std::string pod_status(const json::value& pod);

// "5m", "<unknown>" without a time.
std::string age_text_of(std::string_view rfc3339, std::int64_t now);

}  // namespace fairlead::sandbox
