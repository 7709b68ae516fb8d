// Who may do what where: a YAML file of rules, or the built-in default (READ allow, WRITE approve, DESTRUCTIVE approve
// with a reason). docs/policy.md is its reference. Pure; immutable and thread-safe once parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ops/operation.h"

namespace fairlead::gate {

// Who calls. Names say where they come from: "cli:alice", "mcp:alice", "oidc:alice@example.com".
struct Identity {
  std::string name;
  std::vector<std::string> roles;
};

enum class Decision { allow, approve, deny };  // ordered: the stricter is the greater
std::string_view to_string(Decision decision);

// One thing that a call reaches.
struct Touch {
  std::string group;     // "" is the core group; "*": any
  std::string resource;  // plural, with a subresource behind "/": "pods/log"; "*": any
  std::string ns;        // "": the cluster itself; "*": each namespace
  std::string name;      // "": any
  bool operator==(const Touch&) const = default;
};

struct PolicyRequest {
  Identity who;
  std::string cluster;
  std::string operation;
  ops::Trust trust = ops::Trust::read;
  std::vector<Touch> touches;  // empty: it reaches nothing of a cluster
  std::int64_t now = 0;        // unix seconds, for freezes
};

struct Verdict {
  Decision decision = Decision::deny;
  bool reason_required = false;
  bool by_default = false;  // no rule of the file spoke, so the built-in default did
  std::string rule;  // what decided: a rule's name, "protected namespace kube-system", "freeze: holidays", "default"
  std::string why;   // a clause for readers: "rule 2 (agents) wants approval for WRITE in namespace shop"
};

class Policy {
 public:
  static Policy built_in();
  // invalid_request with the place in the file and what may stand there.
  static Result<Policy> parse(std::string_view yaml);

  // For each touch the first rule that matches decides; protected namespaces and freezes come before the rules, the
  // default after them. The strictest of all touches is the answer. A touch of each namespace ("*") is matched by a
  // rule that denies or wants approval in one namespace, and by a rule that allows only where that names all.
  Verdict decide(const PolicyRequest& request) const;

  // SHA-256 of the text, hex: an approval holds only under the policy that it was given under.
  const std::string& digest() const { return digest_; }

 private:
  struct Rules;
  std::shared_ptr<const Rules> rules_;
  std::string digest_;
};

}  // namespace fairlead::gate
