#include "ops/blast_radius.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "ops/change.h"
#include "ops/clip.h"
#include "ops/contents.h"
#include "ops/object_document.h"
#include "ops/writes.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kNamed = 5;     // names in one sentence
constexpr std::size_t kObjects = 20;  // of a plan that are looked at

bool selects(const json::object& selector, const json::object& labels) {
  if (selector.empty()) return false;
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const json::value* label = labels.if_contains(wanted.key());
    return label && *label == wanted.value();
  });
}

std::string name_of(const json::value& object) {
  return escape_untrusted(clip(text_at(object, {"metadata", "name"}), 253), Newlines::escape);
}

// At most so many objects as JSON; an error is a sentence.
constexpr int kMost = 500;
awaitable<Result<json::value>> read_some(Call& call, std::string target, std::string selector_key,
                                         std::string selector) {
  kube::add_query(target, selector_key, selector);
  kube::add_query(target, "limit", std::to_string(kMost));
  co_return co_await call.client.get(target, call.deadline);
}

std::string count(const json::value& list) {
  const std::size_t size = array_at(list, {"items"}).size();
  return (text_at(list, {"metadata", "continue"}).empty() ? "" : "more than ") + std::to_string(size);
}

class BlastRadius {
 public:
  BlastRadius(Call& call, const MaySee& may_see) : call_(call), may_see_(may_see) {}
  std::vector<std::string> lines;

  // `known`: as the plan has read it; a subresource says nothing of its pods, so the workload itself is read then.
  awaitable<void> workload(ObjectRef object, json::value known) {
    if (!object.subresource.empty()) {
      object.subresource.clear();
      auto read = co_await read_now(call_, object);
      if (!read) unknown("what stands behind " + object.words(), read.error());
      if (!read || read->is_null()) co_return;
      known = std::move(*read);
    }
    const std::string selector = selector_text(find(known, "spec", "selector"));
    if (!selector.empty()) {
      auto pods = co_await read_some(call_, kube::ResourcePath{"", "v1", "pods", object.ns, {}, {}}.text(),
                                     "labelSelector", selector);
      if (pods)
        lines.push_back(fmt::format("{} pods stand behind {}", count(*pods), object.words()));
      else
        unknown("how many pods stand behind " + object.words(), pods.error());
    }
    json::object labels = object_at(known, {"spec", "template", "metadata", "labels"});
    co_await routing(object, std::move(labels), "them");
  }

  awaitable<void> routing(ObjectRef object, json::object labels, std::string to) {
    if (!may_name("services", object.ns, "which Services route to " + object.words())) co_return;
    auto services = co_await read_some(call_, kube::ResourcePath{"", "v1", "services", object.ns, {}, {}}.text(),
                                       "labelSelector", "");
    if (!services) {
      unknown("which Services route to " + object.words(), services.error());
      co_return;
    }
    std::vector<std::string> names;
    for (const auto& service : array_at(*services, {"items"}))
      if (selects(object_at(service, {"spec", "selector"}), labels)) names.push_back(name_of(service));
    if (!names.empty())
      lines.push_back((names.size() == 1 ? "Service " : "Services ") + some_of(names, kNamed) +
                      (names.size() == 1 ? " routes to " : " route to ") + to);
    only_the_first(*services, "which Services route to " + object.words());
  }

  awaitable<void> service(ObjectRef object, json::value known) {
    const json::object selector = object_at(known, {"spec", "selector"});
    if (selector.empty()) co_return;
    auto pods = co_await read_some(call_, kube::ResourcePath{"", "v1", "pods", object.ns, {}, {}}.text(),
                                   "labelSelector", map_selector_text(selector));
    if (pods)
      lines.push_back(fmt::format("{} pods are behind {}", count(*pods), object.words()));
    else
      unknown("how many pods are behind " + object.words(), pods.error());
  }

  awaitable<void> whole_namespace(ObjectRef object) {
    auto pods = co_await read_some(call_, kube::ResourcePath{"", "v1", "pods", object.name, {}, {}}.text(),
                                   "labelSelector", "");
    if (pods)
      lines.push_back(
          fmt::format("{} pods are in {}, which goes with all that is in it", count(*pods), object.words()));
    else
      unknown("how many pods are in " + object.words(), pods.error());
  }

  awaitable<void> node(ObjectRef object) {
    auto pods = co_await read_some(call_, "/api/v1/pods", "fieldSelector", "spec.nodeName=" + object.name);
    if (!pods) {
      unknown("which pods run on " + object.words(), pods.error());
      co_return;
    }
    std::set<std::string> namespaces;
    for (const auto& pod : array_at(*pods, {"items"}))
      namespaces.insert(std::string(text_at(pod, {"metadata", "namespace"})));
    lines.push_back(
        fmt::format("{} pods run on {}, of {} namespaces", count(*pods), object.words(), namespaces.size()));
    only_the_first(*pods, "of how many namespaces the pods on " + object.words() + " are");
  }

  // Who uses a Secret, a ConfigMap or a volume claim.
  awaitable<void> configuration(ObjectRef object) {
    if (!may_name("pods", object.ns, "which pods use " + object.words())) co_return;
    auto pods =
        co_await read_some(call_, kube::ResourcePath{"", "v1", "pods", object.ns, {}, {}}.text(), "labelSelector", "");
    if (!pods) {
      unknown("which pods use " + object.words(), pods.error());
      co_return;
    }
    std::vector<std::string> using_it;
    for (const auto& pod : array_at(*pods, {"items"}))
      if (uses(find(pod, "spec") ? *find(pod, "spec") : json::value(), object)) using_it.push_back(name_of(pod));
    if (!using_it.empty())
      lines.push_back(fmt::format("{} pods use {}: {}", using_it.size(), object.words(), some_of(using_it, kNamed)));
    only_the_first(*pods, "which pods use " + object.words());
  }

  void unknown(const std::string& what, const Error& error) {
    lines.push_back(what + " is not known: " + std::string(to_string(error.code)));
  }

 private:
  // Said where it is not so: nothing is told of what may not be read.
  bool may_name(const std::string& plural, const std::string& ns, const std::string& what) {
    if (!may_see_ || may_see_({"", "v1", plural, "", ns, "", "", ""})) return true;
    lines.push_back(what + " is not shown: " + plural + " of namespace " + ns + " may not be read");
    return false;
  }
  void only_the_first(const json::value& list, const std::string& what) {
    if (!text_at(list, {"metadata", "continue"}).empty())
      lines.push_back(fmt::format("only the first {} were looked at: {}", array_at(list, {"items"}).size(), what));
  }

  Call& call_;
  const MaySee& may_see_;
};

}  // namespace

bool uses(const json::value& spec, const ObjectRef& object) {
  const bool secret = object.is_secret(), claim = object.plural == "persistentvolumeclaims";
  if (spec.is_array())
    return std::any_of(spec.get_array().begin(), spec.get_array().end(),
                       [&](const auto& item) { return uses(item, object); });
  if (!spec.is_object()) return false;
  for (const auto& [key, value] : spec.get_object()) {
    if (claim && key == "persistentVolumeClaim" && text_at(value, {"claimName"}) == object.name) return true;
    const bool names_it = claim    ? false
                          : secret ? key == "secretKeyRef" || key == "secretRef" || key == "secret"
                                   : key == "configMapKeyRef" || key == "configMapRef" || key == "configMap";
    if (names_it && (text_at(value, {"name"}) == object.name || text_at(value, {"secretName"}) == object.name))
      return true;
    if (secret && key == "imagePullSecrets")
      for (const auto& one : value.is_array() ? value.get_array() : json::array())
        if (text_at(one, {"name"}) == object.name) return true;
    if (uses(value, object)) return true;
  }
  return false;
}

namespace {

// Whose controllers make again what they owned, once they are there again; or which own nothing.
bool remakes_what_it_owned(const ObjectRef& object) {
  static const std::set<std::pair<std::string_view, std::string_view>> all{{"", "pods"},
                                                                           {"", "services"},
                                                                           {"", "secrets"},
                                                                           {"", "replicationcontrollers"},
                                                                           {"", "namespaces"},
                                                                           {"", "nodes"},
                                                                           {"", "endpoints"},
                                                                           {"", "events"},
                                                                           {"apps", "deployments"},
                                                                           {"apps", "replicasets"},
                                                                           {"apps", "statefulsets"},
                                                                           {"apps", "daemonsets"},
                                                                           {"batch", "jobs"},
                                                                           {"batch", "cronjobs"},
                                                                           {"networking.k8s.io", "ingresses"},
                                                                           {"networking.k8s.io", "networkpolicies"},
                                                                           {"extensions", "ingresses"},
                                                                           {"autoscaling", "horizontalpodautoscalers"},
                                                                           {"policy", "poddisruptionbudgets"},
                                                                           {"events.k8s.io", "events"}};
  return all.contains({object.group, object.plural});
}

// What goes with an object that is deleted and does not come back with it; empty: nothing that is known.
std::string does_not_come_back(const ObjectRef& object) {
  if (object.is("", "serviceaccounts"))
    return "tokens that were made for " + object.words() + " are void from then on, also when it is there again";
  if (object.is("apps", "deployments") || object.is("apps", "statefulsets") || object.is("apps", "daemonsets"))
    return "the older revisions of " + object.words() + " go with it";
  if (!remakes_what_it_owned(object))
    return "whatever names " + object.words() + " as its owner goes with it, and does not come back";
  return "";
}

// What is in the Namespaces and of the kinds that a plan deletes, and goes with them.
awaitable<Contents> goes_with(Call& call, const Plan& plan) {
  Contents out;
  for (const auto& write : plan.writes) {
    const ObjectRef& object = write.object;
    const bool holds_others =
        object.is("", "namespaces") || object.is("apiextensions.k8s.io", "customresourcedefinitions");
    if (write.verb != Write::Verb::remove || !holds_others) continue;
    std::vector<std::string> none;
    auto contents = co_await contents_of(call, object, write.before, write.before, std::move(none));
    for (const auto& line : contents.lines) out.lines.push_back(object.words() + " " + line);
    if (!contents.unknown.empty()) out.unknown.push_back(object.words() + " " + contents.unknown.front());
    if (contents.unknown.size() > 1)
      out.unknown.push_back(fmt::format("{} may hold objects of {} other kinds that cannot be looked at",
                                        object.words(), contents.unknown.size() - 1));
    out.uids.insert(out.uids.end(), contents.uids.begin(), contents.uids.end());
  }
  co_return out;
}

}  // namespace

awaitable<void> blast_radius(Call& call, Plan& plan, const MaySee& may_see) {
  BlastRadius reach(call, may_see);
  reach.lines = plan.reach;
  std::set<std::string> seen;
  std::size_t further = 0;
  for (const auto& write : plan.writes) {
    const ObjectRef& object = write.object;
    if (write.before.is_null() || !seen.insert(object.words()).second) continue;
    if (write.verb == Write::Verb::remove)
      if (std::string line = does_not_come_back(object); !line.empty()) reach.lines.push_back(std::move(line));
    if (seen.size() > kObjects) {
      ++further;
      continue;
    }
    if (object.group == "apps" && object.plural != "controllerrevisions")
      co_await reach.workload(object, write.before);
    else if (object.is("", "nodes"))
      co_await reach.node(object);
    else if (object.is_secret() || object.is("", "configmaps") || object.is("", "persistentvolumeclaims"))
      co_await reach.configuration(object);
    else if (object.is("", "services"))
      co_await reach.service(object, write.before);
    else if (object.is("", "pods") && write.verb == Write::Verb::remove) {
      json::object labels = object_at(write.before, {"metadata", "labels"});
      co_await reach.routing(object, std::move(labels), object.words());
    } else if (object.is("", "namespaces") && write.verb == Write::Verb::remove)
      co_await reach.whole_namespace(object);
  }
  if (further > 0)
    reach.lines.push_back(fmt::format("what stands behind {} further objects was not looked at", further));
  auto company = co_await goes_with(call, plan);
  for (auto* lines : {&company.unknown, &company.lines})
    for (auto& line : *lines) reach.lines.push_back(std::move(line));
  plan.reach = std::move(reach.lines);
  plan.takes_along = std::move(company.uids);
}

awaitable<std::string> goes_newly_with(Call& call, const Plan& plan) {
  const auto now = co_await goes_with(call, plan);
  const std::set<std::string> shown(plan.takes_along.begin(), plan.takes_along.end());
  const auto fresh =
      std::count_if(now.uids.begin(), now.uids.end(), [&](const std::string& uid) { return !shown.contains(uid); });
  const auto unseen = [&](const std::vector<std::string>& lines) {
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const std::string& one) {
      return std::find(plan.reach.begin(), plan.reach.end(), one) == plan.reach.end();
    });
    return line == lines.end() ? std::string() : *line;
  };
  std::string line = unseen(now.unknown);
  if (line.empty() && fresh > 0) line = unseen(now.lines);
  if (line.empty() && fresh > 0) line = fmt::format("{} of the objects in it were not there", fresh);
  co_return line;
}

std::vector<Access> change_access(Access own) { return change_access(std::vector<Access>{std::move(own)}); }

std::vector<Access> change_access(std::vector<Access> own) {
  own.push_back({"", "pods", {"list"}, Reach::call_namespace, true});
  own.push_back({"", "services", {"list"}, Reach::call_namespace, true});
  return own;
}

}  // namespace fairlead::ops
