// An operation is one value; MCP tools, REST routes, CLI subcommands, RBAC rules and the reference are derived from it
// and never written a second time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "kube/client.h"
#include "ops/arguments.h"
#include "ops/reply.h"

namespace fairlead::kube {
class RemoteStreams;  // kube/remote_session.h
}

namespace fairlead::ops {

using net::awaitable;

// Ordered: each level includes those before it.
enum class Trust { read, write, destructive };
std::string_view to_string(Trust trust);                  // "READ", "WRITE", "DESTRUCTIVE"
std::optional<Trust> parse_trust(std::string_view text);  // any letter case

// Where an operation asks for what it needs.
enum class Reach {
  call_namespace,  // in the namespace of the call; in all of them where it names none
  cluster,         // the kind is in no namespace
  all_namespaces,  // in all of them, whatever the call says
};

// API access that an operation needs: one rule of a Role. A subresource stands in the resource: "pods/log". Group and
// resource "*" stand for the kind that a call names.
struct Access {
  std::string_view group;
  std::string_view resource;
  std::vector<std::string_view> verbs;
  Reach reach = Reach::call_namespace;
  bool optional = false;  // without it the operation runs too, or calls of it that need less, and tells less
};
// What lists of namespaced kinds use to tell an empty namespace from one that does not exist.
Access namespace_lookup();
// The events of the object that is described.
Access event_lookup();

// Takes an answer that goes on, as it comes. Called on the call's executor.
class Follower {
 public:
  virtual ~Follower() = default;
  // Whole lines, without credentials but not escaped. False: nobody reads them any more.
  virtual bool lines(std::string_view text) = 0;
  virtual void note(std::string_view text) = 0;  // what the reader should know now
};

// Hears of steps of a call that takes long. Called on the call's executor.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void report(double done, std::optional<double> total, std::string message) = 0;
  // Not null: who calls wants what an operation that `follows` goes on to say, until it ends or the call is cancelled.
  virtual Follower* follower() { return nullptr; }
  // Not null: who calls brings input for a command and takes its output, as they are and while it runs, from an
  // operation that `has_session`.
  virtual kube::RemoteStreams* streams() { return nullptr; }
};

struct Operation;
struct Kind;
struct ChangeSteps;

// Everything a running operation may use. The references outlive the call.
struct Call {
  const Operation& operation;
  kube::Client& client;
  const Arguments& arguments;
  const Clock& clock;
  Deadline deadline;
  std::string default_namespace;       // the connection's: for single objects
  std::string default_list_namespace;  // for lists; empty: all
  bool dry_run = false;
  Progress* progress = nullptr;                            // may be null
  const std::vector<Secret>* known_credentials = nullptr;  // beside those of the client; may be null

  // The argument, or the connection's default: for single objects.
  std::string object_namespace() const;
  // The argument, or the default for lists, or "" for all namespaces.
  std::string list_namespace() const;
};

using Run = awaitable<Result<Reply>> (*)(Call& call);

struct Operation {
  std::string_view name;    // list_pods: the same word in MCP, REST, CLI, RBAC, audit
  std::string_view family;  // pods, nodes, …
  Trust trust = Trust::read;
  bool idempotent = true;    // calling it twice with the same arguments does no more than once
  std::string_view summary;  // one sentence, for people and for models
  std::vector<Parameter> parameters;
  std::vector<Access> access;
  std::vector<Column> columns;          // of its rows; empty: it answers a document or text
  Run run = nullptr;                    // of a READ. Null: it is about no single cluster, and the gate answers it
  std::string_view example;             // the arguments of a call, as the CLI takes them
  const ChangeSteps* change = nullptr;  // of a WRITE or DESTRUCTIVE one, instead of `run` (ops/change.h)
  const Kind* kind = nullptr;           // what it is about, where ops/kind.h declares that
  bool follows = false;                 // it can go on with what is new, for a face that takes that (Follower)
  bool has_session = false;             // of a command that may have its streams with whoever calls (RemoteStreams)
};

// Whether it is about objects of namespaces.
bool takes_namespace(const Operation& operation);
// Whether it answers rows, in parts where there are many.
bool lists(const Operation& operation);

}  // namespace fairlead::ops
