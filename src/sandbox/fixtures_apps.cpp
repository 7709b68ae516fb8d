// Which workloads there are.
#include <algorithm>
#include <array>

#include "sandbox/fixtures.h"

namespace fairlead::sandbox {
namespace {

constexpr std::array<std::string_view, 24> subjects{
    "account", "address", "audit",    "basket",   "billing", "booking", "catalog", "chat",
    "content", "coupon",  "customer", "delivery", "export",  "fraud",   "image",   "inventory",
    "invoice", "ledger",  "mailer",   "media",    "order",   "price",   "review",  "session"};
constexpr std::array<std::string_view, 5> kinds{"api", "worker", "gateway", "cache", "sync"};

App app(std::string_view space, std::string_view name, std::string_view image, int replicas) {
  App out;
  out.namespace_name = space;
  out.name = name;
  out.image = image;
  out.replicas = replicas;
  return out;
}

App with_memory(App out, std::string_view request, std::string_view limit) {
  out.memory = request;
  out.memory_limit = limit;
  return out;
}

}  // namespace

std::vector<App> FixtureBuilder::shop_apps() const {
  std::vector<App> out;
  out.push_back(app("kube-system", "coredns", "registry.k8s.io/coredns/coredns:v1.12.1", 2));
  out.back().control_plane = true;
  out.back().service = "kube-dns";
  out.push_back(app("shop", "frontend", "registry.example.com/shop/frontend:4.2.1", 3));
  out.push_back(app("shop", "cart", "registry.example.com/shop/cart:2.17.0", 2));
  out.push_back(app("shop", "catalog", "registry.example.com/shop/catalog:1.9.4", 2));
  out.back().sidecar_image = "registry.example.com/tools/metrics-exporter:0.9.1";
  // Its database password is not set.
  out.push_back(app("shop", "payments", "registry.example.com/shop/payments:1.12.0", 1));
  out.back().environment = {{"PAYMENTS_DB_HOST", "payments-db.shop.svc.cluster.local"},
                            {"PAYMENTS_DB_USER", "payments"}};
  // A tag that was never pushed.
  out.push_back(app("shop", "frontend-preview", "registry.example.com/shop/frontend:4.3.0-rc", 1));
  // Wants more memory than any node has.
  out.push_back(
      with_memory(app("shop", "model-trainer", "registry.example.com/shop/model-trainer:0.8.2", 1), "96Gi", "96Gi"));
  // Its model does not fit into its limit.
  out.push_back(
      with_memory(app("shop", "recommender", "registry.example.com/shop/recommender:7.0.3", 1), "128Mi", "256Mi"));
  // Its init container waits for a service that does not exist.
  out.push_back(app("shop", "search", "registry.example.com/shop/search:3.1.0", 1));
  out.back().init_image = "registry.example.com/tools/wait-for:1.2";
  out.push_back(app("shop", "checkout", "registry.example.com/shop/checkout:5.0.2", 2));
  return out;
}

// More of the same, until there are as many pods as were asked for.
void FixtureBuilder::add_scaled_apps() {
  int number = 0;
  while (pods_left_ > 0) {
    std::size_t which = static_cast<std::size_t>(number);
    std::string space = "team-" + std::to_string(1 + number / 12);
    std::string name = std::string(subjects[which % subjects.size()]) + "-" +
                       std::string(kinds[(which / subjects.size()) % kinds.size()]);
    if (which >= subjects.size() * kinds.size()) name += "-" + std::to_string(which / (subjects.size() * kinds.size()));
    std::uint64_t random = stable_hash(name, static_cast<std::uint64_t>(number));
    std::string image = "registry.example.com/" + space + "/" + name + ":1." + std::to_string(random % 40) + "." +
                        std::to_string(random / 64 % 10);
    App one = app(space, name, image, 8 + static_cast<int>(random % 40));
    // One Deployment of seven has a problem, but few pods: about two pods of a hundred.
    if (number % 7 == 3) {
      one.replicas = 1 + static_cast<int>(random % 5);
      switch (number / 7 % 4) {
        case 0: one.image = "registry.example.com/" + space + "/payments-" + name + ":1.0.3"; break;
        case 1: one.image += "-rc"; break;
        case 2: one = with_memory(one, "128Gi", "128Gi"); break;
        default: one.image = "registry.example.com/" + space + "/recommender-" + name + ":2.4.0"; break;
      }
    }
    one.replicas = std::min(one.replicas, pods_left_);
    one.port = 8000 + static_cast<int>(random % 1000);
    add_namespace(space);
    add_app(one);
    ++number;
  }
}

}  // namespace fairlead::sandbox
