// create_resource, patch_resource, delete_resource, apply_manifest: objects of any kind, custom ones included.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/clip.h"
#include "ops/list.h"
#include "ops/managed_fields.h"
#include "ops/manifest.h"
#include "ops/planning.h"
#include "ops/resolve.h"
#include "ops/shown.h"
#include "ops/writes.h"

namespace fairlead::ops {
namespace {

tl::unexpected<Error> refuse(const Call& call, std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, std::string(call.operation.name), std::move(cause), std::move(remedy));
}

// The resource that serves apiVersion and kind as a manifest names them.
Result<kube::ApiResource> served_as(const Call& call, const kube::Discovery& discovery, std::string_view api_version,
                                    std::string_view kind) {
  for (const auto& resource : discovery.resources) {
    if (resource.group_version() != api_version || resource.kind != kind) continue;
    // A Binding or a review is a request in an object's clothes: it changes something else, and nothing of it is kept.
    for (std::string_view verb : {"get", "delete"})
      if (std::find(resource.verbs.begin(), resource.verbs.end(), verb) == resource.verbs.end())
        return refuse(call, fmt::format("{} is no object that is kept: it cannot be read or deleted", kind),
                      "Use the operation for what it would do");
    return resource;
  }
  return refuse(call, fmt::format("the cluster has no kind {} of {}", kind, api_version),
                "list_api_resources shows what it has");
}

// Names the object; a namespace that says something else than the call is refused.
Result<ObjectRef> place_of(const Call& call, const kube::ApiResource& resource, const json::object& object) {
  ObjectRef out{resource.group,
                resource.version,
                resource.plural,
                resource.kind,
                {},
                std::string(text_at(object, {"metadata", "name"})),
                {},
                {}};
  const std::string own(text_at(object, {"metadata", "namespace"}));
  if (!resource.namespaced) {
    if (!own.empty())
      return refuse(call, out.words() + " is in no namespace, and its manifest names one", "Leave the namespace out");
    return out;
  }
  out.ns = own.empty() ? call.object_namespace() : own;
  if (call.arguments.has("namespace") && !own.empty() && own != call.arguments.text("namespace"))
    return refuse(call, out.words() + " is of another namespace than the call",
                  "Leave namespace out, or correct the manifest");
  return out;
}

json::object placed(json::object object, const ObjectRef& where) {
  json::value& metadata = object["metadata"];
  if (!where.ns.empty()) metadata.as_object()["namespace"] = where.ns;
  for (std::string_view theirs : {"managedFields", "uid", "creationTimestamp", "generation", "selfLink"})
    metadata.as_object().erase(theirs);
  object.erase("status");
  return object;
}

struct Item {
  ObjectRef where;
  json::object body;
};
awaitable<Result<std::vector<Item>>> read_items(Call& call) {
  const json::value* given = call.arguments.value("manifest");
  auto objects = read_manifest(given ? *given : json::value(nullptr), call.operation.name);
  if (!objects) co_return fail(std::move(objects.error()));
  auto discovery = co_await kube::discover(call.client, call.deadline);
  if (!discovery) co_return fail(std::move(discovery.error()));
  std::vector<Item> items;
  for (const auto& object : *objects) {
    auto resource = served_as(call, *discovery, text_at(object, {"apiVersion"}), text_at(object, {"kind"}));
    if (!resource) co_return fail(std::move(resource.error()));
    auto where = place_of(call, *resource, object);
    if (!where) co_return fail(std::move(where.error()));
    // By whatever version it is written in, it is one object.
    const bool twice = std::any_of(items.begin(), items.end(), [&](const Item& item) {
      return item.where.is(where->group, where->plural) && item.where.ns == where->ns && item.where.name == where->name;
    });
    if (twice) co_return refuse(call, where->words() + " is in the manifest twice", "Leave one of them out");
    items.push_back({*where, placed(object, *where)});
  }
  co_return items;
}

std::string count_words(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string summary_of(std::string_view verb, const std::vector<Item>& items) {
  std::string out(verb);
  constexpr std::size_t most = 3;
  for (std::size_t i = 0; i < std::min(items.size(), most); ++i) out += (i ? ", " : " ") + items[i].where.words();
  if (items.size() > most) out += fmt::format(" and {}", count_words(items.size() - most, "other", "others"));
  return out;
}

awaitable<Result<Plan>> plan_create(Call& call) {
  auto items = co_await read_items(call);
  if (!items) co_return fail(std::move(items.error()));
  Plan plan;
  plan.summary = summary_of("create", *items);
  for (auto& item : *items) {
    Write write;
    write.verb = Write::Verb::create;
    write.object = item.where;
    item.body["metadata"].as_object().erase("resourceVersion");
    write.body = std::move(item.body);
    plan.writes.push_back(std::move(write));
  }
  co_return plan;
}

awaitable<Result<Plan>> plan_apply(Call& call) {
  auto items = co_await read_items(call);
  if (!items) co_return fail(std::move(items.error()));
  Plan plan;
  plan.summary = summary_of("apply", *items);
  for (auto& item : *items) {
    auto before = co_await read_now(call, item.where);
    if (!before) co_return fail(std::move(before.error()));
    Write write;
    write.object = item.where;
    write.object.uid = text_at(*before, {"metadata", "uid"});
    write.content_type = kube::Patch::apply;
    write.force = call.arguments.flag("force");
    write.body = std::move(item.body);
    if (!before->is_null())
      write.body.as_object()["metadata"].as_object()["resourceVersion"] =
          text_at(*before, {"metadata", "resourceVersion"});
    write.before = std::move(*before);
    plan.writes.push_back(std::move(write));
  }
  co_return plan;
}

// Of a Secret, whose fields the server is not asked about: it would tell by a conflict whether it holds a value.
Result<void> check_apply(const Call& call, const Plan& plan) {
  std::string conflicts;
  std::size_t count = 0;
  for (const auto& write : plan.writes) {
    if (!write.object.is_secret() || write.force || write.before.is_null()) continue;
    const json::value asked = as_kept(write.object, write.body);
    for (const auto& leaf : leaves(asked)) {
      const auto* first = leaf.path.empty() ? nullptr : std::get_if<std::string>(&leaf.path[0]);
      const json::value* has = at(write.before, leaf.path);
      if ((!first || *first != "data") && has && *has == *leaf.after) continue;
      for (const auto& manager : other_managers(write.before, leaf.path)) {
        ++count;
        conflicts += fmt::format("{}{} of {} is held by \"{}\"", conflicts.empty() ? "" : "; ", shown_path(leaf.path),
                                 write.object.words(), escape_untrusted(clip(manager, 128), Newlines::escape));
      }
    }
  }
  if (count == 0) return {};
  return fail_with(
      std::move(conflicts), ErrorCode::conflict, std::string(call.operation.name),
      count == 1 ? "a field is held by another manager" : fmt::format("{} fields are held by other managers", count),
      "Leave those fields out, or take them over with force");
}

json::array outcomes(const Plan& plan, const Answers& answers) {
  json::array out;
  for (std::size_t i = 0; i < plan.writes.size() && i < answers.size(); ++i) {
    const Write& write = plan.writes[i];
    std::size_t fields = write.before.is_null() ? 0 : diff(write.before, answers[i]).size();
    if (write.object.is_secret()) fields = 1;  // whether it held a value already is not told
    out.push_back(json::object{{"object", write.object.words()},
                               {"outcome", write.before.is_null() ? json::value("created")
                                           : fields               ? json::value("changed")
                                                                  : json::value("unchanged")},
                               {"fields", fields}});
  }
  return out;
}

Result<Reply> finish_manifest(const Call& call, const Plan& plan, const Answers& answers) {
  const json::array all = outcomes(plan, answers);
  std::size_t created = 0, changed = 0;
  for (const auto& one : all) {
    created += text_at(one, {"outcome"}) == "created";
    changed += text_at(one, {"outcome"}) == "changed";
  }
  json::object result{{"objects", all}, {"changed", created + changed > 0 && !call.dry_run}};
  return change_reply(std::move(result),
                      (call.dry_run ? "dry run: " : "") + fmt::format("{} created, {} changed, {} unchanged", created,
                                                                      changed, all.size() - created - changed));
}

awaitable<Result<ObjectRef>> named(Call& call) {
  auto resource = co_await resolve_kind(call, call.arguments.text("kind"));
  if (!resource) co_return fail(std::move(resource.error()));
  if (!resource->namespaced && call.arguments.has("namespace"))
    co_return refuse(call, resource->kind + " objects are in no namespace", "Leave namespace out");
  co_return ObjectRef{resource->group,
                      resource->version,
                      resource->plural,
                      resource->kind,
                      resource->namespaced ? call.object_namespace() : "",
                      call.arguments.text("name"),
                      {},
                      {}};
}

awaitable<Result<Plan>> plan_patch(Call& call) {
  auto object = co_await named(call);
  if (!object) co_return fail(std::move(object.error()));
  const json::value* given = call.arguments.value("patch");
  json::value patch = given ? *given : json::value(nullptr);
  if (patch.is_string()) {
    auto parsed = parse_yaml(std::string_view(patch.get_string()), "read the patch");
    if (!parsed) co_return fail(std::move(parsed.error()));
    patch = std::move(*parsed);
  }
  if (!patch.is_object() || patch.get_object().empty())
    co_return refuse(call, "patch is no object", "Give the fields to change as a merge patch; null removes one");
  for (std::string_view fixed : {"apiVersion", "kind", "status"})
    if (patch.get_object().contains(fixed))
      co_return refuse(call, "a patch does not change " + std::string(fixed), "Leave it out");
  if (const json::value* metadata = find(patch, "metadata"); metadata && !metadata->is_object())
    co_return refuse(call, "metadata is no object", "Name the fields of it that change");
  for (std::string_view fixed : {"name", "namespace", "uid", "resourceVersion", "managedFields"})
    if (find(patch, "metadata", fixed))
      co_return refuse(call, "a patch does not change metadata." + std::string(fixed), "Leave it out");
  auto before = co_await read_for_change(call, *object);
  if (!before) co_return fail(std::move(before.error()));
  Plan plan;
  plan.summary = "patch " + object->words();
  auto write = patch_of(*object, *before, kube::Patch::merge, std::move(patch.get_object()));
  if (write) plan.writes.push_back(std::move(*write));
  co_return plan;
}

Result<Reply> finish_patch(const Call& call, const Plan& plan, const Answers& answers) {
  json::array lines;
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (const auto& line : brief(diff_lines(plan.writes[i], answers[i]))) lines.push_back(json::value(line));
  const bool differs = !lines.empty();
  json::object result{{"changed", differs && !call.dry_run}, {"fields", std::move(lines)}};
  if (!differs) return change_reply(std::move(result), "it is so already: nothing changed");
  return change_reply(std::move(result), did_or_would(call, "patched ") + plan.writes.front().object.words());
}

awaitable<Result<Plan>> plan_delete(Call& call) {
  auto object = co_await named(call);
  if (!object) co_return fail(std::move(object.error()));
  auto before = co_await read_for_change(call, *object);
  if (!before) co_return fail(std::move(before.error()));
  Plan plan;
  plan.summary = "delete " + object->words();
  plan.facts.as_object()["object"] = object->words();
  Write write = removal_of(*object, *before);
  write.body.as_object()["propagationPolicy"] = "Background";
  plan.writes.push_back(std::move(write));
  co_return plan;
}

Result<Reply> finish_delete(const Call& call, const Plan& plan, const Answers& answers) {
  const std::string words = std::string(text_at(plan.facts, {"object"}));
  if (answers.empty()) return change_reply({{"object", words}, {"deleted", false}}, words + " had gone already");
  return change_reply({{"object", words}, {"deleted", !call.dry_run}},
                      (call.dry_run ? "dry run: would have deleted " : "deleting ") + words);
}

constexpr ChangeSteps kCreate{plan_create, finish_manifest, nullptr};
constexpr ChangeSteps kApply{plan_apply, finish_manifest, nullptr, 0, check_apply};
constexpr ChangeSteps kPatch{plan_patch, finish_patch, nullptr};
constexpr ChangeSteps kDelete{plan_delete, finish_delete, nullptr};

Parameter manifest_parameter() {
  return {.name = "manifest",
          .type = ParameterType::document,
          .meaning = "One object or several, as YAML or JSON",
          .required = true,
          .secret = true};
}

std::vector<Parameter> without_name(std::vector<Parameter> parameters) {
  std::erase_if(parameters, [](const Parameter& one) { return one.name == "name"; });
  return parameters;
}

}  // namespace

std::vector<Operation> resource_change_operations() {
  return {
      {.name = "apply_manifest",
       .family = "any kind",
       .trust = Trust::write,
       .summary = "Apply objects on the server's side as field manager fairlead; fields that another manager holds are "
                  "a conflict that names both",
       .parameters = without_name(change_parameters(true, {manifest_parameter(),
                                                           {.name = "force",
                                                            .type = ParameterType::boolean,
                                                            .meaning = "Take fields over that other managers hold"}})),
       .access = {{"*", "*", {"get", "create", "patch"}}},
       .example =
           R"(--manifest '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web"},"data":{"mode":"dark"}}')",
       .change = &kApply},
      {.name = "create_resource",
       .family = "any kind",
       .trust = Trust::write,
       .idempotent = false,
       .summary = "Create objects of any kind from a manifest; one that is there already is a conflict",
       .parameters = without_name(change_parameters(true, {manifest_parameter()})),
       .access = {{"*", "*", {"get", "create"}}},
       .example =
           R"(--manifest '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web"},"data":{"mode":"dark"}}')",
       .change = &kCreate},
      {.name = "patch_resource",
       .family = "any kind",
       .trust = Trust::write,
       .summary = "Change fields of one object of any kind by a merge patch",
       .parameters =
           change_parameters(true, {kind_parameter(),
                                    {.name = "patch",
                                     .type = ParameterType::document,
                                     .meaning = "The fields to change; null removes one, a list is replaced whole",
                                     .required = true,
                                     .secret = true}}),
       .access = {{"*", "*", {"get", "patch"}}},
       .example = R"(--kind ingress --namespace shop --name shop --patch '{"metadata":{"labels":{"tier":"web"}}}')",
       .change = &kPatch},
      {.name = "delete_resource",
       .family = "any kind",
       .trust = Trust::destructive,
       .idempotent = false,
       .summary = "Delete one object of any kind, with what it owns",
       .parameters = change_parameters(true, {kind_parameter()}),
       .access = {{"*", "*", {"get", "delete"}}},
       .example = "--kind configmap --namespace shop --name frontend-config",
       .change = &kDelete},
  };
}

}  // namespace fairlead::ops
