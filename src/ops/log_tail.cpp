#include "ops/log_tail.h"

#include <algorithm>

#include "ops/pod_logs.h"
#include "redact/lines.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kOfUnended = 256 << 10;  // of a log that did not end in time: there is none left to look at more

// Keeps the last bytes of a log: its end says most.
class TailSink final : public net::BodySink {
 public:
  TailSink(const Call& call, bool since, std::size_t cap) : call_(call), asks_since_(since), cap_(cap) {}
  Result<void> on_head(const net::HttpHead& head) override {
    text_.clear();
    dropped_ = 0;
    if (asks_since_) since_ = wanted_since(call_, head);
    return expect_log(head);
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    text_.append(bytes);
    if (text_.size() > 2 * cap_) drop(text_.size() - cap_);
    return net::Flow::more;
  }
  // From the first whole line that fits the cap on.
  std::string take() {
    if (text_.size() > cap_) drop(text_.size() - cap_);
    if (dropped_ > 0) {
      std::size_t line = text_.find('\n');
      if (line != std::string::npos && line + 1 < text_.size()) drop(line + 1);
    }
    return std::move(text_);
  }
  // No more than so many bytes.
  void keep(std::size_t cap) { cap_ = std::min(cap_, cap); }
  bool any() const { return !text_.empty(); }
  std::size_t dropped() const { return dropped_; }
  std::optional<std::int64_t> since() const { return since_; }

 private:
  void drop(std::size_t count) {
    text_.erase(0, count);
    dropped_ += count;
  }
  const Call& call_;
  const bool asks_since_;
  std::size_t cap_;
  std::optional<std::int64_t> since_;
  std::string text_;
  std::size_t dropped_ = 0;
};

// What was read, from that line on; the lines above only say what those are. `timed`: each has its time before it, and
// `timestamps` shows it. Piece by piece: others have their turn in between, and whoever gives up waits no longer.
awaitable<Result<std::string>> present(std::string_view raw, bool timed, bool timestamps, std::size_t first_line,
                                       Deadline deadline) {
  constexpr std::size_t piece = 256 << 10;
  TimedLines lines;
  if (timed)
    lines = split_times(raw);
  else
    lines.text = raw;
  std::string out;
  redact::Lines redacted;
  std::size_t before = 0;  // lines of earlier pieces
  for (std::string_view rest = lines.text; !rest.empty();) {
    std::size_t size = std::min(rest.size(), piece);
    const std::size_t end = size < rest.size() ? rest.find('\n', size) : std::string_view::npos;
    size = end == std::string_view::npos ? rest.size() : end + 1;
    const std::string_view now = rest.substr(0, size);
    rest.remove_prefix(size);
    redacted.next(now, [&](std::size_t at, std::string_view shown) {
      const std::size_t line = before + at;
      if (line < first_line) return;
      if (timestamps && !lines.times[line].empty()) out.append(lines.times[line]).append(" ");
      out.append(shown).append("\n");
    });
    before += static_cast<std::size_t>(std::count(now.begin(), now.end(), '\n'));
    if (rest.empty()) break;
    if (auto waited = co_await net::sleep_for(Duration::zero()); !waited) co_return fail(std::move(waited.error()));
    if (deadline.passed())
      co_return fail(ErrorCode::timeout, "look through the log", "there was too much of it for the time",
                     "Ask for less of it, with tail_lines or since_seconds, or for more time");
  }
  if (!out.empty() && !raw.ends_with('\n')) out.pop_back();
  co_return out;
}

// How many of the first lines are older. A line without a time is as old as the one above it.
std::size_t lines_before(std::string_view raw, std::int64_t since) {
  const TimedLines lines = split_times(raw);
  std::size_t count = 0;
  for (std::size_t i = 0; i < lines.times.size(); ++i) {
    if (is_before(lines.times[i], since) || (lines.times[i].empty() && i > 0 && count == i))
      count = i + 1;
    else if (!lines.times[i].empty())
      break;
  }
  return count;
}

std::size_t count_lines(std::string_view text) {
  const auto ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return ends + (text.empty() || text.ends_with('\n') ? 0 : 1);
}

std::size_t start_of_line(std::string_view text, std::size_t line) {
  std::size_t at = 0;
  while (line-- > 0) at = text.find('\n', at) + 1;
  return at;
}

}  // namespace

awaitable<Result<LogTail>> read_log_tail(Call& call, LogQuery query) {
  TailSink sink(call, query.since, query.most_bytes);
  const bool timed = query.timestamps || query.since;
  LogTail out;
  if (query.lines) kube::add_query(query.target, "tailLines", std::to_string(*query.lines + kLinesAbove));
  if (timed) kube::add_query(query.target, "timestamps", "true");
  auto read = co_await call.client.read(std::move(query.target), "*/*", sink, call.deadline);
  // A log that goes on for ever, or a slow one: what came is worth more than an error.
  out.did_not_end = !read && read.error().code == ErrorCode::timeout && sink.any();
  if (!read && !out.did_not_end) co_return fail(std::move(read.error()));
  if (out.did_not_end) sink.keep(kOfUnended);
  const std::string raw = sink.take();
  const std::size_t lines = count_lines(raw);
  out.more_lines = query.lines && lines > static_cast<std::size_t>(*query.lines);
  std::size_t above = out.more_lines ? lines - static_cast<std::size_t>(*query.lines) : 0;
  const std::size_t older = sink.since() ? lines_before(raw, *sink.since()) : 0;
  if (older > above) {
    above = older;
  } else if (!out.more_lines &&
             sink.dropped() > 0) {  // the first line that is left may belong to the last one that is not
    above = std::min<std::size_t>(kLinesAbove, lines - 1);
    out.left_out = sink.dropped() + start_of_line(raw, above);
  }
  // What came until the deadline is shown after it.
  const Deadline deadline = out.did_not_end ? Deadline() : call.deadline;
  auto text = co_await present(raw, timed, query.timestamps, above, deadline);
  if (!text) co_return fail(std::move(text.error()));
  out.text = std::move(*text);
  co_return out;
}

}  // namespace fairlead::ops
