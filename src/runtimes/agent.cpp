#include "runtimes/agent.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "kube/quantity.h"
#include "runtimes/fields.h"
#include "runtimes/template.h"

namespace fairlead::runtimes {
namespace {

constexpr std::size_t kName = 63;  // of a Service: a DNS label
constexpr std::size_t kVariables = 256, kEnvironmentBytes = 512 << 10;
constexpr std::string_view kNodePortHost = "host.docker.internal";

tl::unexpected<Error> wrong(std::string_view field, std::string cause, std::string remedy = "") {
  return fail(ErrorCode::invalid_request, "check what the agent is to be", std::string(field) + ": " + std::move(cause),
              remedy.empty() ? "'fairlead agents deploy --help' shows every field" : std::move(remedy));
}

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

const EnvironmentVariable* find(const std::vector<EnvironmentVariable>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// The variables of a specification: what was given, now or before, and the profile's.
class EnvironmentMaker {
 public:
  explicit EnvironmentMaker(const SpecSources& sources) : sources_(sources) {
    if (!sources.before) return;
    for (EnvironmentVariable one : sources.before->environment)
      if (one.given) put(std::move(one));
  }

  Result<void> give(const json::object& variables, bool sensitive) {
    const std::string field = sensitive ? "secret_env." : "env.";
    for (const auto& [key, value] : variables) {
      const std::string name(key);
      if (auto why = why_not_variable(name)) return wrong(field + plain_word(name), *why);
      if (value.is_null()) {
        // Taken away by one and given by the other: it moves.
        if (now_.contains(name)) continue;
        all_.erase(name);
        renewed_.insert(name);
        continue;
      }
      if (!now_.insert(name).second) return wrong(field + name, "it is given twice", "Give it as env or as secret_env");
      if (auto good = give_one(field, name, std::string_view(value.get_string()), sensitive); !good)
        return fail(std::move(good.error()));
    }
    return {};
  }

  Result<void> add_profile() {
    for (const Variable& variable : sources_.profile.environment) {
      if (all_.contains(variable.name)) continue;
      EnvironmentVariable out{variable.name, "", {}, variable.sensitive};
      if (variable.generate != Variable::Generate::nothing) {
        const EnvironmentVariable* kept = sources_.before ? find(sources_.before->environment, variable.name) : nullptr;
        const bool keeps = kept && kept->sensitive && !kept->given && !renewed_.contains(variable.name);
        out.secret =
            keeps ? kept->secret : sources_.random_hex(variable.generate == Variable::Generate::hex_16 ? 16 : 32);
      } else {
        auto value = filled(variable.value, [&](std::string_view name) { return meaning(name); });
        if (!value && variable.optional) continue;
        if (!value)
          return wrong("env." + variable.name, "it is not known where agents reach this server",
                       "Give the variable, or start the server with the URL");
        if (variable.sensitive)
          out.secret = Secret(std::move(*value));
        else
          out.value = std::move(*value);
      }
      put(std::move(out));
    }
    return {};
  }

  Result<std::vector<EnvironmentVariable>> all() {
    if (all_.size() > kVariables) return wrong("env", "an agent has at most 256 variables");
    std::size_t bytes = 0;
    std::vector<EnvironmentVariable> out;
    for (auto& [name, one] : all_) {
      bytes += name.size() + one.value.size() + one.secret.reveal().size();
      out.push_back(std::move(one));
    }
    if (bytes > kEnvironmentBytes) return wrong("env", "all variables together are longer than 512 KiB");
    return out;
  }

 private:
  Result<void> give_one(const std::string& field, const std::string& name, std::string_view value, bool sensitive) {
    if (auto why = why_not_value(value)) return wrong(field + name, *why);
    if (!sensitive) {
      const Variable* own = sources_.profile.variable(name);
      if ((own && own->sensitive) || looks_like_credential(name, std::string(value)))
        return wrong(field + name, "it is a credential, or looks like one", "Give it as secret_env");
    }
    EnvironmentVariable out{name, sensitive ? "" : std::string(value), {}, sensitive, true};
    if (sensitive) out.secret = Secret(std::string(value));
    all_.insert_or_assign(name, std::move(out));
    return {};
  }

  // What the profile has become stricter about since it was given.
  void put(EnvironmentVariable one) {
    const Variable* own = sources_.profile.variable(one.name);
    if (own && own->sensitive && !one.sensitive) {
      one.secret = Secret(std::move(one.value));
      one.value.clear();
      one.sensitive = true;
    }
    std::string name = one.name;
    all_.insert_or_assign(std::move(name), std::move(one));
  }

  std::optional<std::string> meaning(std::string_view name) const {
    if (name.starts_with("port.")) return std::to_string(sources_.profile.port(name.substr(5))->number);
    if (name == "agent.name") return sources_.place.name;
    if (name == "agent.id") return sources_.place.id;
    if (name == "state") return sources_.profile.state_path;
    if (name == "backend_url" && !sources_.backend_url.empty()) return sources_.backend_url;
    return std::nullopt;
  }

  const SpecSources& sources_;
  std::map<std::string, EnvironmentVariable> all_;
  std::set<std::string, std::less<>> now_, renewed_;
};

Result<void> set(const ops::Arguments& arguments, std::string_view field, const WhyNot& why_not, std::string& out) {
  if (!arguments.has(field)) return {};
  std::string text = arguments.text(field);
  if (auto why = why_not(text)) return wrong(field, *why);
  out = std::move(text);
  return {};
}

Result<void> set_volume(const ops::Arguments& arguments, const SpecSources& sources, AgentSpec& out) {
  if (auto good = set(arguments, "storage", why_not_storage, out.storage); !good) return good;
  const auto why_not_class = [](std::string_view text) {
    return text.empty() ? std::nullopt : ops::why_not_subdomain(text);
  };
  if (auto good = set(arguments, "storage_class", why_not_class, out.storage_class); !good) return good;
  if (!sources.before || sources.new_state) return {};
  if (kube::parse_quantity(out.storage) < kube::parse_quantity(sources.before->storage))
    return wrong("storage", "the state volume cannot become smaller",
                 "Redeploy the agent with a new state, or leave it as it is");
  if (out.storage_class != sources.before->storage_class)
    return wrong("storage_class", "the state volume's class cannot be changed",
                 "Redeploy the agent with a new state, or leave it as it is");
  return {};
}

Result<void> set_exposure(const ops::Arguments& arguments, const SpecSources& sources, AgentSpec& out) {
  const fleet::Exposure before = out.exposure.mode;
  out.exposure = sources.row.exposure;
  if (arguments.has("exposure")) {
    out.own_exposure = true;
    for (auto mode : {fleet::Exposure::cluster_ip, fleet::Exposure::node_port, fleet::Exposure::load_balancer})
      if (to_string(mode) == arguments.text("exposure")) out.exposure.mode = mode;
  } else if (out.own_exposure) {
    out.exposure.mode = before;
  }
  if (out.exposure.mode == fleet::Exposure::node_port && out.exposure.runtime_host.empty())
    out.exposure.runtime_host = kNodePortHost;
  if (arguments.has("network_policy")) out.network_policy = arguments.flag("network_policy");
  if (out.network_policy && out.exposure.source_ranges.empty())
    return wrong("network_policy", "the cluster has no source ranges, so that nobody could reach the agent",
                 "Set them: fairlead clusters set ID --source-ranges CIDR,…");
  return {};
}

}  // namespace

std::optional<std::string> why_not_agent_name(std::string_view name) { return ops::why_not_label(name); }

std::string object_name(std::string_view prefix, std::string_view name, std::string_view id) {
  std::string slug;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    slug += is_plain(c) ? c : '-';
  }
  const std::size_t others = prefix.size() + id.size() + 2;
  slug.resize(std::min(slug.size(), others < kName ? kName - others : 0));
  slug.erase(std::find_if(slug.rbegin(), slug.rend(), is_plain).base(), slug.end());
  slug.erase(slug.begin(), std::find_if(slug.begin(), slug.end(), is_plain));
  return std::string(prefix) + "-" + slug + (slug.empty() ? "" : "-") + std::string(id);
}

std::string namespace_of(const Profile& profile, const fleet::ClusterRow& row) {
  std::string out;
  if (profile.ns == Profile::RowNamespace::openclaw) out = row.namespaces.openclaw;
  if (profile.ns == Profile::RowNamespace::hermes) out = row.namespaces.hermes;
  if (out.empty()) out = row.namespaces.fallback;
  return out.empty() ? "default" : out;
}

const std::vector<ops::Parameter>& spec_parameters() {
  using ops::ParameterType;
  static const std::vector<ops::Parameter> all{
      {.name = "image", .meaning = "What it runs (default: its runtime's image)"},
      {.name = "env",
       .type = ParameterType::map,
       .meaning = "Variables of its environment, beside its runtime's own; null takes one away"},
      {.name = "secret_env",
       .type = ParameterType::map,
       .meaning = "Variables that are credentials: they stand in a Secret and are never shown",
       .secret = true},
      {.name = "cpu", .meaning = "How many CPUs it gets, such as 2 or 500m"},
      {.name = "memory", .meaning = "How much memory it gets, such as 2048Mi"},
      {.name = "storage", .meaning = "The size of its state volume, such as 10Gi; it can only grow"},
      {.name = "storage_class", .meaning = "The state volume's class (default: the cluster's default class)"},
      {.name = "image_pull_secrets",
       .type = ParameterType::text_list,
       .meaning = "Secrets of its namespace that its image is pulled with"},
      {.name = "exposure",
       .meaning = "How its Service is reached (default: as the cluster's row says)",
       .choices = {"cluster-ip", "node-port", "load-balancer"}},
      {.name = "network_policy",
       .type = ParameterType::boolean,
       .meaning = "Whether only the source ranges of the cluster's row reach it"}};
  return all;
}

Result<AgentSpec> make_spec(const ops::Arguments& arguments, const SpecSources& sources) {
  AgentSpec out;
  if (sources.before) {
    out = *sources.before;
  } else {
    out.image = sources.profile.image;
    out.cpu = sources.profile.cpu;
    out.memory = sources.profile.memory;
    out.storage = sources.profile.storage;
  }
  if (auto good = set(arguments, "image", why_not_image, out.image); !good) return fail(std::move(good.error()));
  if (auto good = set(arguments, "cpu", why_not_cpu, out.cpu); !good) return fail(std::move(good.error()));
  if (auto good = set(arguments, "memory", why_not_memory, out.memory); !good) return fail(std::move(good.error()));
  if (auto good = set_volume(arguments, sources, out); !good) return fail(std::move(good.error()));
  if (arguments.has("image_pull_secrets")) {
    out.image_pull_secrets.clear();
    for (std::string& name : arguments.list("image_pull_secrets")) {
      if (auto why = ops::why_not_subdomain(name)) return wrong("image_pull_secrets", *why);
      auto& all = out.image_pull_secrets;
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(std::move(name));
    }
  }
  if (auto good = set_exposure(arguments, sources, out); !good) return fail(std::move(good.error()));

  EnvironmentMaker environment(sources);
  if (auto good = environment.give(arguments.map("secret_env"), true); !good) return fail(std::move(good.error()));
  if (auto good = environment.give(arguments.map("env"), false); !good) return fail(std::move(good.error()));
  if (auto good = environment.add_profile(); !good) return fail(std::move(good.error()));
  auto all = environment.all();
  if (!all) return fail(std::move(all.error()));
  out.environment = std::move(*all);
  if (out.digest_key.empty()) out.digest_key = sources.random_hex(16);
  return out;
}

}  // namespace fairlead::runtimes
