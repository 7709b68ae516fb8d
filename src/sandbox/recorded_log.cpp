#include "sandbox/recorded_log.h"

#include <algorithm>
#include <utility>

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_of_one = 1 << 20, most_of_all = 128 << 20, most_lines = 20'000;
constexpr std::size_t longest_line = 16 << 10;  // longer ones are kept in pieces

std::size_t weight(const LogLine& line) { return line.text.size() + 64; }

}  // namespace

void RecordedLog::write(bool error, std::string_view bytes, std::int64_t at_ms) {
  std::string& begun = begun_[error ? 1 : 0];
  while (!bytes.empty()) {
    std::size_t end = bytes.find('\n');
    bool whole = end != bytes.npos;
    std::size_t taken = std::min(whole ? end : bytes.size(), longest_line - begun.size());
    begun += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (bytes.empty() && begun.size() < longest_line) return;
    whole = bytes.starts_with('\n');
    if (whole) bytes.remove_prefix(1);
    keep({at_ms, std::exchange(begun, ""), whole});
  }
}

void RecordedLog::keep(LogLine line) {
  bytes_ += weight(line);
  *total_ += weight(line);
  lines_.push_back(std::move(line));
  while (!lines_.empty() && (bytes_ > most_of_one || *total_ > most_of_all || lines_.size() > most_lines)) drop_first();
}

void RecordedLog::drop_first() {
  bytes_ -= weight(lines_.front());
  *total_ -= weight(lines_.front());
  lines_.pop_front();
  ++dropped_;
}

void RecordedLog::clear() {
  while (!lines_.empty()) drop_first();
}

void RecordedLog::flush(std::int64_t at_ms) {
  for (std::string& begun : begun_) {
    if (!begun.empty()) keep({at_ms, std::exchange(begun, ""), false});
  }
}

void RecordedLog::hand_over(std::int64_t at_ms) {
  flush(at_ms);
  if (!handed_over_) handed_over_ = at_ms;
}

void RecordedLog::end(std::int64_t at_ms) {
  flush(at_ms);
  ended_ = true;
}

std::shared_ptr<RecordedLog> RunLogs::open(std::string_view pod_uid, std::string_view container, std::int64_t run) {
  std::vector<Entry>& entries = by_pod_[std::string(pod_uid)];
  std::erase_if(entries, [&](const Entry& entry) {
    return entry.container == container && (entry.run < run - 1 || entry.run >= run);
  });
  // The oldest that have ended make room.
  while (!in_order_.empty()) {
    auto oldest = in_order_.front().lock();
    if (oldest && (*total_ < most_of_all / 2 || !oldest->ended())) break;
    if (oldest) oldest->clear();
    in_order_.pop_front();
  }
  if (in_order_.size() >= tidy_at_) {
    std::erase_if(in_order_, [](const std::weak_ptr<RecordedLog>& one) { return one.expired(); });
    tidy_at_ = std::max<std::size_t>(1024, 2 * in_order_.size());
  }
  auto log = std::make_shared<RecordedLog>(total_);
  entries.push_back({std::string(container), run, log});
  in_order_.push_back(log);
  return log;
}

std::shared_ptr<const RecordedLog> RunLogs::find(std::string_view pod_uid, std::string_view container,
                                                 std::int64_t run) const {
  auto pod = by_pod_.find(pod_uid);
  if (pod == by_pod_.end()) return nullptr;
  for (const Entry& entry : pod->second) {
    if (entry.container == container && entry.run == run) return entry.log;
  }
  return nullptr;
}

void RunLogs::forget(std::string_view pod_uid) {
  auto found = by_pod_.find(pod_uid);
  if (found != by_pod_.end()) by_pod_.erase(found);
}

}  // namespace fairlead::sandbox
