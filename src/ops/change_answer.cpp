#include "ops/change_answer.h"

namespace fairlead::ops {

std::string did_or_would(const Call& call, std::string_view done) {
  return (call.dry_run ? "dry run: would have " : "") + std::string(done);
}

const json::value& outcome(const Plan& plan, const Answers& answers) {
  static const json::value nothing;
  if (!answers.empty()) return answers.front();
  return plan.writes.empty() ? nothing : plan.writes.front().before;
}

Reply change_reply(json::object result, std::string note) {
  return {Document{std::move(result), nullptr}, {std::move(note)}};
}

tl::unexpected<Error> strange_answer(const Call& call, std::string cause) {
  return fail(net::with_unknown_outcome({ErrorCode::server_error, std::string(call.operation.name), std::move(cause)}));
}

}  // namespace fairlead::ops
