#include "gate/change_document.h"

#include "base/text.h"
#include "gate/changes.h"
#include "ops/losses.h"
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
                   {"no_undo", or_null(ops::no_way_back(change.plan))}};
  if (change.state != ChangeState::awaiting_approval) return out;
  if (change.expires) out["expires"] = format_rfc3339(change.expires);
  const Question question = question_of(change);
  out["type_back"] = or_null(question.type_back);
  out["undo"] = question.undo;
  return out;
}

Question question_from(const json::value& document) {
  const auto lines = [&](std::string_view name) {
    std::vector<std::string> out;
    for (const auto& line : array_at(document, {name}))
      if (line.is_string()) out.emplace_back(line.get_string());
    return out;
  };
  Question out;
  out.change = integer_at(document, {"id"});
  out.who = text_at(document, {"who"});
  out.cluster = text_at(document, {"cluster"});
  out.operation = text_at(document, {"operation"});
  out.trust = ops::parse_trust(text_at(document, {"trust"})).value_or(ops::Trust::destructive);
  out.summary = text_at(document, {"summary"});
  out.fields = lines("fields");
  out.reach = lines("reach");
  out.undo = text_at(document, {"undo"});
  out.reason = text_at(document, {"reason"});
  out.type_back = text_at(document, {"type_back"});
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
