// Asking a person. Faces that can reach one implement this: a terminal, an MCP client that elicits. An answer never
// comes from an argument of the call.
#pragma once

#include <string>
#include <vector>

#include "net/task.h"
#include "ops/operation.h"

namespace fairlead::gate {

using net::awaitable;

struct Question {
  std::int64_t change = 0;
  std::string who, cluster, operation;
  ops::Trust trust = ops::Trust::write;
  std::string summary;              // "scale deployment shop/web from 3 to 5"
  std::vector<std::string> fields;  // what would change, a line each (ops::diff_lines)
  std::vector<std::string> reach;   // what stands behind it
  std::string undo;                 // a sentence: whether it can be taken back
  std::string reason;               // that the caller gave
  std::string type_back;            // what has to be typed to approve it; empty: a yes will do
};

// Whether a reason holds nothing that a reader sees: blanks of any script, and what is not shown.
bool says_nothing(std::string_view reason);

// What is asked, as people read it: lines, in which nothing that others wrote can look like one of ours.
std::string question_text(const Question& question);

struct Answer {
  enum class Kind { approved, rejected, nobody /* there is no one to ask */ };
  Kind kind = Kind::nobody;
  std::string who;    // "terminal:alice"
  std::string typed;  // where the question wants something typed back
};

// Whether it is a yes that counts: what had to be typed was.
inline bool is_approval(const Question& question, const Answer& answer) {
  return answer.kind == Answer::Kind::approved && (question.type_back.empty() || answer.typed == question.type_back);
}

class Approver {
 public:
  virtual ~Approver() = default;
  virtual awaitable<Answer> ask(Question question) = 0;
};

}  // namespace fairlead::gate
