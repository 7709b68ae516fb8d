// What people are told of a change: what they are asked, and what the audit log has of its beginning.
#include <fmt/format.h>

#include <algorithm>

#include "gate/changes.h"
#include "ops/losses.h"
#include "ops/shown.h"

namespace fairlead::gate {
namespace {

// What the call is about; of a manifest its first object.
std::string name_of(const Change& change) {
  const json::value* name = change.arguments.if_contains("name");
  return name && name->is_string() ? std::string(name->get_string()) : change.plan.writes.front().object.name;
}

}  // namespace

std::vector<std::string> fields_of(const ops::Plan& plan) {
  std::vector<std::string> out;
  for (const auto& write : plan.writes)
    for (auto& line : ops::diff_lines(write, write.expected)) out.push_back(std::move(line));
  return out;
}

std::string_view undo_limit(const ops::Plan& plan) {
  const bool evicts = std::any_of(plan.writes.begin(), plan.writes.end(),
                                  [](const ops::Write& write) { return write.verb == ops::Write::Verb::evict; });
  return evicts ? ", but for the pods that are evicted and what is in them" : "";
}

Question question_of(const Change& change) {
  Question question;
  question.change = change.id;
  question.who = change.who;
  question.cluster = change.cluster;
  question.operation = change.operation;
  question.trust = ops::parse_trust(change.trust).value_or(ops::Trust::destructive);
  question.summary = change.summary;
  question.fields = fields_of(change.plan);
  question.reach = change.plan.reach;
  const std::string final = ops::no_way_back(change.plan);
  question.undo = final.empty() ? fmt::format("It can be taken back{}.", undo_limit(change.plan))
                                : "It cannot be taken back: " + final + ".";
  question.reason = change.reason;
  if (question.trust == ops::Trust::destructive && !change.plan.writes.empty()) question.type_back = name_of(change);
  return question;
}

AuditRecord record_of(const Change& change, std::string outcome, const ops::Catalog& catalog, const Clock& clock) {
  AuditRecord record;
  record.time = clock.unix_milliseconds();
  record.who = change.who;
  record.cluster = change.cluster;
  record.operation = change.undo_of ? std::string(kRollback) : change.operation;
  record.trust = change.trust;
  record.decision = to_string(change.key.empty() ? Decision::allow : Decision::approve);
  record.rule = change.rule;
  record.change = std::to_string(change.id);
  record.outcome = std::move(outcome);
  const ops::Operation* operation = catalog.find(change.operation);
  if (change.undo_of) {
    record.arguments = json::object{{"change", change.undo_of}, {"force", change.forced}};
    if (!change.reason.empty()) record.arguments["reason"] = change.reason;
  } else if (operation) {
    if (auto arguments = ops::Arguments::validate(change.arguments, operation->parameters, operation->name))
      record.arguments = ops::without_secrets(*arguments, operation->parameters);
  }
  return record;
}

Journal::Begun record_begun(const ops::Catalog& catalog, std::shared_ptr<const Clock> clock) {
  return [&catalog, clock = std::move(clock)](store::Session& session, const Change& change) {
    return append_record(session, record_of(change, "begun", catalog, *clock));
  };
}

}  // namespace fairlead::gate
