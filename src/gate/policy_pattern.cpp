#include <algorithm>

#include "base/similar.h"
#include "gate/policy_rules.h"

namespace fairlead::gate {
namespace {

// The kinds that Kubernetes itself serves, and how else they are written: singular and short names. Only these may
// stand without a group, so that a rule on "secret" or "secerts" is refused and does not just do nothing.
struct Known {
  std::string_view plural, singular, shorts;
};
constexpr Known kKnown[]{
    {"apiservices", "apiservice", ""},
    {"bindings", "binding", ""},
    {"certificatesigningrequests", "certificatesigningrequest", "csr"},
    {"clusterrolebindings", "clusterrolebinding", ""},
    {"clusterroles", "clusterrole", ""},
    {"componentstatuses", "componentstatus", "cs"},
    {"configmaps", "configmap", "cm"},
    {"controllerrevisions", "controllerrevision", ""},
    {"cronjobs", "cronjob", "cj"},
    {"csidrivers", "csidriver", ""},
    {"csinodes", "csinode", ""},
    {"csistoragecapacities", "csistoragecapacity", ""},
    {"customresourcedefinitions", "customresourcedefinition", "crd"},
    {"daemonsets", "daemonset", "ds"},
    {"deployments", "deployment", "deploy"},
    {"endpoints", "endpoint", "ep"},
    {"endpointslices", "endpointslice", ""},
    {"events", "event", "ev"},
    {"flowschemas", "flowschema", ""},
    {"horizontalpodautoscalers", "horizontalpodautoscaler", "hpa"},
    {"ingressclasses", "ingressclass", ""},
    {"ingresses", "ingress", "ing"},
    {"jobs", "job", ""},
    {"leases", "lease", ""},
    {"limitranges", "limitrange", "limits"},
    {"mutatingadmissionpolicies", "mutatingadmissionpolicy", ""},
    {"mutatingadmissionpolicybindings", "mutatingadmissionpolicybinding", ""},
    {"mutatingwebhookconfigurations", "mutatingwebhookconfiguration", ""},
    {"namespaces", "namespace", "ns"},
    {"networkpolicies", "networkpolicy", "netpol"},
    {"nodes", "node", "no"},
    {"persistentvolumeclaims", "persistentvolumeclaim", "pvc"},
    {"persistentvolumes", "persistentvolume", "pv"},
    {"poddisruptionbudgets", "poddisruptionbudget", "pdb"},
    {"pods", "pod", "po"},
    {"podsecuritypolicies", "podsecuritypolicy", "psp"},
    {"podtemplates", "podtemplate", ""},
    {"priorityclasses", "priorityclass", "pc"},
    {"prioritylevelconfigurations", "prioritylevelconfiguration", ""},
    {"replicasets", "replicaset", "rs"},
    {"replicationcontrollers", "replicationcontroller", "rc"},
    {"resourceclaims", "resourceclaim", ""},
    {"resourceclaimtemplates", "resourceclaimtemplate", ""},
    {"resourcequotas", "resourcequota", "quota"},
    {"resourceslices", "resourceslice", ""},
    {"rolebindings", "rolebinding", ""},
    {"roles", "role", ""},
    {"runtimeclasses", "runtimeclass", ""},
    {"secrets", "secret", ""},
    {"serviceaccounts", "serviceaccount", "sa"},
    {"services", "service", "svc"},
    {"statefulsets", "statefulset", "sts"},
    {"storageclasses", "storageclass", "sc"},
    {"validatingadmissionpolicies", "validatingadmissionpolicy", ""},
    {"validatingadmissionpolicybindings", "validatingadmissionpolicybinding", ""},
    {"validatingwebhookconfigurations", "validatingwebhookconfiguration", ""},
    {"volumeattachments", "volumeattachment", ""},
    {"volumeattributesclasses", "volumeattributesclass", "vac"},
};

const Known* find_known(std::string_view word) {
  for (const auto& one : kKnown)
    if (word == one.plural || word == one.singular || (!one.shorts.empty() && word == one.shorts)) return &one;
  return nullptr;
}

// Kinds whose objects are served by two groups: whoever names one of them means the object.
struct Twins {
  std::string_view plural, one, other;
};
constexpr Twins kTwins[]{
    {"daemonsets", "apps", "extensions"},
    {"deployments", "apps", "extensions"},
    {"events", "", "events.k8s.io"},
    {"ingresses", "networking.k8s.io", "extensions"},
    {"networkpolicies", "networking.k8s.io", "extensions"},
    {"podsecuritypolicies", "policy", "extensions"},
    {"replicasets", "apps", "extensions"},
};

// The other group of the same objects.
std::optional<std::string_view> twin_of(std::string_view group, std::string_view plural) {
  for (const auto& twins : kTwins) {
    if (twins.plural != plural) continue;
    if (twins.one == group) return twins.other;
    if (twins.other == group) return twins.one;
  }
  return std::nullopt;
}

bool matches_group(const std::string& pattern, std::string_view group, std::string_view plural) {
  if (matches(pattern, group)) return true;
  const auto twin = twin_of(group, plural);
  return twin && matches(pattern, *twin);
}

bool is_made_of(std::string_view text, std::string_view more) {
  return !text.empty() && text.find("**") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '*' ||
                  more.find(c) != std::string_view::npos;
         });
}

// Why this is no plural of a kind; empty: it may be one.
std::string why_not_plural(std::string_view plural, bool grouped) {
  if (plural.find('*') != std::string_view::npos) return "";
  const Known* known = find_known(plural);
  if (known && known->plural == plural) return "";
  if (known) return "Kinds are written in the plural: " + std::string(known->plural);
  if (grouped && plural.ends_with('s')) return "";
  if (grouped)
    return "Kinds are written in the plural, as list_api_resources shows it; where that has no s at its end, write '*' "
           "for the last letter";
  std::vector<std::string> names;
  for (const auto& one : kKnown) names.emplace_back(one.plural);
  const auto near = similar_names(plural, names);
  return (near.empty() ? "" : "Did you mean " + near[0] + "? ") +
         "Kinds that are not Kubernetes' own are written with their group: certificates.cert-manager.io";
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, after = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++after;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& one) { return matches(one, text); });
}

std::string witness_of(std::string_view pattern) {
  std::string out(pattern);
  std::replace(out.begin(), out.end(), '*', kOther);
  return out;
}

std::optional<KindPattern> parse_kind_pattern(std::string_view text, std::string& why) {
  why = "Such as pods, deployments.apps, pods/log, certificates.cert-manager.io, in lower case";
  const std::size_t slash = text.find('/'), dot = text.substr(0, slash).find('.');
  KindPattern out;
  out.plural = text.substr(0, std::min(slash, dot));
  if (!is_made_of(out.plural, "")) return std::nullopt;
  if (slash != std::string_view::npos) {
    out.subresource = text.substr(slash + 1);
    if (!is_made_of(*out.subresource, "")) return std::nullopt;
  }
  if (dot != std::string_view::npos) {
    out.group = text.substr(dot + 1, slash == std::string_view::npos ? slash : slash - dot - 1);
    if (!is_made_of(*out.group, ".-") || out.group->starts_with('.') || out.group->ends_with('.')) return std::nullopt;
    if (*out.group == "core") out.group = "";
  }
  why = why_not_plural(out.plural, out.group.has_value());
  if (!why.empty()) return std::nullopt;
  return out;
}

std::vector<std::string> shared_kinds(const KindPattern& pattern, std::string_view group) {
  std::vector<std::string> out;
  for (const auto& twins : kTwins) {
    if (group != "*" && group != twins.one && group != twins.other) continue;
    if (!matches(pattern.plural, twins.plural)) continue;
    if (!pattern.group || matches_group(*pattern.group, twins.one, twins.plural)) out.emplace_back(twins.plural);
  }
  return out;
}

bool matches(const KindPattern& pattern, bool restrictive, std::string_view group, std::string_view plural,
             std::string_view subresource) {
  if (pattern.is_all()) return true;
  if (!matches(pattern.plural, plural)) return false;
  if (pattern.group && !matches_group(*pattern.group, group, plural)) return false;
  if (!pattern.subresource) return subresource.empty() || restrictive;
  return !subresource.empty() && matches(*pattern.subresource, subresource);
}

}  // namespace fairlead::gate
