#include "mcp_server/asking.h"

#include "base/text.h"

namespace fairlead::mcp_server {
namespace {

constexpr std::size_t kLongestQuestion = 16 << 10;
constexpr Duration kPatience = std::chrono::minutes(60);  // an approval is not valid for longer

// The client shows it as a form.
json::object form(const std::string& type_back) {
  json::object field;
  if (type_back.empty()) {
    field = {{"type", "boolean"}, {"title", "Approve this change"}, {"default", false}};
  } else {
    field = {{"type", "string"},
             {"title", "Type the name to approve"},
             {"description", "Type " + escape_untrusted(type_back, Newlines::escape) + " to approve it"}};
  }
  return {{"type", "object"},
          {"properties", json::object{{"approve", std::move(field)}}},
          {"required", json::array{"approve"}}};
}

gate::Answer answer_of(const json::object& content, std::string who) {
  gate::Answer out{gate::Answer::Kind::rejected, std::move(who), {}};
  const json::value* approve = content.if_contains("approve");
  if (approve && approve->is_string()) out.typed = trim(std::string_view(approve->get_string()));
  if (!out.typed.empty() || (approve && approve->is_bool() && approve->get_bool()))
    out.kind = gate::Answer::Kind::approved;
  return out;
}

}  // namespace

net::awaitable<gate::Answer> ClientApprover::ask(gate::Question question) {
  gate::Answer answer;
  mcp::Elicitation asking{gate::question_text(question), form(question.type_back)};
  if (!elicitor_ || !elicitor_->can_elicit() || asking.message.size() > kLongestQuestion) co_return answer;
  auto elicited = co_await elicitor_->elicit(std::move(asking), Deadline::after(kPatience));
  if (!elicited || elicited->action == mcp::Elicited::Action::cancel) co_return answer;
  answer = answer_of(elicited->content, who_);
  const bool accepts = elicited->action == mcp::Elicited::Action::accept;
  const bool is_typed = question.type_back.empty() == answer.typed.empty();  // as the form asks for it
  if (!accepts || !is_typed || !gate::is_approval(question, answer)) answer.kind = gate::Answer::Kind::rejected;
  co_return answer;
}

}  // namespace fairlead::mcp_server
