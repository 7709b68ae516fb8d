// Inside cli/ only: what a Fairlead that serves answers, as values. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace fairlead::cli {

constexpr std::size_t kMostAnswered = 64 << 20, kMostOfAPage = 500;

// The Error that a problem document was made of; nothing: it is none.
std::optional<Error> error_of(const json::value& problem);

struct Event {
  std::string name, data;
};
// Server-sent events out of bytes as they come (HTML, 9.2), as far as rest/operations.cpp writes them.
class EventReader {
 public:
  void feed(std::string_view bytes) { waiting_ += bytes; }
  // The next one that is whole; comments are passed over.
  std::optional<Event> next();
  std::size_t size() const { return waiting_.size(); }  // that are held

 private:
  std::string waiting_;
  std::size_t scanned_ = 0;
};

// What a call answers: {"notes": [...], "result": ...}, the result of the format json with the line breaks that it was
// written with.
struct CallAnswer {
  std::vector<std::string> notes;
  std::string text;
};
// `is_json`: else the result is text. server_error for anything else.
Result<CallAnswer> read_call_answer(std::string_view body, bool is_json);

}  // namespace fairlead::cli
