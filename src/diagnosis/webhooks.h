// Admission webhooks: which of them see a request, and whether they can be called.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

struct Webhook {
  std::string configuration, name;
  bool mutating = false;
  std::string service_ns, service;      // empty: it is called by a URL
  bool fails = false;                   // failurePolicy Fail: what it cannot be asked about is refused
  const json::value* object = nullptr;  // the webhook itself, as long as the source lives
};
// All of them; those that may not be read are left out.
awaitable<std::vector<Webhook>> webhooks_of(Trail trail, bool mutating);

// Whether a webhook sees the creation of such an object: by its rules, namespaceSelector and objectSelector. Pure.
bool sees_creation(const json::value& webhook, std::string_view group, std::string_view plural,
                   const json::object& namespace_labels, const json::object& object_labels);

// "create pods; create, update deployments.apps"
std::string rules_text(const json::value& webhook);

// Adds why a webhook's Service does not answer, as a cause that `sufferer` has; false when nothing of it is seen to be
// wrong. An empty kind: nobody is known to suffer yet.
awaitable<bool> explain_webhook_service(Trail trail, Webhook webhook, Ref sufferer, std::vector<std::string> evidence);

}  // namespace fairlead::diagnosis
