#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "net/asio.h"
#include "net/stream.h"

namespace fairlead::net {
namespace {

using Descriptor = asio::posix::stream_descriptor;

// Asio waits on descriptors with epoll, which refuses regular files; those never block, so they are read directly.
// O_NONBLOCK is left as it is: the descriptors may be shared with the parent process.
class StdioStream final : public Stream {
 public:
  explicit StdioStream(Executor executor) : in_(executor), out_(executor) {
    in_pollable_ = assign(in_, STDIN_FILENO);
    out_pollable_ = assign(out_, STDOUT_FILENO);
  }

  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    if (co_await cancelled()) co_return cancelled_error("read standard input");
    if (in_pollable_) {
      auto [error] = co_await in_.async_wait(Descriptor::wait_read, as_values);
      if (error) co_return cancelled_error("read standard input");
    }
    ssize_t count;
    do count = ::read(STDIN_FILENO, into.data(), into.size());
    while (count < 0 && errno == EINTR);
    if (count < 0) co_return fail(ErrorCode::unreachable, "read standard input", std::strerror(errno));
    co_return static_cast<std::size_t>(count);
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      if (out_pollable_) {
        auto [error] = co_await out_.async_wait(Descriptor::wait_write, as_values);
        if (error) co_return cancelled_error("write standard output");
      }
      // A pipe that is ready takes PIPE_BUF bytes without blocking.
      ssize_t count = ::write(STDOUT_FILENO, bytes.data(), out_pollable_ ? std::min<std::size_t>(bytes.size(), 4096) : bytes.size());
      if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (count < 0) co_return fail(ErrorCode::unreachable, "write standard output", std::strerror(errno));
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    co_return Result<void>{};
  }

  void close() override {
    error_code ignored;
    in_.cancel(ignored);
    out_.cancel(ignored);
  }

  ~StdioStream() override {
    if (in_pollable_) in_.release();
    if (out_pollable_) out_.release();
  }

 private:
  static bool assign(Descriptor& descriptor, int number) {
    error_code error;
    descriptor.assign(number, error);
    return !error;
  }

  Descriptor in_, out_;
  bool in_pollable_ = false, out_pollable_ = false;
};

}  // namespace

std::unique_ptr<Stream> open_stdio(Executor executor) { return std::make_unique<StdioStream>(std::move(executor)); }

// ---- lines

LineReader::LineReader(Stream& stream, std::size_t limit) : stream_(stream), limit_(limit) {}
LineReader::~LineReader() = default;

awaitable<Result<std::string>> LineReader::next() {
  constexpr std::size_t chunk = 16 << 10;
  while (true) {
    std::size_t newline = buffer_.find('\n', scanned_);
    if (newline != std::string::npos) {
      std::string line = buffer_.substr(0, newline);
      buffer_.erase(0, newline + 1);
      scanned_ = 0;
      if (skipping_) {
        skipping_ = false;
        co_return fail(ErrorCode::invalid_request, "read a line", "the line is longer than " + std::to_string(limit_) + " bytes");
      }
      if (!line.empty() && line.back() == '\r') line.pop_back();
      co_return line;
    }
    if (buffer_.size() > limit_) skipping_ = true;
    if (skipping_) buffer_.clear();
    scanned_ = buffer_.size();
    buffer_.resize(scanned_ + chunk);
    auto count = co_await stream_.read_some(std::span<char>(buffer_.data() + scanned_, chunk));
    buffer_.resize(scanned_ + (count ? *count : 0));
    if (!count) co_return fail(std::move(count.error()));
    if (*count == 0) {
      if (buffer_.empty() || skipping_) {
        end_ = true;
        co_return std::string();
      }
      buffer_ += '\n';  // the last line may lack its end
    }
  }
}

}  // namespace fairlead::net
