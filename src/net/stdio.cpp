#include <limits.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

#include "net/asio.h"
#include "net/stream.h"

namespace fairlead::net {
namespace {

using Descriptor = asio::posix::stream_descriptor;

// Waits until a descriptor of ours is ready. Asio would make it non-blocking, and that flag belongs to the open file,
// which is shared with the parent process and with whoever else holds the terminal or pipe: so Asio gets an epoll
// descriptor that watches ours. Regular files cannot be watched; they are always ready.
class Readiness {
 public:
  Readiness(Executor executor, int descriptor, std::uint32_t event) : watcher_(executor) {
    int watcher = ::epoll_create1(EPOLL_CLOEXEC);
    if (watcher < 0) return;
    epoll_event interest{};
    interest.events = event;
    error_code error;
    if (::epoll_ctl(watcher, EPOLL_CTL_ADD, descriptor, &interest) == 0) watcher_.assign(watcher, error);
    if (!watcher_.is_open()) ::close(watcher);
  }

  bool watchable() const { return watcher_.is_open(); }

  awaitable<Result<void>> wait(std::string_view step) {
    if (co_await cancelled()) co_return cancelled_error(std::string(step));
    if (!watchable()) {  // always ready; others get their turn all the same
      co_await asio::post(watcher_.get_executor(), asio::use_awaitable);
      co_return Result<void>{};
    }
    auto [error] = co_await watcher_.async_wait(Descriptor::wait_read, as_values);
    if (error) co_return cancelled_error(std::string(step));
    co_return Result<void>{};
  }

  void cancel() {
    error_code ignored;
    watcher_.cancel(ignored);
  }

 private:
  Descriptor watcher_;
};

constexpr std::string_view kReading = "read standard input";
constexpr std::string_view kWriting = "write standard output";

class StdioStream final : public Stream {
 public:
  explicit StdioStream(Executor executor)
      : in_(executor, STDIN_FILENO, EPOLLIN), out_(executor, STDOUT_FILENO, EPOLLOUT) {}

  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    while (true) {
      if (closed_) co_return cancelled_error(std::string(kReading));
      auto ready = co_await in_.wait(kReading);
      if (!ready) co_return fail(std::move(ready.error()));
      ssize_t count = ::read(STDIN_FILENO, into.data(), into.size());
      if (count >= 0) co_return static_cast<std::size_t>(count);
      if (errno != EINTR && errno != EAGAIN)
        co_return fail(ErrorCode::unreachable, std::string(kReading), std::strerror(errno));
    }
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      if (closed_) co_return cancelled_error(std::string(kWriting));
      auto ready = co_await out_.wait(kWriting);
      if (!ready) co_return ready;
      // A pipe that is ready takes PIPE_BUF bytes without blocking.
      std::size_t size = out_.watchable() ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
      ssize_t count = ::write(STDOUT_FILENO, bytes.data(), size);
      if (count >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(count));
      else if (errno != EINTR && errno != EAGAIN)
        co_return fail(ErrorCode::unreachable, std::string(kWriting), std::strerror(errno));
    }
    co_return Result<void>{};
  }

  void close() override {
    closed_ = true;
    in_.cancel();
    out_.cancel();
  }

 private:
  Readiness in_, out_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Stream> open_stdio(Executor executor) { return std::make_unique<StdioStream>(std::move(executor)); }

// ---- lines

LineReader::LineReader(Stream& stream, std::size_t limit) : stream_(stream), limit_(limit) {}
LineReader::~LineReader() = default;

awaitable<Result<std::string>> LineReader::next() {
  constexpr std::size_t chunk = 16 << 10;
  const auto too_long = [this] {
    return fail(ErrorCode::invalid_request, "read a line",
                "the line is longer than " + std::to_string(limit_) + " bytes");
  };
  while (true) {
    std::size_t newline = buffer_.find('\n', scanned_);
    if (newline != std::string::npos) {
      std::string line = buffer_.substr(0, newline);
      buffer_.erase(0, newline + 1);
      scanned_ = 0;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (std::exchange(skipping_, false) || line.size() > limit_) co_return too_long();
      co_return line;
    }
    if (buffer_.size() > limit_ + 1) skipping_ = true;  // the one more may be a carriage return
    if (skipping_) buffer_.clear();
    scanned_ = buffer_.size();
    buffer_.resize(scanned_ + chunk);
    auto count = co_await stream_.read_some(std::span<char>(buffer_.data() + scanned_, chunk));
    buffer_.resize(scanned_ + (count ? *count : 0));
    if (!count) co_return fail(std::move(count.error()));
    if (*count > 0) continue;
    if (buffer_.empty() && !skipping_) {
      end_ = true;
      co_return std::string();
    }
    buffer_ += '\n';  // the last line may lack its end
  }
}

}  // namespace fairlead::net
