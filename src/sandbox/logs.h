// Container logs. What a command has written was recorded; what the programs of images write is made up from the pod
// when it is asked for, so that the same pod, container, run and time always give the same lines, and nothing of it is
// stored. Not thread-safe: one loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "sandbox/recorded_log.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

// One run of one container.
class ContainerLog {
 public:
  // `until` ends it (the container terminated); lines beyond the last 20,000 are gone, as the kubelet rotates.
  ContainerLog(std::uint64_t seed, std::string program, std::int64_t started_at, std::optional<std::int64_t> until,
               std::vector<std::string> last_words);
  // Goes on from what was recorded, if that was handed over to such a program.
  void follow(std::shared_ptr<const RecordedLog> recorded);

  std::int64_t count(std::int64_t now_ms) const;  // lines written so far
  std::int64_t kept_from(std::int64_t now_ms) const;
  LogLine line(std::int64_t index) const;
  std::int64_t next_at_ms(std::int64_t index) const;  // of the last lines that are recorded: they are there
  bool ended() const { return until_.has_value(); }
  bool same_run(const ContainerLog& other) const { return seed_ == other.seed_ && run_ms_ == other.run_ms_; }

 private:
  std::int64_t recorded_count() const { return recorded_ ? recorded_->count() : 0; }
  std::int64_t made_up(std::int64_t now_ms) const;  // how many lines
  bool silent() const { return recorded_ && !recorded_->handed_over(); }
  std::int64_t time_of(std::int64_t index) const;
  std::string text_of(std::int64_t index, std::int64_t at_ms) const;

  std::uint64_t seed_;
  std::string program_;
  std::int64_t run_ms_, start_ms_;  // of the run, of the program whose lines are made up
  std::shared_ptr<const RecordedLog> recorded_;
  std::optional<std::int64_t> until_;
  std::vector<std::string> last_words_;
  std::int64_t period_ms_;
};

struct LogRequest {
  std::string container;
  bool previous = false, follow = false, timestamps = false;
  std::optional<std::int64_t> tail_lines, since_seconds, since_time, limit_bytes;
  std::string query;                         // all of this as the kubelet is asked: follow=true&tailLines=5
  std::optional<std::string> kubelet_error;  // why the kubelet cannot be asked (lost_node.h)
};

// The log that a request names, or what the API server answers when there is none: 400, or 500 when the kubelet cannot
// be asked. Code 204: no node has the pod yet, and the answer is empty.
ApiResult<ContainerLog> find_log(const json::value& pod, const LogRequest& request, const RunLogs& recorded);

// "2026-01-02T03:04:05.006000000Z "
std::string log_timestamp(std::int64_t at_ms);

}  // namespace fairlead::sandbox
