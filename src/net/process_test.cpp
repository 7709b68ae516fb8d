#include "net/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ProcessOptions shell(std::string script) {
  ProcessOptions options;
  options.program = "/bin/sh";
  options.arguments = {"sh", "-c", std::move(script)};
  options.environment = {"PATH=/usr/bin:/bin"};
  return options;
}

awaitable<void> keep(ProcessOptions options, Deadline deadline, std::optional<Result<ProcessResult>>* out) {
  Result<ProcessResult> result = co_await run_process(std::move(options), deadline);
  *out = std::move(result);
}

Result<ProcessResult> run(ProcessOptions options, Deadline deadline = Deadline::after(seconds(20))) {
  Loop loop;
  TaskGroup group(loop.executor());
  std::optional<Result<ProcessResult>> result;
  group.spawn(keep(std::move(options), deadline, &result));
  loop.run();
  return result ? std::move(*result) : fail(ErrorCode::internal, "", "did not finish");
}

void expect_no_children() {
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

std::string temporary(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("process_test." + std::to_string(::getpid()) + "." + name))
      .string();
}

bool alive(pid_t pid) { return ::kill(pid, 0) == 0; }

pid_t wait_for_pid(const std::string& file) {
  for (int i = 0; i < 500; ++i) {
    std::ifstream in(file);
    std::string line;
    if (std::getline(in, line) && !line.empty()) return std::stoi(line);
    ::usleep(10'000);
  }
  return 0;
}

TEST(Process, GivesOutputDiagnosticsAndExitCode) {
  auto result = run(shell("printf out; printf err >&2; exit 7"));
  ASSERT_TRUE(result) << result.error().sentence();
  EXPECT_EQ(result->exit_code, 7);
  EXPECT_EQ(result->signal, 0);
  EXPECT_EQ(result->output.reveal(), "out");
  EXPECT_EQ(result->diagnostics, "err");
  expect_no_children();
}

TEST(Process, PassesArgumentsAndEnvironmentAsTheyAre) {
  ProcessOptions options = shell("");
  options.arguments = {"sh", "-c", "printf '%s|%s|%s' \"$1\" \"$V\" \"$HOME\"", "sh", "a b; $(exit) *"};
  options.environment = {"V=x y"};
  auto result = run(options);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.reveal(), "a b; $(exit) *|x y|");
}

TEST(Process, HasNoInput) {
  auto result = run(shell("cat; echo end"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.reveal(), "end\n");
}

TEST(Process, LeaksNoDescriptors) {
  int leaked = ::open("/dev/null", O_RDONLY);  // without close-on-exec
  auto result = run(shell("ls /proc/self/fd | tr '\\n' ' '"));
  ::close(leaked);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.reveal(), "0 1 2 3 ");  // 3 is ls's own
}

TEST(Process, StartsWithDefaultSignals) {
  auto before = ::signal(SIGPIPE, SIG_IGN);
  auto result = run(shell("sed -n 's/^Sig[BI][lg][kn]:\\t//p' /proc/self/status | tr '\\n' ' '"));
  ::signal(SIGPIPE, before);
  ASSERT_TRUE(result);
  std::istringstream lines{std::string(result->output.reveal())};
  std::string blocked, ignored;
  lines >> blocked >> ignored;
  ASSERT_EQ(ignored.size(), 16u);
  EXPECT_EQ(std::stoull(blocked, nullptr, 16), 0u);
  EXPECT_EQ(std::stoull(ignored, nullptr, 16) & 0x7fffffff, 0u);  // above are glibc's own
}

TEST(Process, ReadsMoreThanAPipeHolds) {
  auto result =
      run(shell("head -c 700000 /dev/zero | tr '\\0' x; head -c 100000 /dev/zero | tr '\\0' y >&2; printf end >&2"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.reveal().size(), 700'000u);
  EXPECT_FALSE(result->output_limit_passed);
  EXPECT_EQ(result->diagnostics.size(), 4096u);
  EXPECT_EQ(result->diagnostics.substr(4093), "end");
}

TEST(Process, StopsAProgramThatPrintsTooMuch) {
  ProcessOptions options = shell("exec cat /dev/zero");
  options.output_limit = 1000;
  auto result = run(options);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->output_limit_passed);
  EXPECT_EQ(result->output.reveal().size(), 1000u);
  EXPECT_EQ(result->signal, SIGKILL);
  expect_no_children();
}

TEST(Process, TellsTheSignal) {
  auto result = run(shell("kill -TERM $$"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->signal, SIGTERM);
  EXPECT_EQ(result->exit_code, -1);
}

TEST(Process, DeadlineKillsTheWholeGroup) {
  std::string file = temporary("group");
  auto began = std::chrono::steady_clock::now();
  auto result = run(shell("sleep 600 & echo $! > " + file + "; wait"), Deadline::after(milliseconds(300)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
  pid_t grandchild = wait_for_pid(file);
  ASSERT_GT(grandchild, 0);
  for (int i = 0; i < 500 && alive(grandchild); ++i) {
    std::ifstream status("/proc/" + std::to_string(grandchild) + "/stat");
    std::string text((std::istreambuf_iterator<char>(status)), {});
    if (text.find(") Z") != std::string::npos) break;  // dead; its new parent has not looked yet
    ::usleep(10'000);
    ASSERT_LT(i, 499);
  }
  expect_no_children();
  std::filesystem::remove(file);
}

TEST(Process, PassedDeadlineRunsNothingToItsEnd) {
  auto result = run(shell("sleep 600"), Deadline(std::chrono::steady_clock::now() - seconds(1)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timeout);
  expect_no_children();
}

TEST(Process, CancellationKills) {
  Loop loop;
  TaskGroup group(loop.executor());
  std::optional<Result<ProcessResult>> result;
  auto id = group.spawn(keep(shell("sleep 600"), Deadline::never(), &result));
  auto cancel_soon = [](TaskGroup* group, TaskGroup::Id id) -> awaitable<void> {
    co_await sleep_for(milliseconds(100));
    group->cancel(id);
  };
  group.spawn(cancel_soon(&group, id));
  loop.run();
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error().code, ErrorCode::cancelled);
  expect_no_children();
}

TEST(Process, ALoopThatDiesLeavesNoZombie) {
  {
    Loop loop;
    TaskGroup group(loop.executor());
    std::optional<Result<ProcessResult>> result;
    group.spawn(keep(shell("sleep 600"), Deadline::never(), &result));
    auto stop_soon = [](Loop* loop) -> awaitable<void> {
      co_await sleep_for(milliseconds(100));
      loop->stop();
    };
    group.spawn(stop_soon(&loop));
    loop.run();
  }
  expect_no_children();
}

TEST(Process, DoesNotWaitForAProcessThatItLeftBehind) {
  std::string file = temporary("daemon");
  auto began = std::chrono::steady_clock::now();
  auto result = run(shell("setsid sleep 600 & echo $! > " + file + "; printf done"));
  ASSERT_TRUE(result) << result.error().sentence();
  EXPECT_EQ(result->output.reveal(), "done");
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
  pid_t left = wait_for_pid(file);
  if (left > 0) ::kill(left, SIGKILL);
  std::filesystem::remove(file);
}

TEST(Process, TheLoopGoesOnMeanwhile) {
  Loop loop;
  TaskGroup group(loop.executor());
  std::optional<Result<ProcessResult>> result;
  int turns = 0;
  group.spawn(keep(shell("sleep 0.5"), Deadline::never(), &result));
  auto count = [](std::optional<Result<ProcessResult>>* result, int* turns) -> awaitable<void> {
    while (!*result) {
      ++*turns;
      co_await sleep_for(milliseconds(10));
    }
  };
  group.spawn(count(&result, &turns));
  loop.run();
  EXPECT_GT(turns, 5);
}

TEST(Process, MissingAndForbiddenPrograms) {
  ProcessOptions options = shell("");
  options.program = "/no/such/program";
  EXPECT_EQ(run(options).error().code, ErrorCode::not_found);
  options.program = "/etc/passwd";
  EXPECT_EQ(run(options).error().code, ErrorCode::permission_denied);
  options.program = "/";
  EXPECT_EQ(run(options).error().code, ErrorCode::permission_denied);
  std::string file = temporary("garbage");
  std::ofstream(file) << "\x7f"
                      << "ELF nonsense";
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  options.program = file;
  EXPECT_EQ(run(options).error().code, ErrorCode::invalid_request);
  std::filesystem::remove(file);
  expect_no_children();
}

TEST(Process, TooLargeAnEnvironment) {
  ProcessOptions options = shell("true");
  options.environment.push_back("BIG=" + std::string(1 << 20, 'x'));
  auto result = run(options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid_request);
  EXPECT_LT(result.error().sentence().size(), 300u);
}

TEST(Process, FindsPrograms) {
  EXPECT_TRUE(find_program("sh", "/nowhere:/usr/bin:/bin").value().ends_with("/bin/sh"));
  EXPECT_EQ(find_program("./x", "/bin").value(), "./x");
  EXPECT_EQ(find_program("passwd", "/etc").error().code, ErrorCode::not_found);  // not executable
  EXPECT_FALSE(find_program("sh", ""));
  EXPECT_FALSE(find_program("", "/bin"));
  EXPECT_FALSE(find_program("sh", "::bin:."));
}

}  // namespace
}  // namespace fairlead::net
