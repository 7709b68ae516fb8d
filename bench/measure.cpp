// Runs a command and reports what it took: a launcher small enough not to show in the numbers.
//
//   measure run [--out FILE] COMMAND...          wall and CPU time, peak resident memory
//   measure mcp [--call TOOL ARGUMENTS] [--out FILE] COMMAND...   an MCP server on stdio: start to answered initialize,
//                                                resident memory then, and after one tools/call; FILE gets its answer
//
// Prints one JSON object. Times are in milliseconds, memory in kB (1024 bytes). A child inherits its parent's peak
// memory (ru_maxrss) through fork, vfork and exec alike, so the parent has to be small: this is linked statically and
// allocates nothing to speak of before it forks. Exits with 1 if the command could not be measured.
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

constexpr double timeout_ms = 120000;

double now_ms() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

double ms(const timeval& t) { return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3; }

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

pid_t start(char** command, int in, int out, int err) {
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child > 0) return child;
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execvp(command[0], command);
  _exit(127);
}

int open_or_die(const char* path, int flags) {
  int file = open(path, flags | O_CLOEXEC, 0644);
  if (file < 0) die(path);
  return file;
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

int run(char** command, const char* out_path) {
  int in = open_or_die("/dev/null", O_RDONLY);
  int out = open_or_die(out_path, O_WRONLY | O_CREAT | O_TRUNC);
  double began = now_ms();
  pid_t child = start(command, in, out, STDERR_FILENO);
  int status = 0;
  rusage used{};
  if (wait4(child, &status, 0, &used) != child) die("wait4");
  double wall = now_ms() - began;
  std::printf("{\"wall_ms\": %.3f, \"user_ms\": %.3f, \"sys_ms\": %.3f, \"peak_kb\": %ld, \"exit\": %d}\n", wall,
              ms(used.ru_utime), ms(used.ru_stime), used.ru_maxrss, exit_code(status));
  return 0;
}

struct Memory {
  long resident = 0;
  long peak = 0;
};

Memory memory_of(pid_t pid) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/status", static_cast<int>(pid));
  Memory memory;
  std::FILE* file = std::fopen(path, "re");
  if (!file) return memory;
  char line[256];
  while (std::fgets(line, sizeof line, file)) {
    std::sscanf(line, "VmRSS: %ld", &memory.resident);
    std::sscanf(line, "VmHWM: %ld", &memory.peak);
  }
  std::fclose(file);
  return memory;
}

void send_line(int to, const char* text) {
  size_t left = std::strlen(text);
  while (left > 0) {
    ssize_t count = write(to, text, left);
    if (count < 0) die("write to the server");
    text += count;
    left -= static_cast<size_t>(count);
  }
}

char* buffer = nullptr;  // one line of the server
size_t capacity = 0;

// The length of the answer to request `id`, without its line end, in `buffer`; other messages are passed over.
size_t read_answer(int from, int id) {
  char wanted[32], spaced[32];
  std::snprintf(wanted, sizeof wanted, "\"id\":%d", id);
  std::snprintf(spaced, sizeof spaced, "\"id\": %d", id);
  static size_t filled = 0;
  double until = now_ms() + timeout_ms;
  while (true) {
    char* end = filled ? static_cast<char*>(std::memchr(buffer, '\n', filled)) : nullptr;
    if (end) {
      *end = 0;
      size_t length = static_cast<size_t>(end - buffer);
      bool ours =
          memmem(buffer, length, wanted, std::strlen(wanted)) || memmem(buffer, length, spaced, std::strlen(spaced));
      if (ours) {
        filled = 0;  // nothing follows an answer before the next request
        return length;
      }
      filled -= length + 1;
      std::memmove(buffer, end + 1, filled);
      continue;
    }
    if (filled + (64 << 10) > capacity) {
      capacity = capacity ? capacity * 2 : 128 << 10;
      buffer = static_cast<char*>(std::realloc(buffer, capacity));
      if (!buffer) die("realloc");
    }
    pollfd ready{from, POLLIN, 0};
    int left = static_cast<int>(until - now_ms());
    if (left <= 0 || poll(&ready, 1, left) <= 0) {
      std::fputs("the server did not answer in time\n", stderr);
      return 0;
    }
    ssize_t count = read(from, buffer + filled, capacity - filled);
    if (count <= 0) {
      std::fputs("the server ended without an answer\n", stderr);
      return 0;
    }
    filled += static_cast<size_t>(count);
  }
}

int mcp(char** command, const char* tool, const char* arguments, const char* out_path) {
  std::signal(SIGPIPE, SIG_IGN);
  int down[2], up[2];
  if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC)) die("pipe");
  int null = open_or_die("/dev/null", O_WRONLY);
  double began = now_ms();
  pid_t child = start(command, down[0], up[1], null);
  close(down[0]);
  close(up[1]);
  send_line(down[1],
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\","
            "\"capabilities\":{},"
            "\"clientInfo\":{\"name\":\"fairlead-bench\",\"version\":\"1\"}}}\n");
  size_t answered = read_answer(up[0], 1);
  double initialized = now_ms() - began;
  Memory first = memory_of(child), second;
  double called = 0;
  size_t answer = 0;
  if (answered && tool) {
    static char request[4096];
    std::snprintf(
        request, sizeof request,
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}\n",
        tool, arguments);
    send_line(down[1], "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
    double asked = now_ms();
    send_line(down[1], request);
    answer = read_answer(up[0], 2);
    called = now_ms() - asked;
    second = memory_of(child);
    if (out_path && answer) {
      int out = open_or_die(out_path, O_WRONLY | O_CREAT | O_TRUNC);
      buffer[answer] = '\n';
      if (write(out, buffer, answer + 1) < 0) die(out_path);
    }
  }
  close(down[1]);
  int status = 0;
  rusage used{};
  pid_t ended = 0;
  for (int tries = 0; tries < 500 && (ended = wait4(child, &status, WNOHANG, &used)) == 0; ++tries) usleep(10000);
  if (ended == 0) {
    kill(child, SIGKILL);
    wait4(child, &status, 0, &used);
  }
  std::printf("{\"start_ms\": %.3f, \"start_kb\": %ld, \"start_peak_kb\": %ld", initialized, first.resident,
              first.peak);
  if (tool)
    std::printf(", \"call_ms\": %.3f, \"call_kb\": %ld, \"call_peak_kb\": %ld, \"answer_bytes\": %zu", called,
                second.resident, second.peak, answer);
  std::printf(", \"user_ms\": %.3f, \"sys_ms\": %.3f, \"ended_by_itself\": %s, \"exit\": %d}\n", ms(used.ru_utime),
              ms(used.ru_stime), ended ? "true" : "false", exit_code(status));
  return answered && (!tool || answer) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const char* out = nullptr;
  const char* tool = nullptr;
  const char* arguments = nullptr;
  int at = 2;
  while (at < argc && std::strncmp(argv[at], "--", 2) == 0) {
    if (!std::strcmp(argv[at], "--out") && at + 1 < argc) {
      out = argv[at + 1];
      at += 2;
    } else if (!std::strcmp(argv[at], "--call") && at + 2 < argc) {
      tool = argv[at + 1];
      arguments = argv[at + 2];
      at += 3;
    } else {
      break;
    }
  }
  if (at >= argc) {
    std::fputs(
        "usage: measure run [--out FILE] COMMAND... | measure mcp [--call TOOL ARGUMENTS] [--out FILE] COMMAND...\n",
        stderr);
    return 2;
  }
  if (!std::strcmp(argv[1], "run")) return run(argv + at, out ? out : "/dev/null");
  return mcp(argv + at, tool, arguments, out);
}
