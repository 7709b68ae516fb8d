#include "cli/session.h"

#include <csignal>

#include "base/json.h"

namespace fairlead::cli {

using net::awaitable;

namespace {

constexpr std::size_t kPiece = 32 << 10;
constexpr Duration kPatience = std::chrono::seconds(2);

}  // namespace

OwnStreams::OwnStreams(World& world, net::Executor executor, bool terminal, Duration idle)
    : world_(world),
      terminal_(terminal),
      idle_(idle),
      own_(net::open_stdio(executor)),
      given_(executor),
      taken_(executor),
      resized_(executor, SIGWINCH),
      tasks_(executor) {}

void OwnStreams::begin(bool input_can_end) {
  if (has_begun_) return;
  has_begun_ = true;
  input_can_end_ = input_can_end;
  if (terminal_) {
    raw_.begin();
    size_ = terminal_size();
    tasks_.spawn(watch_size());
  }
  tasks_.spawn(read());
  given_.set();
}

awaitable<void> OwnStreams::stop() {
  raw_.end();
  tasks_.cancel_all();
  co_await tasks_.join();
}

awaitable<Result<void>> OwnStreams::begun(bool input_can_end) {
  begin(input_can_end);
  co_return Result<void>();
}

void OwnStreams::told(std::string_view text) {
  const auto said = parse_json(text, "read the server's answer");
  if (said && flag_at(*said, {"begun"})) begin(flag_at(*said, {"input_can_end"}));
}

awaitable<void> OwnStreams::read() {
  auto buffer = std::make_unique_for_overwrite<char[]>(kPiece);
  while (!has_ended_) {
    auto count = co_await own_->read_some({buffer.get(), kPiece});
    if (!count && count.error().code == ErrorCode::cancelled) co_return;
    if (count && *count > 0)
      waiting_.assign(buffer.get(), *count);
    else
      has_ended_ = true;
    given_.set();
    while (!waiting_.empty()) {
      taken_.reset();
      auto taken = co_await taken_.wait();
      if (!taken) co_return;
    }
  }
  if (input_can_end_) co_return;
  auto waited = co_await net::sleep_for(kPatience);  // most commands do not care
  if (waited)
    note(world_,
         "the input has ended, which Kubernetes before 1.30 cannot tell the command: one that reads to its end waits "
         "for more, until it is ended");
}

awaitable<void> OwnStreams::watch_size() {
  while (true) {
    auto resized = co_await resized_.next();
    if (!resized) co_return;
    size_ = terminal_size();
    given_.set();
  }
}

awaitable<Result<kube::RemoteInput>> OwnStreams::input() {
  while (true) {
    kube::RemoteInput out;
    out.size = std::exchange(size_, std::nullopt);
    out.bytes = std::exchange(waiting_, {});
    taken_.set();
    out.end = has_ended_ && !std::exchange(end_is_told_, has_ended_);
    if (out.end || out.size || !out.bytes.empty()) co_return out;
    given_.reset();
    auto given = co_await given_.wait();
    if (given) continue;
    raw_.end();  // the session is over, whatever comes of that
    co_return fail(std::move(given.error()));
  }
}

awaitable<Result<void>> OwnStreams::output(bool is_error_output, std::string_view bytes) {
  if (!is_error_output) {
    auto written = co_await own_->write(bytes);
    if (!written) written.error().cause = "standard output takes no more";
    co_return written;
  }
  if (std::fwrite(bytes.data(), 1, bytes.size(), world_.err) != bytes.size())
    co_return fail(ErrorCode::output_failed, "write standard error", "standard error takes no more");
  co_return Result<void>();
}

awaitable<Result<void>> OwnStreams::finished() {
  raw_.end();
  co_return Result<void>();
}

int session_status(World& world, const json::value& result) {
  const json::value* code = find(result, "exit_code");
  if (code && code->is_int64()) {
    if (code->get_int64() != 0) note(world, "the command ended with exit code " + std::to_string(code->get_int64()));
    return static_cast<int>(code->get_int64() & 255);
  }
  const std::string_view why = text_at(result, {"left"});
  note(world, "the session ended before the command, which may go on: " + std::string(why));
  return 1;
}

}  // namespace fairlead::cli
