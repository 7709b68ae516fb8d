// Namespaces: what each of them has from the beginning, and their end.
#include <map>
#include <set>

#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view root_certificates = "kube-root-ca.crt";
constexpr std::int64_t look_again_ms = 500;

struct Remains {
  std::map<std::string, std::int64_t> resources, finalizers;
};

std::string listed(const std::map<std::string, std::int64_t>& counts, std::string_view before, std::string_view after) {
  std::string out;
  for (const auto& [name, count] : counts)
    out += (out.empty() ? "" : ", ") + name + std::string(before) + std::to_string(count) + std::string(after);
  return out;
}

class NamespaceController final : public Controller {
 public:
  explicit NamespaceController(Work& work)
      : Controller(work),
        namespaces_(resource("", "namespaces")),
        accounts_(resource("", "serviceaccounts")),
        configs_(resource("", "configmaps")) {}

  std::vector<const Resource*> watched() const override { return {}; }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    if (object.resource == &namespaces_) return wake(object);
    // What is deleted may have been the last thing of a namespace that ends, or what each one has.
    bool gone = change.type == Change::Type::deleted;
    bool standard = (object.resource == &accounts_ && object.name == "default") ||
                    (object.resource == &configs_ && object.name == root_certificates);
    if (gone && (standard || ending_.contains(object.namespace_name)))
      work_.wake(*this, Key{"", object.namespace_name});
  }

  void adopt() override {
    for (const ObjectPtr& space : store_.list(namespaces_, "")) wake(*space);
  }

  void reconcile(const Key& key) override {
    ObjectPtr space = store_.find(namespaces_, "", key.name);
    if (!space) {
      ending_.erase(key.name);
      return;
    }
    if (is_dying(*space)) return end(space);
    if (!store_.find(accounts_, space->name, "default"))
      (void)objects_.create(accounts_, named("default", space->name));
    if (!store_.find(configs_, space->name, root_certificates)) {
      json::value config = named(root_certificates, space->name);
      object_in(config, {"metadata", "annotations"})["kubernetes.io/description"] =
          "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as "
          "the internal service IP or "
          "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";
      object_in(config, {"data"})["ca.crt"] = work_.authority_pem;
      (void)objects_.create(configs_, std::move(config));
    }
  }

 private:
  static json::value named(std::string_view name, std::string_view space) {
    return json::object{{"metadata", json::object{{"name", name}, {"namespace", space}}}};
  }

  void end(const ObjectPtr& space) {
    ending_.insert(space->name);
    std::set<const Resource*> storages;  // several resources may show the same objects
    for (const auto& resource : objects_.resources().all()) {
      if (resource->namespaced) storages.insert(resource->storage);
    }
    for (const Resource* storage : storages) {
      for (const ObjectPtr& child : store_.list(*storage, space->name)) {
        if (!is_dying(*child)) (void)objects_.remove(child, {});
      }
    }
    Remains remains;
    for (const Resource* resource : storages) {
      for (const ObjectPtr& child : store_.list(*resource, space->name)) {
        ++remains.resources[resource->plural + (resource->group.empty() ? "." : "." + resource->group)];
        json::value value = objects_.load_brief(*child);
        for (const json::value& finalizer : array_at(value, {"metadata", "finalizers"})) {
          if (finalizer.is_string()) ++remains.finalizers[std::string(finalizer.get_string())];
        }
      }
    }
    json::value value = objects_.load(*space);
    std::int64_t now = work_.now();
    set_condition(value, "NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered",
                  "All resources successfully discovered", now);
    set_condition(value, "NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions",
                  "All legacy kube types successfully parsed", now);
    set_condition(value, "NamespaceDeletionContentFailure", "False", "ContentDeleted",
                  "All content successfully deleted, may be waiting on finalization", now);
    bool empty = remains.resources.empty();
    set_condition(value, "NamespaceContentRemaining", empty ? "False" : "True",
                  empty ? "ContentRemoved" : "SomeResourcesRemain",
                  empty ? "All content successfully removed"
                        : "Some resources are remaining: " + listed(remains.resources, " has ", " resource instances"),
                  now);
    bool held = !remains.finalizers.empty();
    set_condition(value, "NamespaceFinalizersRemaining", held ? "True" : "False",
                  held ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
                  held ? "Some content in the namespace has finalizers remaining: " +
                             listed(remains.finalizers, " in ", " resource instances")
                       : "All content-preserving finalizers finished",
                  now);
    if (empty) {
      json::object& spec = object_in(value, {"spec"});
      json::array others;
      for (const json::value& holder : array_in(spec, "finalizers")) {
        if (holder != "kubernetes") others.push_back(holder);
      }
      if (others.empty()) {
        spec.erase("finalizers");
      } else {
        spec["finalizers"] = std::move(others);
      }
    }
    auto updated = objects_.update(space, std::move(value), Part::whole);
    if (!updated) return;
    if (!empty) return wake(*space, look_again_ms);
    // Whoever else has named a finalizer of the namespace removes it in their own time.
    json::value left = objects_.load_brief(**updated);
    if (array_at(left, {"spec", "finalizers"}).empty() && array_at(left, {"metadata", "finalizers"}).empty())
      objects_.erase(*updated);
  }

  const Resource &namespaces_, &accounts_, &configs_;
  std::set<std::string, std::less<>> ending_;
};

}  // namespace

std::unique_ptr<Controller> namespace_controller(Work& work) { return std::make_unique<NamespaceController>(work); }

}  // namespace fairlead::sandbox
