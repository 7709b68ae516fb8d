// Who may do what where: a YAML file of rules, or the built-in default (READ allow, WRITE approve, DESTRUCTIVE approve
// with a reason). docs/policy.md is its reference. Pure; immutable and thread-safe once parsed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "gate/role.h"
#include "ops/catalog.h"

namespace fairlead::gate {

// Who calls. Names say where they come from: "cli:alice", "mcp:alice", "api:deploy-bot".
struct Identity {
  std::string name;  // never empty
  // Those that it brings along; the policy's own are added to them. The gate takes them from `bindings` where there
  // are.
  std::vector<std::string> roles;
  // What it may do at all; nothing: whatever the policy says, on what it has brought itself (a kubeconfig).
  std::optional<Bindings> bindings = std::nullopt;
};

enum class Decision { allow, approve, deny };  // ordered: the stricter is the greater
std::string_view to_string(Decision decision);

// One thing that a call reaches. gate/touches.h makes them.
struct Touch {
  std::string group;     // "" is the core group; "*": any
  std::string resource;  // plural, with a subresource behind "/": "pods/log"; "*": any, subresources too
  std::string ns;        // "": the cluster itself; "*": each namespace
  std::string name;      // "": any. For readers: no rule asks for it
  bool operator==(const Touch&) const = default;
};

struct PolicyRequest {
  Identity who;
  std::string cluster;  // the id that was found, not what was typed; empty: whichever, and the strictest counts
  std::string operation;
  ops::Trust trust = ops::Trust::read;
  std::vector<Touch> touches;  // empty: it reaches nothing of a cluster
  std::int64_t now = 0;        // unix seconds, for freezes
};

struct Verdict {
  Decision decision = Decision::deny;
  bool reason_required = false;  // also where another touch of the same call asked for it
  bool by_default = false;       // nothing of the file decided: neither a rule nor `defaults`
  std::string rule;  // what decided: a rule's name, "protected namespace kube-system", "freeze: holidays", "default"
  std::string why;   // a clause for readers: "rule 2 (agents) wants approval for WRITE in namespace shop"
  bool reason_by_file = false;  // of reason_required: the file asks for it, and not the built-in default alone
};

// Of a change that would show what may not be read: a read waits for nobody.
Verdict unseen(Verdict of_read);

// What is said of one touch; without one: of the call as a whole.
struct Finding {
  std::optional<Touch> touch;
  Verdict verdict;
};

struct PolicyRules;

class Policy {
 public:
  static Policy built_in();
  // invalid_request with the place in the file and what may stand there. Whatever could be read in two ways is refused.
  static Result<Policy> parse(std::string_view yaml);

  // For each touch the first rule that matches decides, or the default; what touches a protected namespace is denied
  // before that, and a freeze counts beside it. The strictest of all is the answer. A touch of all of something ("*")
  // gets what the strictest of its parts gets: a rule that denies in one namespace denies it, one that allows in one
  // does not allow it.
  Verdict decide(const PolicyRequest& request) const;
  // What decide() chooses from: the freezes that hold, then the touches in their order, equal ones once. Never empty.
  std::vector<Finding> explain(const PolicyRequest& request) const;

  // invalid_request where a rule names an operation that the catalog does not have. To be asked wherever a policy is
  // taken into use: such a rule does nothing.
  Result<void> check_operations(const ops::Catalog& catalog) const;

  // Whether a call of theirs may show the values of a Secret. No rule grants that, only `reveal`; the rules hold
  // besides.
  bool may_reveal(const Identity& who, const std::string& cluster, std::string_view ns) const;
  // Whether each READ is recorded; those that reveal are in any case.
  bool audit_reads() const;
  // Whether what a deleted Secret held stays in the journal, sealed, so that a rollback can make it again.
  bool keep_deleted_secrets() const;

  // The whole of it, defaults included: to_yaml() of it is a policy that decides the same.
  const json::object& document() const;

  // SHA-256 of the text, hex: an approval holds only under the policy that it was given under.
  const std::string& digest() const { return digest_; }

 private:
  Policy() = default;
  std::shared_ptr<const PolicyRules> rules_;
  std::string digest_;
};

// The policy in force now. What it fails with fails every call: nothing runs under a policy that cannot be read.
using PolicySource = std::function<Result<Policy>()>;

}  // namespace fairlead::gate
