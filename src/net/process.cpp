#include "net/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstring>

#include "base/text.h"
#include "net/asio.h"

namespace fairlead::net {
namespace {

using Descriptor = asio::posix::stream_descriptor;

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

struct Pipe {
  FileDescriptor read, write;
};

// Non-blocking on our side only. Never one of 0, 1, 2: the child's dup2 calls would run into each other.
Result<Pipe> open_pipe(const std::string& step) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorCode::internal, step, std::strerror(errno));
  Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  for (FileDescriptor* end : {&pipe.read, &pipe.write}) {
    if (end->get() > STDERR_FILENO) continue;
    int moved = ::fcntl(end->get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0) return fail(ErrorCode::internal, step, std::strerror(errno));
    *end = FileDescriptor(moved);
  }
  ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

tl::unexpected<Error> spawn_error(const std::string& step, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return fail(ErrorCode::not_found, step, "there is no such program, or its interpreter is missing");
    case EACCES:
    case EPERM:
      return fail(ErrorCode::permission_denied, step,
                  "the program may not be run (" + std::string(std::strerror(error)) + ")");
    case E2BIG:
      return fail(ErrorCode::invalid_request, step, "its arguments and environment are larger than the system allows");
    default:
      return fail(ErrorCode::invalid_request, step,
                  "the system cannot run it (" + std::string(std::strerror(error)) + ")");
  }
}

Result<pid_t> spawn(const ProcessOptions& options, const std::string& step, const Pipe& out, const Pipe& err) {
  SpawnSettings settings;
  if (options.input == ProcessOptions::Input::none)
    posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&settings.actions, out.write.get(), STDOUT_FILENO);
  if (options.diagnostics == ProcessOptions::Diagnostics::capture)
    posix_spawn_file_actions_adddup2(&settings.actions, err.write.get(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, STDERR_FILENO + 1);

  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (options.input == ProcessOptions::Input::none) flags |= POSIX_SPAWN_SETPGROUP;
  posix_spawnattr_setflags(&settings.attributes, flags);

  auto arguments = pointers(options.arguments);
  auto environment = pointers(options.environment);
  pid_t pid = 0;
  int error = ::posix_spawn(&pid, options.program.c_str(), &settings.actions, &settings.attributes, arguments.data(),
                            environment.data());
  if (error != 0) return spawn_error(step, error);
  return pid;
}

// One program that runs. Held by its pending operations, so that it is reaped even when the caller has gone.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(Executor executor, ProcessOptions options)
      : options_(std::move(options)), timer_(executor), out_(executor), err_(executor), exit_(executor) {}

  ~Run() {
    Secret wiped(std::move(output_));
    if (pid_ <= 0 || reaped_) return;
    kill();
    pollfd poller{exit_.native_handle(), POLLIN, 0};
    if (exit_.is_open()) ::poll(&poller, 1, 1000);
    ::waitpid(pid_, nullptr, WNOHANG);
  }

  Result<void> start(const std::string& step) {
    auto out = open_pipe(step);
    if (!out) return fail(out.error());
    auto err = open_pipe(step);
    if (!err) return fail(err.error());
    auto pid = spawn(options_, step, *out, *err);
    if (!pid) return fail(pid.error());
    pid_ = *pid;
    int exit = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (exit < 0) {
      int error = errno;
      kill();
      ::waitpid(pid_, nullptr, 0);
      reaped_ = true;
      return fail(ErrorCode::internal, step,
                  std::string("its end cannot be waited for (") + std::strerror(error) + ")");
    }
    exit_.assign(exit);
    out_.assign(out->read.release());
    err_.assign(err->read.release());
    output_.reserve(options_.output_limit);
    read(out_);
    read(err_);
    exit_.async_wait(Descriptor::wait_read, [self = shared_from_this()](error_code error) {
      if (!error) self->ended();
    });
    return {};
  }

  awaitable<Result<ProcessResult>> finish(std::string step, Deadline deadline) {
    auto self = shared_from_this();
    bool passed = deadline.passed(), gone = co_await cancelled();
    if (!done_ && !passed && !gone) {
      timer_.expires_at(deadline.at());
      auto [error] = co_await timer_.async_wait(as_values);
      passed = !error;
    }
    if (done_) co_return std::move(result_);
    give_up();
    if (passed) co_return fail(ErrorCode::timeout, step, "the program did not end in time and was stopped");
    co_return cancelled_error(step);
  }

 private:
  void read(Descriptor& descriptor) {
    descriptor.async_wait(Descriptor::wait_read, [self = shared_from_this(), &descriptor](error_code error) {
      if (!error && !self->done_ && self->take(descriptor)) self->read(descriptor);
    });
  }

  // Reads once, without blocking. False when there is nothing more to come.
  bool take(Descriptor& descriptor) {
    std::array<char, 16 << 10> buffer;
    ssize_t count = ::read(descriptor.native_handle(), buffer.data(), buffer.size());
    if (count <= 0) return count < 0 && (errno == EINTR || errno == EAGAIN);
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    bool more = &descriptor == &out_ ? take_output(bytes) : take_diagnostics(bytes);
    ::explicit_bzero(buffer.data(), static_cast<std::size_t>(count));
    return more;
  }

  bool take_output(std::string_view bytes) {
    std::size_t room = options_.output_limit - output_.size();
    output_ += bytes.substr(0, room);
    if (bytes.size() <= room) return true;
    result_.output_limit_passed = true;
    kill();
    return false;
  }

  bool take_diagnostics(std::string_view bytes) {
    result_.diagnostics += bytes;
    if (result_.diagnostics.size() > options_.diagnostics_limit)
      result_.diagnostics.erase(0, result_.diagnostics.size() - options_.diagnostics_limit);
    return true;
  }

  void ended() {
    // A process that was left behind may write for ever: what the program itself printed is in the pipe by now.
    if (!result_.output_limit_passed) take_rest(out_);
    take_rest(err_);
    int status = 0;
    pid_t reaped;
    do reaped = ::waitpid(pid_, &status, 0);
    while (reaped < 0 && errno == EINTR);
    reaped_ = true;
    if (reaped == pid_ && WIFEXITED(status)) result_.exit_code = WEXITSTATUS(status);
    if (reaped == pid_ && WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
    result_.output = Secret(std::move(output_));
    done_ = true;
    close_pipes();
    timer_.cancel();
  }

  void take_rest(Descriptor& descriptor) {
    constexpr int reads = 64;  // 1 MiB: the most a pipe holds unless its owner is privileged
    pollfd poller{descriptor.native_handle(), POLLIN, 0};
    for (int i = 0; i<reads&& ::poll(&poller, 1, 0)> 0; ++i)
      if (!take(descriptor)) return;
  }

  void give_up() {
    kill();
    close_pipes();
  }

  void close_pipes() {
    error_code ignored;
    out_.close(ignored);
    err_.close(ignored);
  }

  // Before the program is reaped only: its number cannot belong to another one until then.
  void kill() {
    if (reaped_) return;
    if (options_.input == ProcessOptions::Input::none) ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
  }

  ProcessOptions options_;
  asio::steady_timer timer_;
  Descriptor out_, err_, exit_;
  std::string output_;
  ProcessResult result_;
  pid_t pid_ = 0;
  bool reaped_ = false;
  bool done_ = false;
};

bool is_program(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

awaitable<Result<ProcessResult>> run_process(ProcessOptions options, Deadline deadline) {
  std::string step = "run " + options.program;
  if (co_await cancelled()) co_return cancelled_error(step);
  Executor executor = co_await asio::this_coro::executor;
  auto run = std::make_shared<Run>(executor, std::move(options));
  auto started = run->start(step);
  if (!started) co_return fail(std::move(started.error()));
  auto result = co_await run->finish(step, deadline);
  co_return result;
}

Result<std::string> find_program(std::string_view name, std::string_view path) {
  if (name.find('/') != std::string_view::npos) return std::string(name);
  for (std::string_view directory : split(path, ':')) {
    if (directory.empty() || directory.front() != '/' || name.empty()) continue;
    std::string candidate = std::string(directory) + "/" + std::string(name);
    if (is_program(candidate)) return candidate;
  }
  return fail(ErrorCode::not_found, "find the program " + std::string(name), "it is in no directory of PATH");
}

std::vector<std::string> inherited_environment() {
  std::vector<std::string> out;
  for (char** variable = ::environ; variable && *variable; ++variable) out.emplace_back(*variable);
  return out;
}

}  // namespace fairlead::net
