// A specification as it is kept, as it is shown, and beside another one.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "redact/redact.h"
#include "runtimes/agent.h"
#include "runtimes/template.h"

namespace fairlead::runtimes {
namespace {

using fleet::Exposure;
constexpr std::int64_t kVersion = 1;
constexpr std::size_t kShown = 120;  // bytes of a value in a difference

json::array texts(const std::vector<std::string>& all) {
  json::array out;
  for (const auto& one : all) out.push_back(json::value(one));
  return out;
}

json::object exposure_of(const fleet::ClusterRow::Exposing& exposure) {
  return {{"mode", to_string(exposure.mode)},
          {"runtime_host", exposure.runtime_host},
          {"runtime_node_port", exposure.runtime_node_port},
          {"gateway_node_port", exposure.gateway_node_port},
          {"annotations", exposure.annotations},
          {"source_ranges", texts(exposure.source_ranges)},
          {"load_balancer_class", exposure.load_balancer_class},
          {"load_balancer_timeout_ms", exposure.load_balancer_timeout_ms}};
}

// All but the environment and the key of the digest.
json::object plain_of(const AgentSpec& spec) {
  return {{"image", spec.image},
          {"cpu", spec.cpu},
          {"memory", spec.memory},
          {"storage", spec.storage},
          {"storage_class", spec.storage_class},
          {"image_pull_secrets", texts(spec.image_pull_secrets)},
          {"exposure", exposure_of(spec.exposure)},
          {"own_exposure", spec.own_exposure},
          {"network_policy", spec.network_policy}};
}

json::object whole(const AgentSpec& spec) {
  json::object out = plain_of(spec);
  out["version"] = kVersion;
  out["digest_key"] = spec.digest_key.reveal();
  json::array environment;
  for (const auto& one : spec.environment)
    environment.push_back({{"name", one.name},
                           {"value", one.sensitive ? one.secret.reveal() : std::string_view(one.value)},
                           {"sensitive", one.sensitive},
                           {"given", one.given}});
  out["environment"] = std::move(environment);
  return out;
}

// The members of a kept specification; any that is missing or of another kind makes it none.
class Reader {
 public:
  explicit Reader(const json::value& value) : of_(value.if_object()), good(of_ != nullptr) {}

  std::string text(std::string_view name) {
    const json::value* value = at(name);
    if (!value || !value->is_string()) return refuse(), "";
    return std::string(std::string_view(value->get_string()));
  }
  std::int64_t integer(std::string_view name) {
    const json::value* value = at(name);
    if (!value || !value->is_int64()) return refuse(), 0;
    return value->get_int64();
  }
  bool flag(std::string_view name) {
    const json::value* value = at(name);
    if (!value || !value->is_bool()) return refuse(), false;
    return value->get_bool();
  }
  const json::array& list(std::string_view name) {
    static const json::array none;
    const json::value* value = at(name);
    if (!value || !value->is_array()) return refuse(), none;
    return value->get_array();
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> out;
    for (const json::value& one : list(name)) {
      if (!one.is_string()) return refuse(), out;
      out.emplace_back(std::string_view(one.get_string()));
    }
    return out;
  }
  json::object object(std::string_view name) {
    const json::value* value = at(name);
    if (!value || !value->is_object()) return refuse(), json::object();
    return value->get_object();
  }

 private:
  const json::value* at(std::string_view name) const { return of_ ? of_->if_contains(name) : nullptr; }
  void refuse() { good = false; }
  const json::object* of_;

 public:
  bool good;
};

bool read_exposure(json::value value, fleet::ClusterRow::Exposing& out) {
  Reader in(value);
  const std::string mode = in.text("mode");
  bool known = false;
  for (Exposure one : {Exposure::cluster_ip, Exposure::node_port, Exposure::load_balancer}) {
    if (to_string(one) != mode) continue;
    out.mode = one;
    known = true;
  }
  out.runtime_host = in.text("runtime_host");
  out.runtime_node_port = in.integer("runtime_node_port");
  out.gateway_node_port = in.integer("gateway_node_port");
  out.annotations = in.object("annotations");
  out.source_ranges = in.texts("source_ranges");
  out.load_balancer_class = in.text("load_balancer_class");
  out.load_balancer_timeout_ms = in.integer("load_balancer_timeout_ms");
  return in.good && known;
}

bool read_environment(const json::array& all, std::vector<EnvironmentVariable>& out) {
  for (const json::value& value : all) {
    Reader in(value);
    EnvironmentVariable one;
    one.name = in.text("name");
    one.sensitive = in.flag("sensitive");
    one.given = in.flag("given");
    if (one.sensitive)
      one.secret = Secret(in.text("value"));
    else
      one.value = in.text("value");
    if (!in.good || one.name.empty() || (!out.empty() && !(out.back().name < one.name))) return false;
    out.push_back(std::move(one));
  }
  return true;
}

// Of what is neither text nor empty the JSON.
std::string in_words(const json::value& value) {
  std::string text = value.is_string() ? std::string(std::string_view(value.get_string())) : compact(value);
  if (text.empty()) return "(none)";
  return text.size() > kShown ? first_words(text, kShown) + "…" : text;
}

void compare(const std::string& path, const json::object& from, const json::object& to, std::vector<std::string>& out) {
  for (const auto& [name, before] : from) {
    const json::value& after = to.at(name);
    const std::string here = path + std::string(name);
    if (before.is_object() && name == "exposure")
      compare(here + ".", before.get_object(), after.get_object(), out);
    else if (before != after)
      out.push_back(fmt::format("{}: {} -> {}", here, in_words(before), in_words(after)));
  }
}

std::string value_of(const EnvironmentVariable& one) {
  return looks_like_credential(one.name, one.value) ? std::string(redact::kRedacted) : in_words(json::value(one.value));
}

// One line; empty where they say the same.
std::string difference(const EnvironmentVariable* from, const EnvironmentVariable* to) {
  if (!from) return to->sensitive ? "added, in the Secret" : "added: " + value_of(*to);
  if (!to) return "taken away";
  if (from->sensitive != to->sensitive)
    return to->sensitive ? "now in the Secret" : "no longer in the Secret: " + value_of(*to);
  if (from->sensitive && from->secret.reveal() != to->secret.reveal()) return "changed, in the Secret";
  if (!from->sensitive && from->value != to->value) return value_of(*from) + " -> " + value_of(*to);
  if (from->given != to->given) return to->given ? "the same, but given now" : "the same, but the runtime's now";
  return "";
}

}  // namespace

bool AgentSpec::operator==(const AgentSpec& other) const { return whole(*this) == whole(other); }

Secret serialised(const AgentSpec& spec) { return Secret(compact(json::value(whole(spec)))); }

Result<AgentSpec> parsed_spec(const Secret& text) {
  constexpr std::string_view step = "read what an agent is to be";
  const auto none = [&](std::string cause) {
    return fail(ErrorCode::server_error, std::string(step), std::move(cause),
                "It was damaged, or kept by another version of Fairlead; redeploy the agent");
  };
  auto value = parse_json(text.reveal(), step, {.bytes = 8 << 20, .depth = 16, .duplicate_keys = false});
  if (!value) return none("what is kept is no JSON");
  Reader in(*value);
  if (in.integer("version") != kVersion) return none("what is kept is of another form");
  AgentSpec out;
  out.image = in.text("image");
  out.cpu = in.text("cpu");
  out.memory = in.text("memory");
  out.storage = in.text("storage");
  out.storage_class = in.text("storage_class");
  out.image_pull_secrets = in.texts("image_pull_secrets");
  out.own_exposure = in.flag("own_exposure");
  out.network_policy = in.flag("network_policy");
  out.digest_key = Secret(in.text("digest_key"));
  const bool good =
      read_exposure(in.object("exposure"), out.exposure) && read_environment(in.list("environment"), out.environment);
  if (!good || !in.good) return none("what is kept has not all of its fields");
  return out;
}

json::object shown(const AgentSpec& spec) {
  json::object out = plain_of(spec);
  json::array environment;
  for (const auto& one : spec.environment) {
    json::object shown{{"name", one.name}, {"sensitive", one.sensitive}, {"given", one.given}};
    if (!one.sensitive)
      shown["value"] = looks_like_credential(one.name, one.value) ? redact::kRedacted : std::string_view(one.value);
    environment.push_back(std::move(shown));
  }
  out["environment"] = std::move(environment);
  return out;
}

std::vector<std::string> differences(const AgentSpec& from, const AgentSpec& to) {
  std::vector<std::string> out;
  compare("", plain_of(from), plain_of(to), out);
  std::map<std::string_view, std::pair<const EnvironmentVariable*, const EnvironmentVariable*>> both;
  for (const auto& one : from.environment) both[one.name].first = &one;
  for (const auto& one : to.environment) both[one.name].second = &one;
  for (const auto& [name, pair] : both)
    if (std::string line = difference(pair.first, pair.second); !line.empty())
      out.push_back(fmt::format("env {}: {}", name, line));
  if (from.digest_key.reveal() != to.digest_key.reveal()) out.emplace_back("key of the content's digest: changed");
  return out;
}

}  // namespace fairlead::runtimes
