#include "diagnosis/template_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "diagnosis/lookup.h"
#include "kube/quantity.h"

namespace fairlead::diagnosis {
namespace {

using What = Difference::What;

std::string joined(const json::array& words) {
  std::string out;
  for (const auto& word : words)
    if (word.is_string()) out += (out.empty() ? "" : " ") + std::string(std::string_view(word.get_string()));
  return out.empty() ? "(what the image says)" : quoted(clipped(out, 80));
}

bool same_amount(std::string_view a, std::string_view b) {
  return a == b || kube::parse_quantity_milli(a) == kube::parse_quantity_milli(b);
}

// Whether everything that `wanted` says is in `is`, whatever stands beside it.
bool within(const json::value& wanted, const json::value& is) {
  if (wanted.is_object()) {
    if (!is.is_object()) return wanted.get_object().empty();
    return std::all_of(wanted.get_object().begin(), wanted.get_object().end(), [&](const auto& entry) {
      if (entry.value().is_null()) return true;
      const auto* other = is.get_object().if_contains(entry.key());
      return other && within(entry.value(), *other);
    });
  }
  if (wanted.is_array()) {
    if (!is.is_array() || wanted.get_array().size() != is.get_array().size()) return false;
    for (std::size_t i = 0; i < wanted.get_array().size(); ++i)
      if (!within(wanted.get_array()[i], is.get_array()[i])) return false;
    return true;
  }
  return wanted == is;
}

const json::value* named(const json::array& all, std::string_view name) {
  for (const auto& one : all)
    if (text_at(one, {"name"}) == name) return &one;
  return nullptr;
}

class Comparison {
 public:
  Comparison(const json::value& wanted, const json::value& pod)
      : wanted_(wanted), pod_(pod), is_(object_at(pod, {"spec"})) {}

  std::vector<Difference> run() {
    for (auto list : {"containers", "initContainers"})
      for (const auto& container : array_at(wanted_, {list})) {
        const std::string name(text_at(container, {"name"}));
        if (const json::value* is = named(array_at(is_, {list}), name))
          compare_container(name, container, *is);
        else
          add(What::other, name, fmt::format("container {} of its template is not there", name));
      }
    compare_placement();
    compare_pod();
    return std::move(out_);
  }

 private:
  void add(What what, const std::string& container, std::string sentence, bool changed = true) {
    out_.push_back({what, container, std::move(sentence), changed});
  }

  void compare_container(const std::string& name, const json::value& wanted, const json::value& is) {
    const std::string_view image = text_at(wanted, {"image"}), has = text_at(is, {"image"});
    if (image != has)
      add(What::image, name, fmt::format("container {} has image {} instead of {}", name, quoted(has), quoted(image)));
    for (auto key : {"command", "args"})
      if (array_at(wanted, {key}) != array_at(is, {key}))
        add(What::command, name,
            fmt::format("container {} has {} {} instead of {}", name, key, joined(array_at(is, {key})),
                        joined(array_at(wanted, {key}))));
    compare_environment(name, wanted, is);
    compare_resources(name, wanted, is);
    for (auto key : {"livenessProbe", "readinessProbe", "startupProbe"}) {
      const json::value *before = find(wanted, key), *after = find(is, key);
      if (!before && !after) continue;
      if (!after)
        add(What::probe, name, fmt::format("container {} has lost its {}", name, key));
      else if (!before)
        add(What::probe, name, fmt::format("container {} has got a {}", name, key), false);
      else if (!within(*before, *after))
        add(What::probe, name, fmt::format("container {} has another {}", name, key));
    }
    const json::value *security = find(wanted, "securityContext"), *given = find(is, "securityContext");
    if (security && !within(*security, given ? *given : json::value()))
      add(What::security, name, fmt::format("container {} has another securityContext", name));
    for (const auto& mount : array_at(wanted, {"volumeMounts"})) {
      const auto& mounts = array_at(is, {"volumeMounts"});
      if (std::none_of(mounts.begin(), mounts.end(), [&](const json::value& one) { return within(mount, one); }))
        add(What::volumes, name,
            fmt::format("container {} no longer mounts {} as before", name, quoted(text_at(mount, {"mountPath"}))));
    }
  }

  static std::map<std::string, std::vector<json::value>> by_name(const json::array& variables) {
    std::map<std::string, std::vector<json::value>> out;
    for (const auto& variable : variables) {
      // A value that is empty is left out by some and written by others.
      json::value value = json::object();
      if (const auto* from = find(variable, "valueFrom")) value.get_object()["valueFrom"] = *from;
      if (const auto text = text_at(variable, {"value"}); !text.empty()) value.get_object()["value"] = text;
      out[std::string(text_at(variable, {"name"}))].push_back(std::move(value));
    }
    return out;
  }

  // Values are not shown: they may be credentials.
  void compare_environment(const std::string& name, const json::value& wanted, const json::value& is) {
    const auto before = by_name(array_at(wanted, {"env"})), after = by_name(array_at(is, {"env"}));
    for (const auto& [variable, values] : before) {
      auto found = after.find(variable);
      if (found == after.end())
        add(What::environment, name, fmt::format("container {} has lost the variable {}", name, variable));
      else if (found->second.size() > values.size())
        add(What::environment, name,
            fmt::format("container {} has the variable {} set {} times, the last of which counts", name, variable,
                        found->second.size()));
      else if (!std::equal(values.begin(), values.end(), found->second.begin(), found->second.end(), within))
        add(What::environment, name, fmt::format("container {} has another value of the variable {}", name, variable));
    }
    for (const auto& [variable, values] : after)
      if (!before.contains(variable))
        add(What::environment, name, fmt::format("container {} has got the variable {}", name, variable), false);
  }

  void compare_resources(const std::string& name, const json::value& wanted, const json::value& is) {
    for (auto part : {"limits", "requests"}) {
      for (const auto& entry : object_at(is, {"resources", part})) {
        const std::string_view resource = entry.key(), has = text_at(is, {"resources", part, resource});
        std::string_view asked = text_at(wanted, {"resources", part, resource});
        const bool named = !asked.empty();
        // Requests that are left out are what the limits are.
        if (!named && std::string_view(part) == "requests") asked = text_at(wanted, {"resources", "limits", resource});
        if (same_amount(asked, has)) continue;
        const bool memory = std::string_view(part) == "limits" && resource == "memory";
        add(memory                                 ? What::memory_limit
            : std::string_view(part) == "requests" ? What::requests
                                                   : What::other,
            name,
            fmt::format("container {} has {}.{} {} instead of {}", name, part, resource, has,
                        asked.empty() ? std::string_view("none") : asked),
            named);
      }
      for (const auto& entry : object_at(wanted, {"resources", part}))
        if (!object_at(is, {"resources", part}).contains(entry.key()))
          add(What::other, name,
              fmt::format("container {} has lost its {}.{}", name, part, std::string_view(entry.key())));
    }
  }

  void compare_placement() {
    const auto& wanted = object_at(wanted_, {"nodeSelector"});
    const auto& is = object_at(is_, {"nodeSelector"});
    for (const auto& entry : is) {
      const auto* before = wanted.if_contains(entry.key());
      if (before && *before == entry.value()) continue;
      add(What::placement, "",
          fmt::format(
              "its nodeSelector has {}={}{}", std::string_view(entry.key()), text_at(is, {entry.key()}),
              before ? " instead of " + std::string(text_at(wanted, {entry.key()})) : ", which its template has not"));
    }
    for (const auto& entry : wanted)
      if (!is.contains(entry.key()))
        add(What::placement, "", fmt::format("its nodeSelector has lost {}", std::string_view(entry.key())));
    // A DaemonSet's controller says by an affinity which node each pod is for.
    if (!owner_of(pod_, "DaemonSet").empty()) return;
    const json::value *before = find(wanted_, "affinity"), *after = find(is_, "affinity");
    const auto is_empty = [](const json::value* value) {
      return !value || !value->is_object() || value->get_object().empty();
    };
    if (is_empty(before) && is_empty(after)) return;
    if (is_empty(after))
      add(What::placement, "", "it has lost its affinity");
    else if (is_empty(before))
      add(What::placement, "", "it has got an affinity, which its template has not");
    else if (!within(*before, *after))
      add(What::placement, "", "it has another affinity");
  }

  void compare_pod() {
    const auto or_default = [](std::string_view account) {
      return account.empty() ? std::string_view("default") : account;
    };
    const std::string_view account = or_default(text_at(wanted_, {"serviceAccountName"})),
                           has = or_default(text_at(is_, {"serviceAccountName"}));
    if (account != has)
      add(What::account, "", fmt::format("it runs as ServiceAccount {} instead of {}", quoted(has), quoted(account)));
    for (auto key : {"priorityClassName", "runtimeClassName", "schedulerName", "dnsPolicy", "restartPolicy"}) {
      const std::string_view before = text_at(wanted_, {key}), after = text_at(is_, {key});
      if (!before.empty() && before != after)
        add(What::other, "", fmt::format("it has {} {} instead of {}", key, quoted(after), quoted(before)));
    }
    const json::value *security = find(wanted_, "securityContext"), *given = find(is_, "securityContext");
    if (security && !within(*security, given ? *given : json::value()))
      add(What::security, "", "it has another securityContext");
    for (const auto& volume : array_at(wanted_, {"volumes"})) {
      const std::string_view name = text_at(volume, {"name"});
      const json::value* is = named(array_at(is_, {"volumes"}), name);
      // A StatefulSet's claim of that name takes the place of a volume.
      if (is && !owner_of(pod_, "StatefulSet").empty() && find(*is, "persistentVolumeClaim")) continue;
      if (!is || !within(volume, *is)) add(What::volumes, "", fmt::format("its volume {} is another", quoted(name)));
    }
    for (const auto& toleration : array_at(wanted_, {"tolerations"})) {
      const auto& all = array_at(is_, {"tolerations"});
      if (std::none_of(all.begin(), all.end(), [&](const json::value& one) { return within(toleration, one); }))
        add(What::placement, "", fmt::format("it has lost the toleration of {}", quoted(text_at(toleration, {"key"}))));
    }
  }

  const json::value& wanted_;
  const json::value& pod_;
  const json::value is_;
  std::vector<Difference> out_;
};

}  // namespace

std::vector<Difference> differences(const json::value& template_spec, const json::value& pod) {
  return Comparison(template_spec, pod).run();
}

}  // namespace fairlead::diagnosis
