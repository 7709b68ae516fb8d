#include "sandbox/limits.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "sandbox/json_edit.h"
#include "sandbox/quantity.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;
using Amounts = std::map<std::string, Quantity, std::less<>>;

std::vector<json::value> ranges_of(const Objects& objects, const json::value& object) {
  std::vector<json::value> out;
  for (const ObjectPtr& range :
       objects.store().list(objects.resources().get("", "limitranges"), text_at(object, {"metadata", "namespace"}))) {
    out.push_back(objects.load_brief(*range));
  }
  return out;
}

Amounts amounts(const json::object& list) {
  Amounts out;
  for (const auto& entry : list) {
    auto quantity = entry.value().is_string() ? Quantity::parse(entry.value().get_string()) : std::nullopt;
    if (quantity) out.emplace(entry.key(), *quantity);
  }
  return out;
}

const Quantity* at(const Amounts& list, View name) {
  auto found = list.find(name);
  return found == list.end() ? nullptr : &found->second;
}

// What containers of a pod ask for together: the sum of those that run, or the largest of those that go before.
Amounts together(const json::value& pod, View member) {
  std::map<std::string, std::size_t> named;
  Amounts out;
  const json::array& containers = array_at(pod, {"spec", "containers"});
  for (const json::value& container : containers) {
    for (const auto& [name, amount] : amounts(object_at(container, {"resources", member}))) {
      out[name] += amount;
      ++named[name];
    }
  }
  // A sum that some container has no part in is none.
  std::erase_if(out, [&](const auto& entry) { return named[entry.first] != containers.size(); });
  for (const json::value& container : array_at(pod, {"spec", "initContainers"})) {
    for (const auto& [name, amount] : amounts(object_at(container, {"resources", member}))) {
      auto [found, added] = out.emplace(name, amount);
      if (!added && amount > found->second) found->second = amount;
    }
  }
  return out;
}

class Limit {
 public:
  Limit(const json::value& limit, bool by_request)
      : limit_(limit), type_(text_at(limit, {"type"})), by_request_(by_request) {}

  void check(const Amounts& requests, const Amounts& limits, std::vector<std::string>* problems) const {
    for (const auto& [name, least] : amounts(object_at(limit_, {"min"})))
      note(below(name, least, at(requests, name), at(limits, name)), problems);
    for (const auto& [name, most] : amounts(object_at(limit_, {"max"})))
      note(above(name, most, at(requests, name), at(limits, name)), problems);
    for (const auto& [name, ratio] : amounts(object_at(limit_, {"maxLimitRequestRatio"})))
      note(beyond(name, ratio, at(requests, name), at(limits, name)), problems);
  }

 private:
  static void note(std::string problem, std::vector<std::string>* problems) {
    if (!problem.empty() && std::find(problems->begin(), problems->end(), problem) == problems->end())
      problems->push_back(std::move(problem));
  }

  std::string usage(View bound, const std::string& name, const Quantity& amount) const {
    return std::string(bound) + " " + name + " usage per " + type_ + " is " + amount.text();
  }

  std::string below(const std::string& name, const Quantity& least, const Quantity* request,
                    const Quantity* limit) const {
    if (!request) return usage("minimum", name, least) + ".  No request is specified";
    if (*request < least) return usage("minimum", name, least) + ", but request is " + request->text();
    return limit && *limit < least ? usage("minimum", name, least) + ", but limit is " + limit->text() : "";
  }

  std::string above(const std::string& name, const Quantity& most, const Quantity* request,
                    const Quantity* limit) const {
    if (by_request_) {
      if (!request) return usage("maximum", name, most) + ".  No request is specified";
    } else {
      if (!limit) return usage("maximum", name, most) + ".  No limit is specified";
      if (*limit > most) return usage("maximum", name, most) + ", but limit is " + limit->text();
    }
    return request && *request > most ? usage("maximum", name, most) + ", but request is " + request->text() : "";
  }

  std::string beyond(const std::string& name, const Quantity& ratio, const Quantity* request,
                     const Quantity* limit) const {
    std::string start = name + " max limit to request ratio per " + type_ + " is " + ratio.text() + ", but ";
    if (!request || request->zero()) return start + "no request is specified or request is 0";
    if (!limit || limit->zero()) return start + "no limit is specified or limit is 0";
    double given = limit->value() / request->value();
    char shown[64];
    std::snprintf(shown, sizeof shown, "%f", given);
    return given > ratio.value() ? start + "provided ratio is " + shown : "";
  }

  const json::value& limit_;
  std::string type_;
  bool by_request_;
};

}  // namespace

void default_limits(const Objects& objects, json::value& pod) {
  constexpr std::pair<View, View> parts[] = {{"default", "limits"}, {"defaultRequest", "requests"}};
  for (const json::value& range : ranges_of(objects, pod)) {
    std::string told;
    for (auto [list, kind] : {std::pair<View, View>{"containers", "container"}, {"initContainers", "init container"}}) {
      json::object& spec = object_in(pod, {"spec"});
      if (!spec.contains(list) || !spec[list].is_array()) continue;
      for (json::value& container : spec[list].get_array()) {
        if (!container.is_object()) continue;
        std::string set[2];
        for (std::size_t part = 0; part < 2; ++part) {
          std::map<std::string, std::string> wanted;
          for (const json::value& limit : array_at(range, {"spec", "limits"})) {
            if (text_at(limit, {"type"}) != "Container") continue;
            for (const auto& [name, amount] : amounts(object_at(limit, {parts[part].first})))
              wanted[name] = amount.text();
          }
          for (const auto& [name, amount] : wanted) {
            json::object& resources = object_in(container, {"resources", parts[part].second});
            if (resources.contains(name)) continue;
            resources[name] = amount;
            set[part] += (set[part].empty() ? "" : ", ") + name;
          }
        }
        std::string where = std::string(kind) + " " + std::string(text_at(container, {"name"}));
        if (!set[1].empty()) told += (told.empty() ? "" : "; ") + set[1] + " request for " + where;
        if (!set[0].empty()) told += (told.empty() ? "" : "; ") + set[0] + " limit for " + where;
      }
    }
    if (!told.empty())
      object_in(pod, {"metadata", "annotations"})["kubernetes.io/limit-ranger"] = "LimitRanger plugin set: " + told;
  }
}

std::string limits_problem(const Objects& objects, const Resource& resource, const json::value& object,
                           bool is_update) {
  bool pod = resource.kind == "Pod", claim = resource.kind == "PersistentVolumeClaim";
  if ((!pod && !claim) || (pod && is_update)) return {};
  for (const json::value& range : ranges_of(objects, object)) {
    std::vector<std::string> problems;
    for (const json::value& entry : array_at(range, {"spec", "limits"})) {
      View type = text_at(entry, {"type"});
      Limit limit(entry, claim);
      if (claim && type == "PersistentVolumeClaim")
        limit.check(amounts(object_at(object, {"spec", "resources", "requests"})), {}, &problems);
      if (pod && type == "Pod") limit.check(together(object, "requests"), together(object, "limits"), &problems);
      if (!pod || type != "Container") continue;
      for (View list : {"containers", "initContainers"}) {
        for (const json::value& container : array_at(object, {"spec", list})) {
          limit.check(amounts(object_at(container, {"resources", "requests"})),
                      amounts(object_at(container, {"resources", "limits"})), &problems);
        }
      }
    }
    if (problems.empty()) continue;
    std::string out;
    for (const std::string& problem : problems) out += (out.empty() ? "" : ", ") + problem;
    return problems.size() > 1 ? "[" + out + "]" : out;
  }
  return {};
}

}  // namespace fairlead::sandbox
