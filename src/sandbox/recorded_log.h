// What a run of a container's command has written, line by line and with times, as the container runtime keeps it.
// Bounded: the oldest lines go first. Not thread-safe: one loop.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::sandbox {

struct LogLine {
  std::int64_t at_ms = 0;  // since 1970
  std::string text;        // without a newline
  bool whole = true;       // false: it has no newline at its end
};

class RecordedLog {
 public:
  // `total` counts the bytes of all logs.
  explicit RecordedLog(std::shared_ptr<std::size_t> total) : total_(std::move(total)) {}
  ~RecordedLog() { clear(); }
  RecordedLog(const RecordedLog&) = delete;
  RecordedLog& operator=(const RecordedLog&) = delete;

  void write(bool error, std::string_view bytes, std::int64_t at_ms);
  // From here on a program writes that the sandbox knows nothing of: its lines are made up.
  void hand_over(std::int64_t at_ms);
  void end(std::int64_t at_ms);
  void clear();

  std::int64_t first() const { return dropped_; }
  std::int64_t count() const { return dropped_ + static_cast<std::int64_t>(lines_.size()); }
  const LogLine& line(std::int64_t index) const { return lines_[static_cast<std::size_t>(index - dropped_)]; }
  bool ended() const { return ended_; }
  std::optional<std::int64_t> handed_over() const { return handed_over_; }

 private:
  void keep(LogLine line);
  void drop_first();
  void flush(std::int64_t at_ms);

  std::shared_ptr<std::size_t> total_;
  std::deque<LogLine> lines_;
  std::int64_t dropped_ = 0;
  std::size_t bytes_ = 0;
  std::string begun_[2];  // of standard output and standard error: the line that has no end yet
  std::optional<std::int64_t> handed_over_;
  bool ended_ = false;
};

// The logs of all runs of commands: of each container the current run's and the one's before.
class RunLogs {
 public:
  std::shared_ptr<RecordedLog> open(std::string_view pod_uid, std::string_view container, std::int64_t run);
  // Null where no command was run: its log is made up.
  std::shared_ptr<const RecordedLog> find(std::string_view pod_uid, std::string_view container, std::int64_t run) const;
  void forget(std::string_view pod_uid);

 private:
  struct Entry {
    std::string container;
    std::int64_t run;
    std::shared_ptr<RecordedLog> log;
  };
  std::shared_ptr<std::size_t> total_ = std::make_shared<std::size_t>(0);
  std::map<std::string, std::vector<Entry>, std::less<>> by_pod_;
  std::deque<std::weak_ptr<RecordedLog>> in_order_;  // of their beginnings
  std::size_t tidy_at_ = 1024;
};

}  // namespace fairlead::sandbox
