// What an API server says when it refuses to create something, taken apart. The words are those of Kubernetes
// since 1.20. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::diagnosis {

struct Refusal {
  enum class Why {
    quota_exceeded,         // name: the ResourceQuota; amounts: what is short
    quota_wants_resources,  // name: the ResourceQuota; detail: what has to be said
    limit_range,            // detail: the bound that is broken
    pod_security,           // name: the level; detail: what violates it
    security_policy,        // PodSecurityPolicy, until 1.24; detail: the fields
    service_account,        // name
    priority_class,         // name
    runtime_class,          // name
    webhook_denied,         // name: the webhook; detail: its message
    webhook_unreachable,    // name: the webhook; detail: why
    policy_denied,          // name: the ValidatingAdmissionPolicy; detail
    namespace_terminating,
    invalid,    // detail: the fields
    forbidden,  // detail: for another reason
    other,      // detail: the whole
  };
  struct Amount {
    std::string resource, asked, used, hard;
  };
  Why why = Why::other;
  std::string name, detail;
  std::vector<Amount> amounts = {};
};

Refusal read_refusal(std::string_view message);

}  // namespace fairlead::diagnosis
