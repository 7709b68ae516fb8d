#include "cli/asking.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "base/text.h"
#include "cli/books.h"

namespace fairlead::cli {

net::awaitable<gate::Answer> TerminalApprover::ask(gate::Question question) {
  gate::Answer answer;
  if (!world_.input_is_terminal || !world_.error_is_terminal) co_return answer;
  ::tcflush(STDIN_FILENO, TCIFLUSH);  // what was typed before the question was seen is no answer to it
  std::fputs(gate::question_text(question).c_str(), world_.err);
  std::fputs(question.type_back.empty() ? "Approve it? [y/N] "
                                        : fmt::format("Type {} to approve it: ", question.type_back).c_str(),
             world_.err);
  std::fflush(world_.err);
  std::string line;
  if (!std::getline(std::cin, line)) co_return answer;  // it was closed, and nobody has answered
  answer.who = "terminal:" + account_name();
  answer.typed = trim(line);
  const bool yes = question.type_back.empty() ? answer.typed == "y" || answer.typed == "yes" : !answer.typed.empty();
  answer.kind = yes ? gate::Answer::Kind::approved : gate::Answer::Kind::rejected;
  if (!gate::is_approval(question, answer)) answer.kind = gate::Answer::Kind::rejected;
  co_return answer;
}

}  // namespace fairlead::cli
