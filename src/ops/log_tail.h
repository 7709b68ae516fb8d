// The end of a container's log, without credentials, as it is shown and as diagnoses read it.
#pragma once

#include <optional>
#include <string>

#include "ops/operation.h"

namespace fairlead::ops {

struct LogQuery {
  std::string target;                 // the path of the log, without how many lines
  std::optional<std::int64_t> lines;  // of its end; nothing: all of it
  std::size_t most_bytes = 0;         // that are kept of it
  bool timestamps = false;            // each line with its time
  bool since = false;                 // only what the call's since_seconds or since_time wants: log_target()
};

struct LogTail {
  std::string text;          // whole lines
  std::size_t left_out = 0;  // bytes before it that did not fit
  bool more_lines = false;   // there are lines before the ones that were asked for
  bool did_not_end = false;  // in time: this is what came until then
};

// Lines above the ones that are wanted are read too, since they may say what the first of those is: a password's value.
awaitable<Result<LogTail>> read_log_tail(Call& call, LogQuery query);

}  // namespace fairlead::ops
