#include "gate/change_document.h"

#include "base/text.h"
#include "gate/changes.h"
#include "ops/shown.h"

namespace fairlead::gate {
namespace {

json::value or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

}  // namespace

json::object document_of(const Change& change, const ops::Operation* operation) {
  json::array writes, fields, reach;
  for (std::size_t i = 0; i < change.plan.writes.size(); ++i) {
    const ops::Write& write = change.plan.writes[i];
    const bool done = change.writes[i].state == WriteState::done;
    writes.push_back(json::object{{"object", write.object.words()},
                                  {"does", ops::to_string(write.verb)},
                                  {"state", to_string(change.writes[i].state)}});
    for (const auto& line : ops::diff_lines(write, done ? change.writes[i].answer : write.expected))
      fields.push_back(json::value(line));
  }
  for (const auto& line : change.plan.reach) reach.push_back(json::value(line));
  json::object arguments;
  if (operation)
    if (auto valid = ops::Arguments::validate(change.arguments, operation->parameters, operation->name))
      arguments = ops::without_secrets(*valid, operation->parameters);
  auto id_or_null = [](std::int64_t id) { return id == 0 ? json::value(nullptr) : json::value(id); };
  json::object out{{"id", change.id},
                   {"state", to_string(change.state)},
                   {"summary", change.summary},
                   {"who", change.who},
                   {"cluster", change.cluster},
                   {"operation", change.operation},
                   {"trust", change.trust},
                   {"created", format_rfc3339(change.created)},
                   {"reason", or_null(change.reason)},
                   {"arguments", std::move(arguments)},
                   {"writes", std::move(writes)},
                   {"fields", std::move(fields)},
                   {"reach", std::move(reach)},
                   {"decided_by", change.rule},
                   {"approver", or_null(change.approver)},
                   {"verification", or_null(change.verification)},
                   {"error", or_null(change.error)},
                   {"forced", change.forced ? json::value(true) : json::value(nullptr)},
                   {"undo_of", id_or_null(change.undo_of)},
                   {"undone_by", id_or_null(change.undone_by)},
                   {"no_undo", or_null(change.plan.no_undo)}};
  if (change.expires && change.state == ChangeState::awaiting_approval) out["expires"] = format_rfc3339(change.expires);
  return out;
}

json::object summary_of(const Change& change) {
  return {{"id", change.id},
          {"state", to_string(change.state)},
          {"summary", change.summary},
          {"who", change.who},
          {"cluster", change.cluster},
          {"operation", change.operation},
          {"trust", change.trust},
          {"created", format_rfc3339(change.created)},
          {"reason", or_null(change.reason)},
          {"decided_by", change.rule},
          {"approver", or_null(change.approver)},
          {"verification", or_null(change.verification)},
          {"error", or_null(change.error)}};
}

}  // namespace fairlead::gate
