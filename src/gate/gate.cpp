#include "gate/gate.h"

#include <algorithm>

#include "gate/fan_out.h"
#include "gate/passing.h"
#include "gate/policy_check.h"
#include "gate/visible_clusters.h"
#include "ops/clip.h"
#include "ops/describe.h"
#include "ops/list.h"
#include "ops/merge_lists.h"
#include "ops/resolve.h"

namespace fairlead::gate {
namespace {

constexpr Duration kAudit = std::chrono::seconds(10);
constexpr Duration kSettling = std::chrono::seconds(5);

std::string_view flag_for(ops::Trust trust) { return trust == ops::Trust::write ? "write" : "destructive"; }

// list_clusters: what the gate itself knows.
awaitable<Result<ops::Reply>> list_clusters(Clusters& clusters, const ops::Operation& operation,
                                            const ops::Arguments& arguments) {
  auto known = co_await clusters.list();
  if (!known) co_return fail(std::move(known.error()));
  ops::Rows rows;
  for (const auto& cluster : *known) {
    rows.begin_row(cluster.current ? 0 : 1);
    rows.text(cluster.id);
    rows.text(cluster.server);
    rows.flag(cluster.current);
  }
  co_return ops::arrange(operation, arguments, "", std::move(rows), "clusters");
}

bool takes_any_kind(const ops::Operation& operation) {
  return std::any_of(operation.access.begin(), operation.access.end(),
                     [](const ops::Access& access) { return access.resource == "*"; });
}

// What the call's `kind` is there: asked of the cluster, which shows nothing of its objects.
awaitable<Result<kube::ApiResource>> kind_of(Cluster& cluster, const ops::Operation& operation,
                                             const ops::Arguments& arguments, Deadline deadline) {
  std::optional<kube::ApiResource> kind;
  Cluster::Work ask = [&kind](ops::Call& call) -> awaitable<Result<ops::Reply>> {
    auto resolved = co_await ops::resolve_kind(call, call.arguments.text("kind"));
    if (!resolved) co_return fail(std::move(resolved.error()));
    kind = std::move(*resolved);
    co_return ops::Reply{ops::Text{}, {}};
  };
  auto asked = co_await cluster.work(operation, arguments, deadline, nullptr, std::move(ask));
  if (!asked) co_return fail(std::move(asked.error()));
  co_return std::move(*kind);
}

}  // namespace

void complete_remedy(Error& error, const ops::Operation& operation) {
  constexpr std::string_view placeholder = "'fairlead ops OPERATION'";
  if (const std::size_t at = error.remedy.find(placeholder); at != std::string::npos)
    error.remedy.replace(at, placeholder.size(), "'fairlead ops " + std::string(operation.name) + "'");
  constexpr std::string_view elsewhere = "Ask in a namespace where you may, or ask";
  if (!ops::takes_namespace(operation)) {
    if (error.remedy == "Check the name and the namespace") error.remedy = "Check the name";
    if (error.remedy.starts_with(elsewhere)) error.remedy.replace(0, elsewhere.size(), "Ask");
  }
  // What stands for any kind says nothing about the one that was asked for: the server's words do.
  const std::string needed = ops::access_text(operation);
  if (error.code == ErrorCode::permission_denied && !error.remedy.empty() && !needed.empty() &&
      needed.find('*') == std::string::npos)
    error.remedy += ": " + std::string(operation.name) + " needs " + needed;
}

awaitable<Result<ops::Reply>> Cluster::work(const ops::Operation& operation, ops::Arguments, Deadline, ops::Progress*,
                                            Work) {
  co_return fail(ErrorCode::policy_denied, std::string(operation.name),
                 "nothing can be changed on this cluster from here", "Only READ operations run there");
}

Gate::Gate(const ops::Catalog& catalog, Clusters& clusters, Grant grant, Books books)
    : catalog_(catalog), clusters_(clusters), grant_(grant), books_(std::move(books)) {
  static const SystemClock system;
  if (!books_.clock) books_.clock = &system;
}

awaitable<Result<ops::Reply>> Gate::call(Request request) {
  Passed passed;
  auto reply = co_await pass(request, passed);
  if (request.change) *request.change = passed.outcome.change;
  if (reply && passed.reveals) {
    auto kept = co_await books_.audit->append_and_wait(record_of(request, passed, reply), books_.audit_failed,
                                                       Deadline::after(kAudit));
    if (!kept) co_return fail(std::move(kept.error()));
    co_return reply;
  }
  co_await record(request, passed, reply);
  co_return reply;
}

awaitable<Result<ops::Reply>> Gate::pass(Request& request, Passed& passed) {
  const ops::Operation* operation = catalog_.find(request.operation);
  if (!operation) co_return fail(catalog_.unknown(request.operation));
  passed.operation = operation;
  if (auto policy = this->policy(); !policy) co_return fail(std::move(policy.error()));
  auto arguments = ops::Arguments::validate(request.arguments, operation->parameters, operation->name);
  if (!arguments) co_return fail(std::move(arguments.error()));
  passed.arguments = ops::without_secrets(*arguments, operation->parameters);
  const bool follows = request.progress && request.progress->follower();
  if (follows && !operation->follows)
    co_return fail(ErrorCode::invalid_request, std::string(operation->name), "it says nothing that goes on",
                   "Do not follow it");
  if (request.progress && request.progress->streams() && !operation->has_session)
    co_return fail(ErrorCode::invalid_request, std::string(operation->name), "it has no streams to be connected with",
                   "Call it without them");
  VisibleClusters visible(clusters_, request.who);
  if (auto placed = co_await place(request, *arguments, passed); !placed) co_return fail(std::move(placed.error()));
  if (Keeper* keeper = keeper_of(*operation)) {
    if (operation->access.empty())
      co_return co_await keeper->answer(*operation, *arguments, may_see(request.who), request.deadline);
  } else if (!operation->run && !operation->change) {
    co_return co_await list_clusters(visible, *operation, *arguments);
  }
  std::vector<std::string> ids = request.clusters;
  if (ids.empty()) ids.push_back(request.cluster);
  const bool several = ids.size() > 1 || ids[0] == kAllClusters;
  if (several && operation->trust != ops::Trust::read)
    co_return fail(ErrorCode::invalid_request, std::string(operation->name),
                   "a change is made on one cluster at a time, and several are named", "Call it once for each cluster");
  if (several && follows)
    co_return fail(ErrorCode::invalid_request, std::string(operation->name),
                   "one cluster at a time can be followed, and several are named", "Follow each by itself");
  if (auto checked = ops::check_list(*operation, *arguments, several ? ops::kPlaceKeys : 2); !checked)
    co_return fail(std::move(checked.error()));
  if (several) co_return co_await run_on_several(std::move(ids), request, *arguments, passed);
  co_return co_await run_on(std::move(ids[0]), request, *arguments, request.progress, passed);
}

Result<Policy> Gate::policy() const {
  static const Policy built_in = Policy::built_in();  // each call asks for it, several times
  return books_.policy ? books_.policy() : built_in;
}

std::string Gate::policy_digest() const {
  auto policy = this->policy();
  return policy ? policy->digest() : "";
}

Verdict Gate::decide(const Identity& who, const std::string& cluster, std::string_view operation, ops::Trust trust,
                     std::vector<Touch> touches) const {
  auto policy = this->policy();
  if (!policy) return {Decision::deny, false, false, "policy", policy.error().sentence()};
  PolicyRequest request{who, cluster, std::string(operation), trust, std::move(touches), books_.clock->unix_seconds()};
  Verdict verdict = decide_as(*policy, std::move(request));
  // Whoever started this has consented already.
  if (verdict.decision == Decision::approve && verdict.by_default && trust <= grant_.allow) {
    verdict.decision = Decision::allow;
    verdict.reason_required = verdict.reason_by_file;  // what a rule wants for a part of it holds
    verdict.rule = "--allow " + std::string(flag_for(grant_.allow));
  }
  return verdict;
}

Verdict Gate::decide_plan(const Identity& who, const std::string& cluster, const ops::Operation& operation,
                          ops::Trust trust, const ops::Plan& plan) const {
  trust = trust_of(plan, trust);
  std::vector<Touch> touches;
  for (const auto& write : plan.writes) {
    const ops::ObjectRef& object = write.object;
    if (!takes_any_kind(operation)) {
      // What such an operation does to an object is known: no more than the object is touched.
      const std::string subresource = write.verb == ops::Write::Verb::evict  ? "/eviction"
                                      : write.verb == ops::Write::Verb::exec ? "/exec"
                                      : object.subresource.empty()           ? ""
                                                                             : "/" + object.subresource;
      touches.push_back({object.group, object.plural + subresource, object.ns, object.name});
      continue;
    }
    const ops::Trust does = write.verb == ops::Write::Verb::remove ? ops::Trust::destructive : trust;
    const Target target{object.group, object.plural, !object.ns.empty(), object.ns, object.name};
    for (auto& touch : touches_of(does, target)) touches.push_back(std::move(touch));
  }
  return decide(who, cluster, operation.name, trust, std::move(touches));
}

Verdict Gate::decide_shown(const Identity& who, const std::string& cluster, const ops::Operation& operation,
                           const ops::Plan& plan, bool taken_back) const {
  Verdict out;
  out.decision = Decision::allow;
  std::vector<ops::ObjectRef> shown = plan.shows;
  for (const auto& write : plan.writes) {
    const bool is_secret = write.object.is_secret(),
               alters = write.verb == ops::Write::Verb::patch && !write.before.is_null() &&
                        (!is_secret || takes_any_kind(operation)),  // else it shows nothing but names of keys
        creates = write.before.is_null() && taken_back && !is_secret, evicts = write.verb == ops::Write::Verb::evict,
               comes_back = write.verb == ops::Write::Verb::remove && taken_back && !is_secret;
    if ((alters || creates || comes_back || evicts) && write.object.subresource.empty()) shown.push_back(write.object);
  }
  std::vector<Touch> touches;
  for (const auto& object : shown) {
    if (object.ns.empty() && !takes_any_kind(operation)) {  // of a node that is cordoned only that is shown
      touches.push_back({object.group, object.plural, "", object.name});
      continue;
    }
    const Target target{object.group, object.plural, !object.ns.empty(), object.ns, object.name};
    for (auto& touch : touches_of(ops::Trust::read, target)) touches.push_back(std::move(touch));
  }
  if (touches.empty()) return out;
  Verdict verdict = decide(who, cluster, "get_resource", ops::Trust::read, std::move(touches));
  if (verdict.decision == Decision::allow) return out;
  return unseen(std::move(verdict));
}

Verdict Gate::decide_first(const Identity& who, const std::string& cluster, const ops::Operation& operation,
                           const ops::Arguments& arguments, const DefaultNamespaces& defaults,
                           const std::optional<kube::ApiResource>& kind) const {
  Verdict out = decide(who, cluster, operation.name, operation.trust, touches_of(operation, arguments, defaults, kind));
  std::vector<Touch> shown = shown_by(operation, arguments, defaults, kind);
  if (out.decision == Decision::deny || shown.empty()) return out;
  Verdict seen = decide(who, cluster, "get_resource", ops::Trust::read, std::move(shown));
  return seen.decision == Decision::allow ? out : stricter(std::move(out), unseen(std::move(seen)));
}

ChangeCall Gate::change_call(const Request& request, const std::string& cluster, const Passed& passed) const {
  ChangeCall what;
  what.who = request.who;
  what.cluster = cluster;
  what.policy = [this] { return policy_digest(); };
  what.approver = request.approver;
  what.recorded = [this](const Answer& answer) { return recorder(answer); };
  if (books_.audit)
    what.outcome_recorded = [this, &request, &passed](const std::string& outcome) -> Journal::Recorded {
      AuditRecord record = record_of(request, passed, outcome);
      return [record](store::Session& session, const Change&) { return append_record(session, record); };
    };
  what.may_see = [this, who = request.who, cluster](const ops::ObjectRef& kind) {
    std::vector<Touch> touches{{kind.group, kind.plural, kind.ns, ""}};
    return decide(who, cluster, "list_resources", ops::Trust::read, std::move(touches)).decision == Decision::allow;
  };
  auto policy = this->policy();
  what.keeps_secrets = policy && policy->keep_deleted_secrets();
  return what;
}

awaitable<Result<ops::Reply>> Gate::run_on(std::string id, Request& request, const ops::Arguments& arguments,
                                           ops::Progress* progress, Passed& passed) {
  const ops::Operation& operation = *passed.operation;
  VisibleClusters visible(clusters_, request.who);
  auto found = co_await visible.find(id, request.who.name);
  if (!found) co_return fail(std::move(found.error()));
  std::shared_ptr<Cluster> cluster = *found;
  if (id.empty()) id = cluster->id();
  passed.cluster = passed.cluster.empty() ? id : passed.cluster + "," + id;
  if (operation.change) {
    auto reply = co_await change_on(cluster, std::move(id), request, arguments, passed);
    if (!reply) complete_remedy(reply.error(), operation);
    co_return reply;
  }
  const DefaultNamespaces defaults = cluster->default_namespaces();
  Verdict verdict = decide(request.who, id, operation.name, operation.trust,
                           touches_of(operation, arguments, defaults, std::nullopt));
  if (verdict.decision != Decision::allow && needs_kind(operation) && arguments.has("kind")) {
    // Without the kind it was taken for any.
    auto kind = co_await kind_of(*cluster, operation, arguments, request.deadline);
    if (!kind) co_return fail(std::move(kind.error()));
    verdict =
        decide(request.who, id, operation.name, operation.trust, touches_of(operation, arguments, defaults, *kind));
  }
  if (passed.outcome.decision.empty() || verdict.decision != Decision::allow) {  // of several clusters one that refused
    passed.outcome.decision = to_string(verdict.decision);
    passed.outcome.rule = verdict.rule;
  }
  if (verdict.decision == Decision::deny) co_return refused(operation, verdict);
  if (verdict.decision == Decision::approve)
    co_return fail(ErrorCode::approval_required, std::string(operation.name),
                   verdict.why + ", and a read waits for none",
                   "A person can change the policy; 'fairlead policy check' explains it");
  if (arguments.flag("reveal")) {
    if (auto may = check_reveal(request, id, defaults.of_object(arguments)); !may)
      co_return fail(std::move(may.error()));
    passed.reveals = true;
  }
  Cluster::Work work;
  if (Keeper* keeper = keeper_of(operation)) work = [keeper](ops::Call& call) { return keeper->read(call); };
  auto asked = work ? cluster->work(operation, arguments, request.deadline, progress, std::move(work))
                    : cluster->run(operation, arguments, request.deadline, progress);
  auto reply = co_await std::move(asked);
  if (!reply) complete_remedy(reply.error(), operation);
  co_return reply;
}

awaitable<Result<ops::Reply>> Gate::change_on(std::shared_ptr<Cluster> cluster, std::string id, Request& request,
                                              const ops::Arguments& arguments, Passed& passed) {
  const ops::Operation& operation = *passed.operation;
  if (!books_.journal) co_return no_journal(std::string(operation.name));
  std::optional<kube::ApiResource> kind;
  if (needs_kind(operation)) {
    auto found = co_await kind_of(*cluster, operation, arguments, request.deadline);
    if (!found) co_return fail(std::move(found.error()));
    kind = std::move(*found);
  }
  if (kind || !takes_any_kind(operation)) {
    const Verdict first = decide_first(request.who, id, operation, arguments, cluster->default_namespaces(), kind);
    passed.outcome.decision = to_string(first.decision);
    passed.outcome.rule = first.rule;
    if (first.decision == Decision::deny) co_return refused(operation, first);
  }
  // What a process left in the middle there is told from what is done now only before that.
  auto settled = co_await settle_interrupted(request.deadline.sooner(Deadline::after(kSettling)), id);
  // What cannot be looked at stays interrupted. A journal that has used up the time is the cause, and no cluster is.
  if (!settled && request.deadline.left() < std::chrono::seconds(1)) co_return fail(std::move(settled.error()));
  ChangeCall what = change_call(request, id, passed);
  what.reason = arguments.text("reason");
  what.decide = [this, who = request.who, id, &operation](const ops::Plan& plan) {
    return stricter(decide_plan(who, id, operation, operation.trust, plan), decide_shown(who, id, operation, plan));
  };
  add_keeper(what, operation);
  Changes changes(*books_.journal, *books_.clock);
  Cluster::Work work = [&](ops::Call& call) -> awaitable<Result<ops::Reply>> {
    co_return co_await changes.run(call, *operation.change, what, passed.outcome);
  };
  co_return co_await cluster->work(operation, arguments, request.deadline, request.progress, std::move(work));
}

awaitable<Result<ops::Reply>> Gate::run_on_several(std::vector<std::string> ids, Request& request,
                                                   const ops::Arguments& arguments, Passed& passed) {
  const ops::Operation& operation = *passed.operation;
  ops::Progress* progress = request.progress;
  VisibleClusters visible(clusters_, request.who);
  auto chosen = co_await choose_clusters(visible, std::move(ids), operation.name);
  if (!chosen) co_return fail(std::move(chosen.error()));
  const std::vector<std::string> all = std::move(*chosen);
  auto each = ops::lists(operation) ? ops::part_arguments(operation, arguments) : Result<ops::Arguments>(arguments);
  if (!each) co_return fail(std::move(each.error()));
  std::size_t answered = 0;
  auto one = [&](std::string id) -> awaitable<Result<ops::Reply>> {
    auto reply = co_await run_on(id, request, *each, nullptr, passed);
    if (progress)
      progress->report(static_cast<double>(++answered), static_cast<double>(all.size()), id + " has answered");
    co_return reply;
  };
  if (progress) progress->report(0, static_cast<double>(all.size()), "asking the clusters");
  std::function<awaitable<Result<ops::Reply>>(std::size_t)> start = [&](std::size_t i) { return one(all[i]); };
  auto replies = co_await net::gather_bounded<ops::Reply>(all.size(), kClustersAtOnce, start);
  std::vector<ClusterAnswer> answers;
  for (std::size_t i = 0; i < all.size(); ++i) answers.push_back({all[i], std::move(replies[i])});
  co_return merge_answers(operation, arguments, std::move(answers));
}

Result<void> Gate::check_reveal(const Request& request, const std::string& cluster, const std::string& ns) const {
  const auto refuse = [](std::string why, std::string remedy) {
    return fail(ErrorCode::policy_denied, "show the values of a Secret", std::move(why), std::move(remedy));
  };
  if (!books_.audit) return refuse("no audit log is kept here", "Start Fairlead with a data directory, --data-dir");
  auto policy = this->policy();
  Identity who = request.who;
  const Touch touch{"", "secrets", ns, ""};
  if (who.bindings) who.roles = roles_at(*who.bindings, cluster, &touch);
  if (policy && policy->may_reveal(who, cluster, ns)) return {};
  return refuse("no entry of 'reveal' in the policy is for " + request.who.name + " in namespace " + ns,
                "A person can add one; docs/policy.md says how");
}

awaitable<void> Gate::record(const Request& request, const Passed& passed, const Result<ops::Reply>& reply) {
  if (!books_.audit || passed.outcome.is_recorded) co_return;
  const bool read =
      request.operation != kRollback && (!passed.operation || passed.operation->trust == ops::Trust::read);
  if (!read) {
    auto kept =
        co_await books_.audit->append_and_wait(record_of(request, passed, reply), books_.audit_failed,
                                               passed.outcome.change ? Deadline::after(kAudit) : request.deadline);
    static_cast<void>(kept);  // it was told to audit_failed; or the caller has gone, and it is written all the same
    co_return;
  }
  if (auto policy = this->policy(); policy && !policy->audit_reads()) co_return;
  books_.audit->append(record_of(request, passed, reply), books_.audit_failed);
}

AuditRecord Gate::record_of(const Request& request, const Passed& passed, const Result<ops::Reply>& reply) const {
  return record_of(request, passed,
                   !reply                              ? std::string(to_string(reply.error().code))
                   : passed.outcome.error_code.empty() ? "done"
                                                       : passed.outcome.error_code);
}

AuditRecord Gate::record_of(const Request& request, const Passed& passed, std::string outcome) const {
  AuditRecord record;
  record.time = books_.clock->unix_milliseconds();
  record.milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - passed.begun).count();
  record.who = request.who.name;
  record.cluster = passed.cluster;
  record.operation = ops::clip(request.operation, 80);
  record.trust = passed.outcome.trust;
  if (record.trust.empty() && passed.operation) record.trust = ops::to_string(passed.operation->trust);
  record.arguments = passed.arguments;
  if (!passed.outcome.reason.empty()) record.arguments["reason"] = passed.outcome.reason;
  if (!passed.outcome.result.empty()) record.arguments["result"] = passed.outcome.result;
  record.decision = passed.outcome.decision;
  record.rule = passed.outcome.rule;
  if (passed.outcome.change) record.change = std::to_string(passed.outcome.change);
  record.outcome = std::move(outcome);
  return record;
}

}  // namespace fairlead::gate
