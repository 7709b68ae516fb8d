// Tests only: a cluster made of manifests, as `kubectl get -o json` shows them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/yaml.h"
#include "diagnosis/rules.h"
#include "net/task.h"

namespace fairlead::diagnosis::testing {

constexpr std::int64_t kNow = 1'767'225'600;  // 2026-01-01T00:00:00Z

// One document in JSON or YAML.
inline json::value manifest(std::string_view text) {
  if (auto parsed = parse_json(text, "test")) return *parsed;
  auto parsed = parse_yaml(text, "test");
  if (!parsed) throw std::runtime_error("the test's manifest is neither JSON nor YAML");
  return *parsed;
}

class FakeSource final : public Source {
 public:
  FakeSource() = default;
  explicit FakeSource(std::vector<std::string_view> manifests) {
    for (auto text : manifests) add(text);
  }
  void add(std::string_view text) { objects.push_back(manifest(text)); }

  awaitable<const ListSeen*> list(const Kind& kind, std::string ns) override {
    expect_declared(kind);
    auto& list = lists[std::string(kind.name) + "/" + ns];
    if (list.seen()) co_return &list;
    list.sight = hidden.contains(std::string(kind.name)) ? Sight::unreadable : Sight::seen;
    if (list.seen())
      for (const auto& object : objects)
        if (text_at(object, {"kind"}) == kind.name && (ns.empty() || text_at(object, {"metadata", "namespace"}) == ns))
          list.store.push_back(object);
    list.items = list.store;
    co_return &list;
  }
  awaitable<const ObjectSeen*> get(const Kind& kind, std::string ns, std::string name) override {
    expect_declared(kind);
    auto& one = singles[std::string(kind.name) + "/" + ns + "/" + name];
    one.sight = hidden.contains(std::string(kind.name)) ? Sight::unreadable : Sight::absent;
    if (one.absent())
      for (const auto& object : objects)
        if (text_at(object, {"kind"}) == kind.name && text_at(object, {"metadata", "name"}) == name &&
            (!kind.namespaced || text_at(object, {"metadata", "namespace"}) == ns)) {
          one.sight = Sight::seen;
          one.value = object;
        }
    co_return &one;
  }
  awaitable<const LogSeen*> log(std::string ns, std::string pod, std::string container, bool previous) override {
    auto& seen = log_slots[ns + "/" + pod + "/" + container + (previous ? "/previous" : "")];
    auto found = logs.find(pod + "/" + container);
    seen = {found == logs.end() ? Sight::absent : Sight::seen, found == logs.end() ? "" : found->second};
    if (hidden.contains("logs")) seen = {};
    co_return &seen;
  }
  awaitable<const TerminatingSeen*> terminating(std::string ns) override {
    auto [slot, fresh] = leaving.try_emplace(ns);
    if (!fresh) co_return &slot->second;
    slot->second.sight = Sight::seen;
    slot->second.gaps = gaps;
    for (const auto& object : objects) {
      if (text_at(object, {"metadata", "deletionTimestamp"}).empty() || text_at(object, {"kind"}) == "Pod") continue;
      if (!ns.empty() && text_at(object, {"metadata", "namespace"}) != ns) continue;
      std::string plural(text_at(object, {"kind"}));
      for (char& c : plural) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      slot->second.items.push_back(
          {std::string(text_at(object, {"apiVersion"})), std::string(text_at(object, {"kind"})), plural + "s", object});
    }
    co_return &slot->second;
  }
  awaitable<std::optional<bool>> may(std::string account_ns, std::string account, ops::Right right,
                                     std::string ns) override {
    if (!rights) co_return std::nullopt;
    co_return rights(account_ns + "/" + account, right.verb, right.group,
                     ops::resource_text("", right.resource, right.subresource), ns);
  }
  std::int64_t now() const override { return kNow; }
  std::vector<Unread> unreadable() const override {
    std::vector<Unread> out;
    for (const auto& name : hidden)
      if (const Kind* kind = kinds::find(name))
        out.push_back({std::string(kind->plural), "", ErrorCode::permission_denied});
    return out;
  }

  std::vector<json::value> objects;
  std::map<std::string, std::string> logs;  // by "pod/container"
  std::set<std::string> hidden;             // kinds that may not be read; "logs"
  std::vector<std::string> gaps;            // of what is terminating
  std::function<std::optional<bool>(std::string account, std::string verb, std::string group, std::string resource,
                                    std::string ns)>
      rights;

 private:
  // What rules ask for is what their operations declare (operations.cpp).
  static void expect_declared(const Kind& kind) {
    const auto& all = kinds::all();
    EXPECT_NE(std::find(all.begin(), all.end(), &kind), all.end()) << kind.name << " is read and not declared";
  }

  struct Stored : ListSeen {
    std::vector<json::value> store;
  };
  std::map<std::string, Stored> lists;
  std::map<std::string, ObjectSeen> singles;
  std::map<std::string, LogSeen> log_slots;
  std::map<std::string, TerminatingSeen> leaving;
};

// Runs a rule to its end: `rule` gets the trail. Usage:
//   auto causes = diagnose(source, [&](Trail trail) { return explain_claim(trail, claim); });
inline std::vector<Cause> diagnose(FakeSource& source, std::function<awaitable<void>(Trail)> rule) {
  Findings findings;
  net::run_until_done([&](net::Executor) -> awaitable<void> {
    Trail trail{source, findings};
    co_await rule(trail);
  });
  return findings.ranked();
}

// "code: sentence" of the first cause; empty: none.
inline std::string first(const std::vector<Cause>& causes) {
  return causes.empty() ? "" : causes[0].code + ": " + causes[0].sentence;
}

inline std::string codes(const std::vector<Cause>& causes) {
  std::string out;
  for (const auto& cause : causes) out += (out.empty() ? "" : " ") + cause.code;
  return out;
}

}  // namespace fairlead::diagnosis::testing
