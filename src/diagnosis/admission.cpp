// Pods that a controller wants and that the API server does not let in.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "diagnosis/lookup.h"
#include "diagnosis/refusal.h"
#include "diagnosis/webhooks.h"
#include "kube/quantity.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {
namespace {

using Why = Refusal::Why;

constexpr std::int64_t kRecently = 1200;  // controllers try again within that time

// A Job's and a CronJob's events tell what they could not make; others have numbers that show whether they lack some.
bool lacks_pods(const json::value& owner, std::string_view kind) {
  if (kind == "DaemonSet")
    return integer_at(owner, {"status", "currentNumberScheduled"}) <
           integer_at(owner, {"status", "desiredNumberScheduled"});
  if (kind == "Job") return !condition_holds(owner, "Complete");
  if (kind != "ReplicaSet" && kind != "StatefulSet" && kind != "ReplicationController") return true;
  return integer_at(owner, {"status", "replicas"}) < integer_at(owner, {"spec", "replicas"}, 1);
}

std::int64_t requests_of(const json::value& pod, std::string_view resource) {
  const bool limits = resource.starts_with("limits.");
  const std::size_t dot = resource.find('.');
  const std::string_view name = dot == resource.npos ? resource : resource.substr(dot + 1);
  std::int64_t sum = 0;
  for (const auto& container : array_at(pod, {"spec", "containers"})) {
    std::string_view amount = text_at(container, {"resources", limits ? "limits" : "requests", name});
    if (amount.empty()) amount = text_at(container, {"resources", "limits", name});
    sum += kube::parse_quantity_milli(amount).value_or(0);
  }
  return sum;
}

// Who uses most of it: "ReplicaSet web-5d8f uses pods=3".
awaitable<std::string> largest_user(Trail trail, std::string ns, std::string resource) {
  const bool count = resource == "pods" || resource == "count/pods";
  if (!count && resource.find("cpu") == resource.npos && resource.find("memory") == resource.npos) co_return "";
  const ListSeen* pods = co_await trail.source.list(kinds::pods, ns);
  std::map<std::string, std::int64_t> users;
  for (const auto& pod : pods->items) {
    if (is_finished(pod)) continue;
    std::string owner = ops::controller_of(pod);
    if (owner.empty()) owner = "Pod/" + std::string(text_at(pod, {"metadata", "name"}));
    users[owner] += count ? 1000 : requests_of(pod, resource);
  }
  auto most =
      std::max_element(users.begin(), users.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == users.end() || most->second == 0) co_return "";
  const bool bytes = resource.find("memory") != resource.npos;
  const std::string amount = bytes ? kube::format_bytes(most->second / 1000) : kube::format_cpu(most->second);
  co_return fmt::format("{} uses most of it: {}={}", most->first, resource, amount);
}

awaitable<void> explain_quota(Trail trail, const Refusal& refusal, const Ref& owner, Cause& cause) {
  cause.code = "quota_exceeded";
  cause.certainty = Certainty::proven;
  cause.at = {"ResourceQuota", owner.ns, refusal.name};
  std::vector<std::string> short_of;
  for (const auto& amount : refusal.amounts) {
    short_of.push_back(fmt::format("{} {} of {} are used and it asks for {}", amount.resource, amount.used, amount.hard,
                                   amount.asked));
    const std::string user = co_await largest_user(trail, owner.ns, amount.resource);
    if (!user.empty()) cause.evidence.push_back(user);
  }
  cause.sentence =
      fmt::format("The ResourceQuota {}/{} is used up, so that {} gets no more {}: {}", owner.ns, refusal.name,
                  owner.text(), owner.kind == "Deployment" ? "ReplicaSets" : "pods", listed(short_of));
  cause.next = "Raise the quota, ask for less, or scale something else in the namespace down";
  const ObjectSeen* quota = co_await trail.source.get(kinds::resource_quotas, owner.ns, refusal.name);
  if (!quota->seen()) co_return;
  std::vector<std::string> now;
  for (const auto& amount : refusal.amounts)
    now.push_back(fmt::format("{} {}/{}", amount.resource, text_at(quota->value, {"status", "used", amount.resource}),
                              text_at(quota->value, {"status", "hard", amount.resource})));
  cause.evidence.push_back("the quota now: " + listed(now, 5));
}

awaitable<void> explain_service_account(Trail trail, const Refusal& refusal, const Ref& owner, Cause& cause) {
  cause.code = "service_account_absent";
  cause.sentence =
      fmt::format("{} cannot make pods: its ServiceAccount {}/{} does not exist", owner.text(), owner.ns, refusal.name);
  const ObjectSeen* account = co_await look(trail, "ServiceAccount", owner.ns, refusal.name);
  if (account->absent()) cause.certainty = Certainty::proven;
  if (account->seen()) cause.evidence.push_back("it exists now: the next attempt should get through");
  const auto names = co_await names_there(trail, "ServiceAccount", owner.ns);
  cause.next = "Make the ServiceAccount, or name another in spec.template.spec.serviceAccountName" +
               near_or_all(refusal.name, names);
}

awaitable<void> explain_priority(Trail trail, const Refusal& refusal, const Ref& owner, Cause& cause) {
  cause.code = "priority_class_absent";
  cause.sentence = fmt::format("{} cannot make pods: there is no PriorityClass {}", owner.text(), quoted(refusal.name));
  const ListSeen* classes = co_await trail.source.list(kinds::priority_classes, "");
  const auto names = names_of(classes->items);
  if (classes->seen() && std::find(names.begin(), names.end(), refusal.name) == names.end())
    cause.certainty = Certainty::proven;
  cause.next = "Make that PriorityClass, or name another" + near_or_all(refusal.name, names);
}

awaitable<void> explain_webhook(Trail trail, const Refusal& refusal, const Ref& owner, Cause& cause) {
  Webhook webhook;
  for (const bool mutating : {true, false})
    for (auto& one : co_await webhooks_of(trail, mutating))
      if (one.name == refusal.name) webhook = std::move(one);
  if (!webhook.configuration.empty()) {
    cause.at = {webhook.mutating ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration", "",
                webhook.configuration};
    cause.affects.push_back(owner);
  }
  const std::string of = webhook.configuration.empty() ? "" : fmt::format(" of {}", cause.at.text());
  if (refusal.why == Why::webhook_denied) {
    cause.code = "webhook_denied";
    cause.sentence =
        fmt::format("The admission webhook {}{} denies the pods of {}: {}", quoted(refusal.name), of, owner.text(),
                    refusal.detail.empty() ? "without explanation" : clipped(refusal.detail, 200));
    cause.next = "Change the pod template to what the webhook demands, or ask who keeps it";
    co_return;
  }
  cause.code = "webhook_unreachable";
  cause.sentence = fmt::format("The admission webhook {}{} cannot be called, so that {} gets no pods: {}",
                               quoted(refusal.name), of, owner.text(), clipped(refusal.detail, 200));
  cause.next = "Bring its Service back; get_resource shows the configuration";
  if (refusal.detail.find("x509") != refusal.detail.npos)
    cause.next =
        "Its certificate and the caBundle of the configuration do not go together: renew them (cert-manager's "
        "cainjector does it)";
  if (webhook.configuration.empty()) co_return;
  const bool shown = co_await explain_webhook_service(trail, webhook, owner, cause.evidence);
  if (shown) cause.code.clear();
}

// What needs no look at anything else.
void explain_plainly(const Refusal& refusal, const Ref& owner, Cause& cause) {
  const std::string detail = clipped(refusal.detail, 220);
  const auto set = [&](std::string code, std::string sentence, std::string next) {
    cause.code = std::move(code);
    cause.sentence = std::move(sentence);
    cause.next = std::move(next);
  };
  switch (refusal.why) {
    case Why::quota_wants_resources:
      set("quota_wants_resources",
          fmt::format("{} cannot make pods: the ResourceQuota {}/{} wants every container to say {}", owner.text(),
                      owner.ns, refusal.name, detail),
          "Set those requests and limits in the pod template, or let a LimitRange of the namespace give defaults");
      break;
    case Why::limit_range:
      set("limit_range",
          fmt::format("{} cannot make pods: a LimitRange of namespace {} forbids it: {}", owner.text(), owner.ns,
                      detail),
          "Change the resources of the pod template or the LimitRange: list_resources kind=LimitRange namespace=" +
              owner.ns);
      break;
    case Why::pod_security:
      set("pod_security",
          fmt::format("{} cannot make pods: they violate the Pod Security level {} of namespace {}: {}", owner.text(),
                      quoted(refusal.name), owner.ns, detail),
          "Set those fields in the pod template, or change the namespace's label pod-security.kubernetes.io/enforce");
      break;
    case Why::security_policy:
      set("pod_security",
          fmt::format("{} cannot make pods: no PodSecurityPolicy that it may use admits them: {}", owner.text(),
                      detail),
          "Change the pod template, or grant its service account the use of a PodSecurityPolicy that admits it");
      break;
    case Why::runtime_class:
      set("runtime_class_absent",
          fmt::format("{} cannot make pods: there is no RuntimeClass {}", owner.text(), quoted(refusal.name)),
          "list_resources kind=RuntimeClass shows those that exist");
      break;
    case Why::policy_denied:
      set("policy_denied",
          fmt::format("The ValidatingAdmissionPolicy {} denies the pods of {}: {}", quoted(refusal.name), owner.text(),
                      detail),
          "Change the pod template to what the policy demands");
      break;
    case Why::namespace_terminating:
      set("namespace_terminating",
          fmt::format("{} cannot make pods: namespace {} is being deleted", owner.text(), owner.ns),
          "Wait until it is gone, or find out what holds it: get_namespace name=" + owner.ns);
      break;
    case Why::invalid:
      set("pod_invalid",
          fmt::format("{} cannot make pods: its template makes one that is not valid: {}", owner.text(), detail),
          "Correct those fields of the pod template");
      break;
    default:
      set("pods_rejected", fmt::format("{} cannot make pods: {}", owner.text(), detail),
          "get_events_for_resource shows all that it says");
  }
}

awaitable<void> explain_refusal(Trail trail, Refusal refusal, Ref owner, std::string evidence) {
  Cause cause{.certainty = Certainty::told, .at = owner, .evidence = {evidence}, .affects = {owner}};
  switch (refusal.why) {
    case Why::quota_exceeded: co_await explain_quota(trail, refusal, owner, cause); break;
    case Why::service_account: co_await explain_service_account(trail, refusal, owner, cause); break;
    case Why::priority_class: co_await explain_priority(trail, refusal, owner, cause); break;
    case Why::webhook_denied:
    case Why::webhook_unreachable: co_await explain_webhook(trail, refusal, owner, cause); break;
    default: explain_plainly(refusal, owner, cause);
  }
  if (!cause.code.empty()) trail.findings.add(std::move(cause));
}

// What its controller says itself of what it could not make; null: nothing.
const json::value* failed_to_make(const json::value& owner, std::string_view kind) {
  const bool deployment = kind == "Deployment";
  const json::value* said = ops::condition_of(owner, deployment ? "Progressing" : "ReplicaFailure");
  if (!said) return nullptr;
  if (deployment) return text_at(*said, {"reason"}) == "ReplicaSetCreateError" ? said : nullptr;
  return text_at(*said, {"status"}) == "True" ? said : nullptr;
}

}  // namespace

awaitable<void> explain_rejections(Trail trail, Ref owner) {
  const Kind* kind = kinds::find(owner.kind);
  if (!kind) co_return;
  const ObjectSeen* object = co_await trail.source.get(*kind, owner.ns, owner.name);
  if (object->absent() || (object->seen() && !lacks_pods(object->value, owner.kind))) co_return;
  if (const json::value* failure = object->seen() ? failed_to_make(object->value, owner.kind) : nullptr) {
    const Refusal refusal = read_refusal(text_at(*failure, {"message"}));
    const std::string evidence =
        fmt::format("condition {}: {}", text_at(*failure, {"type"}), show_condition(*failure, trail.now()));
    co_await explain_refusal(trail, refusal, owner, evidence);
    co_return;
  }
  // The newest one tells what is in the way now.
  for (const auto& event : co_await events_about(trail, owner, "FailedCreate")) {
    if (trail.now() - event.last > kRecently) co_return;
    const Refusal refusal = read_refusal(event.message);
    const std::string evidence = show(event, trail.now());
    co_await explain_refusal(trail, refusal, owner, evidence);
    co_return;
  }
}

}  // namespace fairlead::diagnosis
