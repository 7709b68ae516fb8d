#include "ops/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "kube/client.h"
#include "ops/clip.h"
#include "ops/diff.h"
#include "redact/redact.h"

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

std::string shown(const std::optional<json::value>& value) {
  constexpr std::size_t most = 200;
  if (!value) return "(none)";
  return clip(compact(*value), most);
}

}  // namespace

std::string ObjectRef::target() const {
  return kube::ResourcePath{group, version, plural, ns, name, subresource}.text();
}
std::string ObjectRef::collection() const { return kube::ResourcePath{group, version, plural, ns, {}, {}}.text(); }
bool ObjectRef::is_secret() const { return group.empty() && plural == "secrets"; }
std::string ObjectRef::words() const { return kind + " " + (ns.empty() ? "" : ns + "/") + name; }

std::string_view to_string(Write::Verb verb) { return kVerbs[static_cast<std::size_t>(verb)]; }

json::object to_json(const Plan& plan) {
  json::array writes, reach;
  for (const auto& write : plan.writes)
    writes.push_back(json::object{{"verb", to_string(write.verb)},
                                  {"object", to_json(write.object)},
                                  {"content_type", write.content_type},
                                  {"body", write.body},
                                  {"force", write.force},
                                  {"before", write.before},
                                  {"expected", write.expected}});
  for (const auto& line : plan.reach) reach.emplace_back(line);
  return {{"summary", plan.summary},
          {"writes", std::move(writes)},
          {"reach", std::move(reach)},
          {"no_undo", plan.no_undo},
          {"facts", plan.facts}};
}

Result<Plan> plan_from_json(const json::value& value) {
  Plan plan;
  plan.summary = text_at(value, {"summary"});
  plan.no_undo = text_at(value, {"no_undo"});
  plan.facts = object_at(value, {"facts"});
  for (const auto& line : array_at(value, {"reach"}))
    if (line.is_string()) plan.reach.emplace_back(line.get_string());
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
    write.before = member(one, "before");
    write.expected = member(one, "expected");
    plan.writes.push_back(std::move(write));
  }
  return plan;
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, 32> sum{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), sum.data(), &size, EVP_sha256(), nullptr);
  return fmt::format("{:02x}", fmt::join(sum, ""));
}

std::vector<std::string> diff_lines(const Write& write, const json::value& after) {
  const std::string object = write.object.words();
  if (write.verb == Write::Verb::evict) return {object + " is evicted"};
  if (write.verb == Write::Verb::remove) return {object + " is deleted"};
  // Whole, and as it was asked for: nothing of what runs may hide behind a mark.
  if (write.verb == Write::Verb::exec)
    return {object + " container " + std::string(text_at(write.body, {"container"})) + " runs " +
            escape_untrusted(compact(array_at(write.body, {"command"})), Newlines::escape)};
  if (write.before.is_null()) return {object + " is created"};
  json::value was = write.before, is = after;
  std::vector<std::string> lines;
  std::vector<FieldChange> changes = diff(was, is);
  redact::object(was);
  redact::object(is);
  for (const auto& change : changes) {
    const std::string path = escape_untrusted(to_text(change.path), Newlines::escape);
    const json::value *old_value = at(was, change.path), *new_value = at(is, change.path);
    // What redaction made equal differs all the same.
    const bool hidden = write.object.is_secret() || (old_value && new_value && *old_value == *new_value);
    auto text = [&](const std::optional<json::value>& real, const json::value* clean) {
      if (!real) return std::string("(none)");
      if (hidden) return std::string(redact::kRedacted);
      return clean ? escape_untrusted(redact::text(shown(*clean)), Newlines::escape) : std::string("(none)");
    };
    lines.push_back(object + " " + path + ": " + text(change.before, old_value) + " -> " +
                    text(change.after, new_value));
  }
  return lines;
}

}  // namespace fairlead::ops
