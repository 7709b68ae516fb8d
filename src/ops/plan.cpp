#include "ops/plan.h"

#include <algorithm>
#include <array>

#include "kube/client.h"

namespace fairlead::ops {
namespace {

constexpr std::array<std::string_view, 5> kVerbs{"create", "patch", "delete", "exec", "evict"};

json::object to_json(const ObjectRef& object) {
  return {
      {"group", object.group},  {"version", object.version}, {"plural", object.plural},           {"kind", object.kind},
      {"namespace", object.ns}, {"name", object.name},       {"subresource", object.subresource}, {"uid", object.uid}};
}

ObjectRef object_from(const json::value& value) {
  auto text = [&](std::string_view key) { return std::string(text_at(value, {key})); };
  return {text("group"),     text("version"), text("plural"),      text("kind"),
          text("namespace"), text("name"),    text("subresource"), text("uid")};
}

json::value member(const json::value& value, std::string_view key) {
  const json::value* found = find(value, key);
  return found ? *found : json::value(nullptr);
}

}  // namespace

std::string ObjectRef::target() const {
  return kube::ResourcePath{group, version, plural, ns, name, subresource}.text();
}
std::string ObjectRef::collection() const { return kube::ResourcePath{group, version, plural, ns, {}, {}}.text(); }
bool ObjectRef::is_secret() const { return is("", "secrets"); }
std::string ObjectRef::words() const { return kind + " " + (ns.empty() ? "" : ns + "/") + name; }

std::string_view to_string(Write::Verb verb) { return kVerbs[static_cast<std::size_t>(verb)]; }

json::object to_json(const Plan& plan) {
  json::array writes;
  const auto texts = [](const std::vector<std::string>& all) {
    json::array out;
    for (const auto& one : all) out.emplace_back(one);
    return out;
  };
  for (const auto& write : plan.writes)
    writes.push_back(json::object{{"verb", to_string(write.verb)},
                                  {"object", to_json(write.object)},
                                  {"content_type", write.content_type},
                                  {"body", write.body},
                                  {"force", write.force},
                                  {"copied", write.copied},
                                  {"until_gone", write.until_gone},
                                  {"before", write.before},
                                  {"expected", write.expected}});
  return {{"summary", plan.summary},      {"writes", std::move(writes)},
          {"reach", texts(plan.reach)},   {"takes_along", texts(plan.takes_along)},
          {"left", texts(plan.left)},     {"loses", texts(plan.loses)},
          {"no_undo", plan.no_undo},      {"facts", plan.facts},
          {"repeatable", plan.repeatable}};
}

Result<Plan> plan_from_json(const json::value& value) {
  Plan plan;
  plan.summary = text_at(value, {"summary"});
  plan.no_undo = text_at(value, {"no_undo"});
  plan.facts = object_at(value, {"facts"});
  plan.repeatable = flag_at(value, {"repeatable"});
  const auto read = [&](std::string_view key, std::vector<std::string>& to) {
    for (const auto& one : array_at(value, {key}))
      if (one.is_string()) to.emplace_back(one.get_string());
  };
  read("reach", plan.reach);
  read("takes_along", plan.takes_along);
  read("left", plan.left);
  read("loses", plan.loses);
  for (const auto& one : array_at(value, {"writes"})) {
    const auto verb = std::find(kVerbs.begin(), kVerbs.end(), text_at(one, {"verb"}));
    if (verb == kVerbs.end())
      return fail(ErrorCode::internal, "read a plan", "it has a write of an unknown verb",
                  "Use the version of Fairlead that made it");
    Write write;
    write.verb = static_cast<Write::Verb>(verb - kVerbs.begin());
    write.object = object_from(member(one, "object"));
    write.content_type = text_at(one, {"content_type"});
    write.body = member(one, "body");
    write.force = flag_at(one, {"force"});
    write.copied = flag_at(one, {"copied"});
    write.until_gone = flag_at(one, {"until_gone"});
    write.before = member(one, "before");
    write.expected = member(one, "expected");
    plan.writes.push_back(std::move(write));
  }
  return plan;
}

}  // namespace fairlead::ops
