#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "net/stream.h"
#include "net/test_support.h"

namespace fairlead::net {
namespace {

using testing::await_on;

// Gives its text in pieces of a given size, then the end or an error.
class TextStream final : public Stream {
 public:
  TextStream(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    if (text_.empty() && broken) co_return fail(ErrorCode::unreachable, "read", "it broke");
    std::size_t count = std::min({into.size(), piece_, text_.size()});
    largest_request = std::max(largest_request, into.size());
    text_.copy(into.data(), count);
    text_.erase(0, count);
    co_return count;
  }
  awaitable<Result<void>> write(std::string_view) override { co_return Result<void>{}; }
  void close() override {}

  bool broken = false;
  std::size_t largest_request = 0;

 private:
  std::string text_;
  std::size_t piece_;
};

awaitable<std::vector<std::string>> read_lines(Stream* stream, std::size_t limit) {
  LineReader reader(*stream, limit);
  std::vector<std::string> lines;
  while (true) {
    auto line = co_await reader.next();
    if (reader.end()) break;
    lines.push_back(line ? *line : "<" + std::string(to_string(line.error().code)) + ">");
    if (!line && line.error().code == ErrorCode::unreachable) break;
  }
  co_return lines;
}

std::vector<std::string> lines_of(std::string text, std::size_t limit, std::size_t piece = 1 << 20) {
  Loop loop;
  TextStream stream(std::move(text), piece);
  return await_on(loop, read_lines(&stream, limit));
}

using Lines = std::vector<std::string>;

TEST(LineReaderTest, SplitsTheSameHoweverTheBytesArrive) {
  const std::string text = "one\r\ntwo\n\n\r\nthis one is too long\nthree\rfour\nlast";
  const Lines expected{"one", "two", "", "", "<invalid_request>", "three\rfour", "last"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(lines_of(text, 12, piece), expected) << piece;
}

TEST(LineReaderTest, TheLimitCountsTheLineWithoutItsEnd) {
  for (std::size_t piece : {1, 2, 3, 100}) {
    EXPECT_EQ(lines_of("abcd\nabcd\r\nabcde\nabcde\r\nabcd", 4, piece),
              (Lines{"abcd", "abcd", "<invalid_request>", "<invalid_request>", "abcd"}))
        << piece;
    EXPECT_EQ(lines_of("abcde", 4, piece), (Lines{"<invalid_request>"})) << piece;
    EXPECT_EQ(lines_of("abcdefghi", 4, piece), (Lines{"<invalid_request>"})) << piece;
  }
}

TEST(LineReaderTest, TheErrorNamesTheLimit) {
  Loop loop;
  TextStream stream("abcde\nok\n", 3);
  LineReader reader(stream, 4);
  auto first = await_on(loop, reader.next());
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().sentence(), "read a line: the line is longer than 4 bytes.");
  auto second = await_on(loop, reader.next());
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, "ok");
}

TEST(LineReaderTest, EndsOfStreams) {
  EXPECT_EQ(lines_of("", 10), Lines{});
  EXPECT_EQ(lines_of("\n", 10), Lines{""});
  EXPECT_EQ(lines_of("a", 10), Lines{"a"});
  EXPECT_EQ(lines_of("a\r", 10), Lines{"a"});
  Loop loop;
  TextStream broken("one\ntw", 100);
  broken.broken = true;
  EXPECT_EQ(await_on(loop, read_lines(&broken, 10)), (Lines{"one", "<unreachable>"}));
}

TEST(LineReaderTest, ALongLineIsSkippedInBoundedMemory) {
  const std::string text = std::string(8 << 20, 'x') + "\nshort\n";
  Loop loop;
  TextStream stream(text, 1 << 20);
  EXPECT_EQ(await_on(loop, read_lines(&stream, 1000)), (Lines{"<invalid_request>", "short"}));
  EXPECT_LE(stream.largest_request, 64u << 10);
  EXPECT_EQ(lines_of(std::string(100'000, 'y') + "\n", 100'000), (Lines{std::string(100'000, 'y')}));
}

// ---- standard input and output, in a child process of its own

struct Child {
  pid_t pid;
  int exit_code() const {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
};

template <class Body>
Child run_child(int input, int output, Body body) {
  std::fflush(nullptr);  // else what is buffered may be written a second time, by the child
  pid_t pid = ::fork();
  if (pid != 0) return {pid};
  ::alarm(20);
  ::signal(SIGPIPE, SIG_IGN);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  for (int i = 3; i < 100; ++i) ::close(i);
  ::_exit(body());
}

awaitable<int> echo(Executor executor) {
  auto stream = open_stdio(executor);
  LineReader reader(*stream, 1 << 20);
  while (true) {
    auto line = co_await reader.next();
    if (reader.end()) co_return 0;
    if (!line) co_return 10;
    *line += '\n';
    auto written = co_await stream->write(*line);
    if (!written) co_return written.error().code == ErrorCode::unreachable ? 11 : 12;
  }
}

int echo_until_end() {
  Loop loop;
  return await_on(loop, echo(loop.executor()));
}

TEST(Stdio, EchoesThroughPipesAndLeavesTheirFlagsAlone) {
  int in[2], out[2];
  ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
  Child child = run_child(in[0], out[1], echo_until_end);
  testing::Stopwatch watch;
  const std::string line(200'000, 'z');
  std::thread feed([&] {
    std::string text = "hello\n" + line + "\n";
    for (std::size_t at = 0; at < text.size();) {
      ssize_t count = ::write(in[1], text.data() + at, text.size() - at);
      if (count <= 0) break;
      at += static_cast<std::size_t>(count);
    }
  });
  std::string got;
  char buffer[4096];
  while (got.size() < line.size() + 7) {
    ssize_t count = ::read(out[0], buffer, sizeof buffer);
    if (count <= 0) break;
    got.append(buffer, static_cast<std::size_t>(count));
  }
  feed.join();
  EXPECT_EQ(got, "hello\n" + line + "\n");
  EXPECT_EQ(::fcntl(in[0], F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(out[1], F_GETFL) & O_NONBLOCK, 0);
  ::close(in[1]);
  EXPECT_EQ(child.exit_code(), 0);
  for (int descriptor : {in[0], out[0], out[1]}) ::close(descriptor);
}

TEST(Stdio, ReadsAndWritesFiles) {
  char in_name[] = "/tmp/stdio_test.XXXXXX", out_name[] = "/tmp/stdio_test.XXXXXX";
  int in = ::mkstemp(in_name), out = ::mkstemp(out_name);
  const std::string text = "one\ntwo\n" + std::string(100'000, 'f') + "\n";
  ASSERT_EQ(::write(in, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::lseek(in, 0, SEEK_SET);
  EXPECT_EQ(run_child(in, out, echo_until_end).exit_code(), 0);
  std::string got(text.size() + 1, '\0');
  ::lseek(out, 0, SEEK_SET);
  ssize_t count = ::read(out, got.data(), got.size());
  got.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  EXPECT_EQ(got, text);
  for (int descriptor : {in, out}) ::close(descriptor);
  ::unlink(in_name);
  ::unlink(out_name);
}

TEST(Stdio, AReaderThatWentAwayIsAnError) {
  int in[2], out[2];
  ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
  ::close(out[0]);
  ASSERT_EQ(::write(in[1], "hello\n", 6), 6);
  Child child = run_child(in[0], out[1], echo_until_end);
  ::close(out[1]);
  EXPECT_EQ(child.exit_code(), 11);
  for (int descriptor : {in[0], in[1]}) ::close(descriptor);
}

TEST(Stdio, CancellationAndCloseEndAPendingRead) {
  int in[2];
  ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
  int out = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  Child child = run_child(in[0], out, [] {
    Loop loop;
    auto body = [&]() -> awaitable<int> {
      auto stream = open_stdio(loop.executor());
      std::vector<ErrorCode> codes;
      auto read = [&]() -> awaitable<void> {
        char buffer[10];
        auto count = co_await stream->read_some(buffer);
        codes.push_back(count ? ErrorCode::internal : count.error().code);
      };
      TaskGroup group(loop.executor());
      auto id = group.spawn(read());
      co_await sleep_for(std::chrono::milliseconds(5));
      group.cancel(id);
      co_await group.join();
      group.spawn(read());
      co_await sleep_for(std::chrono::milliseconds(5));
      stream->close();
      co_await group.join();
      group.spawn(read());  // closed: at once
      co_await group.join();
      co_return codes == std::vector<ErrorCode>(3, ErrorCode::cancelled) ? 0 : 1;
    };
    return await_on(loop, body());
  });
  EXPECT_EQ(child.exit_code(), 0);
  for (int descriptor : {in[0], in[1], out}) ::close(descriptor);
}

}  // namespace
}  // namespace fairlead::net
