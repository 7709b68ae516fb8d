#include "cli/remote_answer.h"

#include <array>

#include "base/text.h"

namespace fairlead::cli {
namespace {

std::optional<ErrorCode> parse_code(std::string_view word) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code)
    if (to_string(static_cast<ErrorCode>(code)) == word) return static_cast<ErrorCode>(code);
  return std::nullopt;
}

// It was rendered over there, and is safe to show if that was a Fairlead.
std::string shown(std::string_view text) { return escape_untrusted(text, Newlines::keep); }

}  // namespace

std::optional<Error> error_of(const json::value& problem) {
  const auto code = parse_code(text_at(problem, {"code"}));
  if (!code) return std::nullopt;
  Error out;
  out.code = *code;
  out.cause = text_at(problem, {"detail"});
  out.foreign = text_at(problem, {"foreign"});
  // Apart, so that what others wrote stands between the two, as it does here.
  const std::string_view remedy = text_at(problem, {"remedy"});
  if (remedy.empty() || !out.cause.ends_with(remedy)) return out;
  out.cause.resize(out.cause.size() - remedy.size());
  out.cause.resize(trim(out.cause).size());
  if (out.cause.ends_with('.')) out.cause.pop_back();
  out.remedy = remedy;
  return out;
}

std::optional<Event> EventReader::next() {
  while (true) {
    const std::size_t end = waiting_.find("\n\n", scanned_);
    if (end == std::string::npos) {
      scanned_ = waiting_.empty() ? 0 : waiting_.size() - 1;
      return std::nullopt;
    }
    Event out;
    bool has_data = false;
    for (const auto line : split(std::string_view(waiting_).substr(0, end), '\n')) {
      if (line.starts_with("event: ")) out.name = line.substr(7);
      if (!line.starts_with("data: ")) continue;
      if (has_data) out.data += '\n';
      out.data += line.substr(6);
      has_data = true;
    }
    waiting_.erase(0, end + 2);
    scanned_ = 0;
    if (!out.name.empty()) return out;
  }
}

Result<CallAnswer> read_call_answer(std::string_view body, bool is_json) {
  auto value = parse_json(body, "read the server's answer", {.bytes = kMostAnswered});
  if (!value) return fail(std::move(value.error()));
  const json::value *notes = find(*value, "notes"), *result = find(*value, "result");
  if (!notes || !notes->is_array() || !result || (!is_json && !result->is_string()))
    return fail(ErrorCode::server_error, "read the server's answer", "it is not what a call is answered with",
                "Use the version of Fairlead that serves");
  CallAnswer out;
  for (const auto& note : notes->get_array())
    if (note.is_string()) out.notes.emplace_back(note.get_string());
  if (!is_json) {
    out.text = shown(result->get_string());
    return out;
  }
  const std::string head = "{\"notes\":" + compact(*notes) + ",\"result\":";
  if (!body.starts_with(head) || !trim(body).ends_with('}')) {
    out.text = shown(pretty(*result) + "\n");
    return out;
  }
  body = trim(body);
  out.text = shown(trim(body.substr(head.size(), body.size() - head.size() - 1)));
  out.text += '\n';
  return out;
}

}  // namespace fairlead::cli
