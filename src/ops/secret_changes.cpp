// rotate_secret, delete_secret, rotate_service_account_token. What is in a Secret is shown nowhere: answers name keys.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "ops/blast_radius.h"
#include "ops/catalog.h"
#include "ops/change_answer.h"
#include "ops/clip.h"
#include "ops/list.h"
#include "ops/planning.h"

namespace fairlead::ops {
namespace {

constexpr std::string_view kTokenType = "kubernetes.io/service-account-token";
constexpr std::string_view kAccountAnnotation = "kubernetes.io/service-account.name";

ObjectRef secret_of(const Call& call) {
  return {"", "v1", "secrets", "Secret", call.object_namespace(), call.arguments.text("name"), {}, {}};
}

std::string place(const ObjectRef& object) { return object.ns + "/" + object.name; }

// Restarts of the workloads whose pods use the Secret.
awaitable<Result<void>> restart_consumers(Call& call, const ObjectRef& secret, Plan& plan) {
  struct Family {
    std::string_view plural, kind;
  };
  const std::string now = format_rfc3339(call.clock.unix_seconds());
  json::array names, left;
  static constexpr Family families[]{
      {"deployments", "Deployment"}, {"statefulsets", "StatefulSet"}, {"daemonsets", "DaemonSet"}};
  for (const Family& family : families) {
    auto list = co_await call.client.get(kube::ResourcePath{"apps", "v1", family.plural, secret.ns, {}, {}}.text(),
                                         call.deadline);
    if (!list) co_return fail(std::move(list.error()));
    for (const auto& item : array_at(*list, {"items"})) {
      const json::value* spec = find(item, "spec", "template", "spec");
      if (!spec || !uses(*spec, secret)) continue;
      ObjectRef object{"apps",
                       "v1",
                       std::string(family.plural),
                       std::string(family.kind),
                       secret.ns,
                       std::string(text_at(item, {"metadata", "name"})),
                       {},
                       std::string(text_at(item, {"metadata", "uid"}))};
      json::value whole = item;  // items of a list do not say what they are
      whole.as_object()["kind"] = family.kind;
      whole.as_object()["apiVersion"] = "apps/v1";
      if (const std::string_view why = why_no_restart(whole); !why.empty()) {
        plan.shows.push_back(object);
        left.push_back(json::value(object.words() + " " + std::string(why)));
        plan.reach.push_back("not restarted: " + object.words() + " " + std::string(why));
        continue;
      }
      names.push_back(json::value(object.words()));
      auto write = patch_of(std::move(object), whole, kube::Patch::merge, restart_patch(now));
      if (write) plan.writes.push_back(std::move(*write));
    }
  }
  plan.facts.as_object()["restarted"] = std::move(names);
  plan.facts.as_object()["not_restarted"] = std::move(left);
  co_return Result<void>{};
}

awaitable<Result<Plan>> plan_rotate(Call& call) {
  ObjectRef secret = secret_of(call);
  const json::object given = call.arguments.map("data");
  if (given.empty())
    co_return fail(ErrorCode::invalid_request, "rotate_secret", "data names no key", "Give the new values, by key");
  json::object data;
  json::array keys;
  for (const auto& [key, value] : given) {
    data[key] = value.is_null() ? json::value(nullptr) : json::value(base64_encode(value.get_string()));
    keys.push_back(json::value(key));
  }
  auto before = co_await read_for_change(call, secret);
  if (!before) co_return fail(std::move(before.error()));
  if (flag_at(*before, {"immutable"}))
    co_return fail(ErrorCode::conflict, "rotate_secret", "Secret " + place(secret) + " is immutable",
                   "Make another one, and let its users name that");
  Plan plan;
  plan.summary = fmt::format("rotate {} keys of Secret {}", keys.size(), place(secret));
  plan.facts.as_object()["keys"] = std::move(keys);
  json::object patch;
  patch["data"] = std::move(data);
  auto write = patch_of(secret, *before, kube::Patch::merge, std::move(patch));
  if (!write) co_return plan;
  plan.writes.push_back(std::move(*write));
  if (call.arguments.flag("restart_consumers")) {
    auto restarts = co_await restart_consumers(call, secret, plan);
    if (!restarts) co_return fail(std::move(restarts.error()));
  }
  co_return plan;
}

Result<Reply> finish_rotate(const Call& call, const Plan& plan, const Answers& answers) {
  const ObjectRef secret = secret_of(call);
  json::object result{{"namespace", secret.ns},
                      {"secret", secret.name},
                      {"keys", array_at(plan.facts, {"keys"})},
                      {"changed", !answers.empty() && !call.dry_run}};
  if (answers.empty())
    return change_reply(std::move(result), "Secret " + place(secret) + " holds these values already: nothing changed");
  const json::array& restarted = array_at(plan.facts, {"restarted"});
  if (!restarted.empty()) result["restarted"] = restarted;
  const json::array& left = array_at(plan.facts, {"not_restarted"});
  if (!left.empty()) result["not_restarted"] = left;
  std::string rest;
  if (!restarted.empty())
    rest = fmt::format(", and {} workloads are", restarted.size());
  else if (!call.arguments.flag("restart_consumers"))
    rest = ", which restart_consumers does";
  if (!left.empty()) rest += fmt::format("; {} are not, and keep the old value", left.size());
  return change_reply(std::move(result),
                      did_or_would(call, "rotated") + " Secret " + place(secret) +
                          ": pods that mount it see the new values within two minutes; those that have it in their "
                          "environment must be restarted" +
                          rest);
}

awaitable<Result<Plan>> plan_delete(Call& call) {
  ObjectRef secret = secret_of(call);
  auto before = co_await read_for_change(call, secret);
  if (!before) co_return fail(std::move(before.error()));
  Plan plan;
  plan.summary = "delete Secret " + place(secret);
  plan.writes.push_back(removal_of(std::move(secret), *before));
  co_return plan;
}

Result<Reply> finish_delete(const Call& call, const Plan& plan, const Answers& answers) {
  const ObjectRef secret = secret_of(call);
  if (answers.empty())
    return change_reply({{"namespace", secret.ns}, {"secret", secret.name}, {"deleted", false}},
                        "Secret " + place(secret) + " had gone already");
  json::object result{{"namespace", secret.ns}, {"secret", secret.name}, {"deleted", !call.dry_run}};
  return change_reply(std::move(result),
                      did_or_would(call, "deleted") + " Secret " + place(secret) +
                          (plan.no_undo.empty() ? ": what was in it is kept, sealed, in the journal"
                                                : ": " + plan.no_undo + ", so this cannot be undone"));
}

bool is_token_of(const json::value& secret, const json::value& account) {
  return text_at(secret, {"type"}) == kTokenType &&
         text_at(secret, {"metadata", "annotations", kAccountAnnotation}) == text_at(account, {"metadata", "name"});
}

// Before Kubernetes 1.24 a controller makes a token for each account, which then names it.
awaitable<bool> makes_tokens_by_itself(Call& call) {
  auto version = co_await call.client.get("/version", call.deadline);
  if (!version) co_return false;
  const std::string minor(text_at(*version, {"minor"}));  // "20", "20+"
  co_return text_at(*version, {"major"}) == "1" && std::atoi(minor.c_str()) < 24;
}

// Asks a controller for a token, with all that `old` has beside its own.
json::object token_secret(const json::value& old, const ObjectRef& object, std::string_view account) {
  json::object metadata{{"name", object.name}, {"namespace", object.ns}};
  json::object annotations = object_at(old, {"metadata", "annotations"});
  for (std::string_view theirs :
       {"kubernetes.io/service-account.uid", "kubectl.kubernetes.io/last-applied-configuration"})
    annotations.erase(theirs);
  annotations[kAccountAnnotation] = account;
  metadata["annotations"] = std::move(annotations);
  if (const json::object& labels = object_at(old, {"metadata", "labels"}); !labels.empty()) {
    metadata["labels"] = labels;
    metadata["labels"].get_object().erase("kubernetes.io/legacy-token-last-used");
  }
  json::object body{{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", std::move(metadata)}, {"type", kTokenType}};
  json::object data = object_at(old, {"data"});
  for (std::string_view theirs : {"token", "ca.crt", "namespace"}) data.erase(theirs);
  if (!data.empty()) body["data"] = std::move(data);
  return body;
}

// Those of service accounts alone.
std::string token_secrets(const std::string& ns) {
  std::string target = kube::ResourcePath{"", "v1", "secrets", ns, {}, {}}.text();
  kube::add_query(target, "fieldSelector", "type=" + std::string(kTokenType));
  return target;
}

awaitable<Result<Plan>> plan_token(Call& call) {
  ObjectRef account{"", "v1", "serviceaccounts", "ServiceAccount", call.object_namespace(), call.arguments.text("name"),
                    {}, {}};
  auto before = co_await read_for_change(call, account);
  if (!before) co_return fail(std::move(before.error()));
  auto secrets = co_await call.client.get(token_secrets(account.ns), call.deadline);
  if (!secrets) co_return fail(std::move(secrets.error()));
  Plan plan;
  plan.summary = "rotate the tokens of service account " + place(account);
  plan.no_undo = "the old token is gone once it is deleted";
  const bool makes_tokens = co_await makes_tokens_by_itself(call);
  json::array deleted, created;
  bool automatic = false;
  std::vector<json::value> replaced;  // by new ones of the same name, so that whoever mounts one finds it
  for (const auto& item : array_at(*secrets, {"items"})) {
    if (!is_token_of(item, *before)) continue;
    ObjectRef secret{"",         "v1",
                     "secrets",  "Secret",
                     account.ns, std::string(text_at(item, {"metadata", "name"})),
                     {},         std::string(text_at(item, {"metadata", "uid"}))};
    const auto& own = array_at(*before, {"secrets"});
    const bool comes_back = makes_tokens && std::any_of(own.begin(), own.end(), [&](const json::value& named) {
                              return text_at(named, {"name"}) == secret.name;
                            });
    automatic = automatic || comes_back;
    if (!comes_back) replaced.push_back(item);
    deleted.push_back(json::value(secret.name));
    Write write = removal_of(std::move(secret), item);
    write.before.as_object()["kind"] = "Secret";  // an item of a list does not say so
    write.before.as_object()["apiVersion"] = "v1";
    plan.writes.push_back(std::move(write));
  }
  plan.facts.as_object()["deleted"] = deleted;
  plan.facts.as_object()["automatic"] = automatic;
  if (replaced.empty() && !automatic)
    replaced.push_back(json::object{{"metadata", {{"name", account.name.substr(0, 240) + "-token"}}}});
  for (const auto& old : replaced) {
    Write write;
    write.copied = !text_at(old, {"metadata", "uid"}).empty();
    write.verb = Write::Verb::create;
    write.object = {"", "v1", "secrets", "Secret", account.ns, std::string(text_at(old, {"metadata", "name"})), {}, {}};
    write.body = token_secret(old, write.object, account.name);
    created.push_back(json::value(write.object.name));
    plan.writes.push_back(std::move(write));
  }
  plan.facts.as_object()["created"] = std::move(created);
  // Each is made again before the next one goes.
  std::stable_sort(plan.writes.begin(), plan.writes.end(), [](const Write& a, const Write& b) {
    return std::pair(a.object.name, a.verb != Write::Verb::remove) <
           std::pair(b.object.name, b.verb != Write::Verb::remove);
  });
  co_return plan;
}

// A token that is none of the old ones, and filled in.
awaitable<Result<Verification>> verify_token(Call& call, const Plan& plan, const Answers&) {
  const std::string ns = call.object_namespace(), account = call.arguments.text("name");
  auto secrets = co_await call.client.get(token_secrets(ns), call.deadline);
  if (!secrets) co_return fail(std::move(secrets.error()));
  std::vector<std::string> old;
  for (const auto& write : plan.writes)
    if (write.verb == Write::Verb::remove) old.push_back(write.object.uid);
  for (const auto& secret : array_at(*secrets, {"items"})) {
    if (text_at(secret, {"type"}) != kTokenType ||
        text_at(secret, {"metadata", "annotations", kAccountAnnotation}) != account)
      continue;
    const bool is_old = std::find(old.begin(), old.end(), text_at(secret, {"metadata", "uid"})) != old.end();
    if (!is_old && find(secret, "data", "token"))
      co_return Verification{
          true, false,
          "a new token is in Secret " + escape_untrusted(text_at(secret, {"metadata", "name"}), Newlines::escape)};
  }
  co_return Verification{false, false, "no new token has been issued yet"};
}

Result<Reply> finish_token(const Call& call, const Plan& plan, const Answers&) {
  const json::array& deleted = array_at(plan.facts, {"deleted"});
  json::object result{{"namespace", call.object_namespace()},
                      {"service_account", call.arguments.text("name")},
                      {"deleted", deleted},
                      {"changed", !call.dry_run}};
  if (const auto& created = array_at(plan.facts, {"created"}); !created.empty()) result["created"] = created;
  return change_reply(
      std::move(result),
      did_or_would(call, "deleted") +
          fmt::format(" {} token Secrets of service account {}/{}; whoever used the old token must take the new one",
                      deleted.size(), call.object_namespace(), call.arguments.text("name")));
}

constexpr ChangeSteps kRotate{plan_rotate, finish_rotate, nullptr};
constexpr ChangeSteps kDelete{plan_delete, finish_delete, nullptr};
constexpr ChangeSteps kToken{plan_token, finish_token, verify_token, 60};

}  // namespace

std::vector<Operation> secret_change_operations() {
  return {
      {.name = "rotate_secret",
       .family = "config",
       .trust = Trust::write,
       .summary = "Give keys of a Secret new values, and restart those that use it where asked to",
       .parameters = change_parameters(
           true, {{.name = "data",
                   .type = ParameterType::map,
                   .meaning = "New values by key, as they are (not base64); null removes a key",
                   .required = true,
                   .secret = true},
                  {.name = "restart_consumers",
                   .type = ParameterType::boolean,
                   .meaning = "Also restart the deployments, StatefulSets and DaemonSets whose pods use it"}}),
       .access = change_access({{"", "secrets", {"get", "patch"}},
                                {"apps", "deployments", {"list", "patch"}, Reach::call_namespace, true},
                                {"apps", "statefulsets", {"list", "patch"}, Reach::call_namespace, true},
                                {"apps", "daemonsets", {"list", "patch"}, Reach::call_namespace, true}}),
       .example = "--namespace shop --name payments-db --data user=shop",
       .change = &kRotate},
      {.name = "delete_secret",
       .family = "config",
       .trust = Trust::destructive,
       .summary = "Delete a Secret; what was in it is kept only where the policy says so",
       .parameters = change_parameters(true),
       .access = change_access({"", "secrets", {"get", "delete"}}),
       .example = "--namespace shop --name payments-db",
       .change = &kDelete},
      {.name = "rotate_service_account_token",
       .family = "identity",
       .trust = Trust::destructive,
       .idempotent = false,
       .summary = "Delete the token Secrets of a service account and wait for a new one; where the cluster makes none "
                  "by itself, make one",
       .parameters = change_parameters(true),
       .access = {{"", "serviceaccounts", {"get"}}, {"", "secrets", {"list", "delete", "create"}}},
       .example = "--namespace shop --name deployer",
       .change = &kToken},
  };
}

}  // namespace fairlead::ops
