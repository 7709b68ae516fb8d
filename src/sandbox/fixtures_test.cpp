#include "sandbox/fixtures.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sandbox/admission.h"
#include "sandbox/api_test_support.h"
#include "sandbox/quota.h"
#include "sandbox/stored_form.h"
#include "sandbox/table.h"

namespace fairlead::sandbox {
namespace {

std::string cell_text(const json::value& cell) {
  return cell.is_string() ? std::string(cell.get_string()) : compact(cell);
}

// Every list as a Table, wide, as text.
std::string tables_of(const Cluster& cluster) {
  std::string out;
  for (const auto& resource : cluster.resources.all()) {
    if (resource->storage != resource.get()) continue;
    std::vector<ObjectPtr> objects = cluster.store.list(*resource, "");
    if (objects.empty()) continue;
    out += "# " + resource->plural + (resource->group.empty() ? "" : "." + resource->group) + "\n";
    std::string head = resource->namespaced ? "Namespace" : "";
    for (const Column& column : columns_of(*resource)) head += (head.empty() ? "" : " | ") + std::string(column.name);
    out += head + "\n";
    for (const ObjectPtr& object : objects) {
      std::string row = object->namespace_name;
      for (const json::value& cell : cells_of(*resource, cluster.objects.load_brief(*object), cluster.objects.now()))
        row += (row.empty() ? "" : " | ") + cell_text(cell);
      out += row + "\n";
    }
    out += "\n";
  }
  return out;
}

// FAIRLEAD_UPDATE_GOLDEN=1 writes it anew.
TEST(Fixtures, AreABelievableCluster) {
  Cluster cluster;
  const std::string now = tables_of(cluster);
  const std::filesystem::path path = std::filesystem::path(__FILE__).parent_path() / "golden" / "fixtures.txt";
  if (std::getenv("FAIRLEAD_UPDATE_GOLDEN")) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << now;
  }
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(now, golden.str()) << "If this is meant, run again with FAIRLEAD_UPDATE_GOLDEN=1";
}

// Else the first write of a controller would be one that changes nothing but the form.
TEST(Fixtures, AreInTheFormOfTheirStorage) {
  Cluster cluster(300, 12);
  for (const auto& resource : cluster.resources.all()) {
    if (resource->storage != resource.get() || resource->message->others()) continue;
    for (const ObjectPtr& object : cluster.store.list(*resource, "")) {
      json::value value = cluster.objects.load(*object);
      EXPECT_EQ(value, as_stored(*resource->message, value)) << resource->kind << " " << object->name;
    }
  }
}

// What a client could not have made is no believable cluster.
TEST(Fixtures, AreValidAndComplete) {
  for (auto [pods, nodes] : {std::pair{25, 3}, {0, 1}, {4, 3}, {25, 40}, {300, 12}}) {
    Cluster cluster(pods, nodes);
    for (const auto& resource : cluster.resources.all()) {
      if (resource->storage != resource.get() || resource->kind == "Event") continue;
      for (const ObjectPtr& object : cluster.store.list(*resource, "")) {
        json::value value = cluster.objects.load(*object), defaulted = value;
        for (const Cause& cause : validate(*resource, value, nullptr))
          ADD_FAILURE() << resource->kind << " " << object->name << " " << cause.field << ": " << cause.message;
        apply_defaults(*resource, defaulted);
        EXPECT_EQ(compact(value), compact(defaulted)) << resource->kind << " " << object->name;
        for (const std::string& owner : object->owners)
          EXPECT_NE(cluster.store.find_uid(owner), nullptr) << resource->kind << " " << object->name;
      }
    }
    EXPECT_EQ(cluster.store.count(cluster.resources.get("", "pods")), static_cast<std::size_t>(pods));
    for (const ObjectPtr& quota : cluster.store.list(cluster.resources.get("", "resourcequotas"), "")) {
      json::value value = cluster.objects.load(*quota);
      EXPECT_EQ(counted_status(cluster.objects, value), value.at("status"));
    }
  }
}

}  // namespace
}  // namespace fairlead::sandbox
