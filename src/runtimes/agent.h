// An agent: what was asked for (a specification per revision), who it is, and what its objects on the cluster are
// called. Values; thread-safe to read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "fleet/cluster_row.h"
#include "ops/arguments.h"
#include "runtimes/profile.h"

namespace fairlead::runtimes {

struct EnvironmentVariable {
  std::string name;
  std::string value;       // empty where it is sensitive
  Secret secret;           // of a sensitive one
  bool sensitive = false;  // stands in the Secret, and is shown by nothing
  bool given = false;      // by whoever deployed it; others are the profile's, and follow it from revision to revision
};

// What a revision says. Two revisions that say the same make the same objects.
struct AgentSpec {
  std::string image;
  std::vector<EnvironmentVariable> environment;  // in the order of their names; generated ones included
  std::string cpu, memory;                       // requests and limits alike
  std::string storage, storage_class;            // of the state volume; no class: the cluster's default
  std::vector<std::string> image_pull_secrets;
  fleet::ClusterRow::Exposing exposure;  // the row's as it was then
  bool own_exposure = false;             // but the mode, which was asked for
  bool network_policy = false;           // only the row's source ranges reach it
  Secret digest_key;  // random, of the agent for good: content_digest tells nobody what the content is

  bool operator==(const AgentSpec&) const;
};

// Where an agent is, for good: from its first deploy to its deletion.
struct AgentPlace {
  std::string name;     // as a person calls it: why_not_agent_name
  std::string id;       // 8 hex digits, random
  std::string runtime;  // the profile's name
  std::string cluster;  // "k8s:aks-eastus2"
  std::string ns;
  std::string object;  // the name of its Deployment and Service: PREFIX-NAME-ID in at most 63 characters

  std::string config_map() const { return object + "-bootstrap"; }
  std::string secret() const { return object + "-env"; }
  std::string volume_claim() const { return object + "-state"; }
};
// ^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$, which a label's value may be. One sentence; nothing when it is one.
std::optional<std::string> why_not_agent_name(std::string_view name);
// PREFIX-NAME-ID; NAME is cut so that a Service may be called so (63 characters, RFC 1035) and the id stands whole: of
// two ids there are never two equal names.
std::string object_name(std::string_view prefix, std::string_view name, std::string_view id);
// The runtime's own namespace of the row, else its fallback, else "default".
std::string namespace_of(const Profile& profile, const fleet::ClusterRow& row);

// What `fairlead agents deploy` and REST take for a specification. `env` and `secret_env` are objects {NAME: value};
// the latter is secret, and no answer has it.
const std::vector<ops::Parameter>& spec_parameters();
// A specification of these arguments; what they leave out is `before`'s, where there is one, else the profile's and the
// row's. `random_hex(n)`: n random bytes, for what the profile generates and `before` does not have yet.
// invalid_request with the field's name.
struct SpecSources {
  const Profile& profile;
  const AgentPlace& place;
  const fleet::ClusterRow& row;
  const AgentSpec* before = nullptr;
  std::string backend_url;  // where agents reach their control plane; empty: not known
  std::function<Secret(std::size_t)> random_hex;
  bool new_state = false;  // the volume of `before` is gone, or will be: another size and class may be asked for
};
Result<AgentSpec> make_spec(const ops::Arguments& arguments, const SpecSources& sources);

// As kept, whole, with its secrets: the text is to be sealed. And back; server_error where it is none.
Secret serialised(const AgentSpec& spec);
Result<AgentSpec> parsed_spec(const Secret& text);
// As shown: of what is sensitive the names alone.
json::object shown(const AgentSpec& spec);
// What differs, a line each ("image: node:24-slim -> node:24"), for people; of what is sensitive only that it does.
std::vector<std::string> differences(const AgentSpec& from, const AgentSpec& to);

}  // namespace fairlead::runtimes
