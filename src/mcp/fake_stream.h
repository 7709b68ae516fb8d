// For this module's tests: the other side of a connection, in memory.
#pragma once

#include <algorithm>

#include "mcp/testing.h"
#include "net/stream.h"

namespace fairlead::mcp::testing {

using net::awaitable;

// A peer in memory: what the test feeds is read, what is written is kept, and either way can be held up or broken.
class FakeStream final : public net::Stream {
 public:
  explicit FakeStream(net::Executor executor) : readable_(executor), writable_(executor), written_(executor) {
    writable_.set();
  }

  void feed(std::string_view bytes) { input_ += bytes, readable_.set(); }
  void feed_line(std::string_view line) { feed(std::string(line) + "\n"); }
  void end() { ended_ = true, readable_.set(); }
  void break_reading() { read_error_ = true, readable_.set(); }
  void stop_reading_answers() { writable_.reset(); }
  void read_answers() { writable_.set(); }
  void break_writing() { write_error_ = true, writable_.set(); }

  const std::string& output() const { return output_; }
  std::size_t left_to_read() const { return input_.size() - read_; }
  bool closed() const { return closed_; }

  // The next line that was written; null after five seconds without one.
  awaitable<json::value> next_message() {
    const Deadline deadline = Deadline::after(std::chrono::seconds(5));
    while (true) {
      const std::size_t end = output_.find('\n', taken_);
      if (end != std::string::npos) {
        const std::string line = output_.substr(taken_, end - taken_);
        taken_ = end + 1;
        co_return parsed(line);
      }
      written_.reset();
      Result<void> more = co_await written_.wait(deadline);
      if (!more) co_return nullptr;
    }
  }

  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    while (left_to_read() == 0) {
      if (closed_) co_return fail(ErrorCode::cancelled, "read", "closed");
      if (read_error_) co_return fail(ErrorCode::unreachable, "read", "reset by peer");
      if (ended_) co_return std::size_t{0};
      readable_.reset();
      Result<void> more = co_await readable_.wait();
      if (!more) co_return fail(std::move(more.error()));
    }
    const std::size_t count = input_.copy(into.data(), into.size(), read_);
    read_ += count;
    co_return count;
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
    while (true) {
      if (closed_) co_return fail(ErrorCode::cancelled, "write", "closed");
      if (write_error_) co_return fail(ErrorCode::unreachable, "write", "broken pipe");
      if (writable_.is_set()) break;
      Result<void> ready = co_await writable_.wait();
      if (!ready) co_return fail(std::move(ready.error()));
    }
    output_ += bytes;
    written_.set();
    co_return Result<void>{};
  }

  void close() override {
    closed_ = true;
    readable_.set();
    writable_.set();
  }

 private:
  std::string input_, output_;
  std::size_t read_ = 0;   // of the input, by the server
  std::size_t taken_ = 0;  // of the output, by the test
  bool ended_ = false, read_error_ = false, write_error_ = false, closed_ = false;
  net::Event readable_, writable_, written_;
};

}  // namespace fairlead::mcp::testing
