#include "diagnosis/webhooks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnosis/lookup.h"

namespace fairlead::diagnosis {
namespace {

bool holds(const json::array& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const json::value& one) {
    return one.is_string() && (one.get_string() == word || one.get_string() == "*" || one.get_string() == "*/*");
  });
}

// Left out, or empty: everything.
bool admits(const json::value* selector, const json::object& labels) {
  if (!selector || !selector->is_object() || selector->get_object().empty()) return true;
  return selects(selector, labels);
}

std::string_view kind_of(const Webhook& webhook) {
  return webhook.mutating ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration";
}

}  // namespace

awaitable<std::vector<Webhook>> webhooks_of(Trail trail, bool mutating) {
  std::vector<Webhook> out;
  const Kind* kind = mutating ? &kinds::mutating_webhooks : &kinds::validating_webhooks;
  const ListSeen* configurations = co_await trail.source.list(*kind, "");
  for (const auto& configuration : configurations->items)
    for (const auto& webhook : array_at(configuration, {"webhooks"})) {
      Webhook one;
      one.configuration = text_at(configuration, {"metadata", "name"});
      one.name = text_at(webhook, {"name"});
      one.mutating = mutating;
      one.service_ns = text_at(webhook, {"clientConfig", "service", "namespace"});
      one.service = text_at(webhook, {"clientConfig", "service", "name"});
      one.fails = text_at(webhook, {"failurePolicy"}) != "Ignore";
      one.object = &webhook;
      out.push_back(std::move(one));
    }
  co_return out;
}

bool sees_creation(const json::value& webhook, std::string_view group, std::string_view plural,
                   const json::object& namespace_labels, const json::object& object_labels) {
  if (!admits(find(webhook, "namespaceSelector"), namespace_labels)) return false;
  if (!admits(find(webhook, "objectSelector"), object_labels)) return false;
  const auto& rules = array_at(webhook, {"rules"});
  return std::any_of(rules.begin(), rules.end(), [&](const json::value& rule) {
    return holds(array_at(rule, {"operations"}), "CREATE") && holds(array_at(rule, {"apiGroups"}), group) &&
           holds(array_at(rule, {"resources"}), plural) && text_at(rule, {"scope"}) != "Cluster";
  });
}

std::string rules_text(const json::value& webhook) {
  std::vector<std::string> rules;
  for (const auto& rule : array_at(webhook, {"rules"})) {
    std::string line;
    for (const auto& operation : texts_of(array_at(rule, {"operations"})))
      line += (line.empty() ? "" : ", ") + operation;
    rules.push_back(line + " of " + listed(texts_of(array_at(rule, {"resources"}))));
  }
  return listed(rules);
}

awaitable<bool> explain_webhook_service(Trail trail, Webhook webhook, Ref sufferer, std::vector<std::string> evidence) {
  if (webhook.service.empty()) co_return false;
  const Ref at{std::string(kind_of(webhook)), "", webhook.configuration};
  const std::string service = webhook.service_ns + "/" + webhook.service;
  Cause cause{.code = "webhook_unreachable",
              .certainty = Certainty::proven,
              .at = at,
              .evidence = std::move(evidence),
              .next = "Bring the Service's pods back, or remove the configuration if nothing needs it any more"};
  cause.evidence.push_back(fmt::format("webhook {} sees {} and has failurePolicy {}", webhook.name,
                                       rules_text(*webhook.object), webhook.fails ? "Fail" : "Ignore"));
  if (!sufferer.kind.empty()) cause.affects.push_back(sufferer);
  const ObjectSeen* seen = co_await look(trail, "Service", webhook.service_ns, webhook.service);
  if (seen->absent()) {
    const auto names = co_await names_there(trail, "Service", webhook.service_ns);
    cause.sentence = fmt::format("The {} {} refuses what it sees: its Service {} does not exist", kind_of(webhook),
                                 quoted(webhook.configuration), quoted(service));
    cause.next += near_names(webhook.service, names);
    trail.findings.add(std::move(cause));
    co_return true;
  }
  const auto ready = co_await ready_addresses(trail, webhook.service_ns, webhook.service);
  if (!seen->seen() || !ready || *ready > 0 || text_at(seen->value, {"spec", "type"}) == "ExternalName")
    co_return false;
  cause.sentence = fmt::format("The {} {} refuses what it sees: no ready pod is behind its Service {}",
                               kind_of(webhook), quoted(webhook.configuration), quoted(service));
  Findings reasons;
  co_await explain_service(trail.behind(reasons), seen->value);
  trail.findings.add_reasons(reasons, at, "webhook " + webhook.name + " is served by Service " + service);
  trail.findings.add(std::move(cause));
  co_return true;
}

}  // namespace fairlead::diagnosis
