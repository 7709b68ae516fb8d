#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/yaml.h"
#include "cli/options.h"
#include "kube/kubeconfig.h"

namespace fairlead::cli {
namespace {

constexpr int kForwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

// Hands on what somebody sent to us. What the terminal sends goes to the child by itself, as it is in our process
// group. Async-signal-safe.
volatile pid_t child_pid = 0;
void forward(int signal, siginfo_t* info, void*) {
  if (child_pid > 0 && info->si_code != SI_KERNEL) ::kill(child_pid, signal);
}

// A file that only this user can read, in a directory of its own; both go when this dies.
class PrivateFile {
 public:
  static Result<PrivateFile> create(const std::string& parent, std::string_view text) {
    PrivateFile file;
    std::string path = parent + "/fairlead-XXXXXX";
    const std::string step = "write the kubeconfig below " + parent;
    if (!::mkdtemp(path.data()))
      return fail(ErrorCode::invalid_request, step, std::strerror(errno),
                  "Set TMPDIR to a directory that can be written");
    file.directory_ = path;
    file.path_ = path + "/kubeconfig";
    int descriptor = ::open(file.path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = descriptor >= 0;
    while (good && !text.empty()) {
      ssize_t count = ::write(descriptor, text.data(), text.size());
      good = count > 0;
      if (good) text.remove_prefix(static_cast<std::size_t>(count));
    }
    int problem = errno;
    if (descriptor >= 0 && ::close(descriptor) != 0 && good) good = false, problem = errno;
    if (!good)
      return fail(ErrorCode::invalid_request, step, std::strerror(problem),
                  "Set TMPDIR to a directory that can be written");
    return file;
  }
  PrivateFile& operator=(PrivateFile&& other) noexcept {
    std::swap(directory_, other.directory_);
    std::swap(path_, other.path_);
    return *this;
  }
  PrivateFile(PrivateFile&& other) noexcept
      : directory_(std::exchange(other.directory_, {})), path_(std::exchange(other.path_, {})) {}
  ~PrivateFile() {
    if (directory_.empty()) return;
    ::unlink(path_.c_str());
    ::rmdir(directory_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  PrivateFile() = default;
  std::string directory_, path_;
};

// The text as it was given, or with its current-context pinned.
Result<std::string> prepare(const std::string& contents, const std::string& context) {
  auto config = kube::parse_kubeconfig(contents, "KUBECONFIG_CONTENTS");
  if (!config) return fail(std::move(config.error()));
  if (config->clusters.empty())
    return fail(ErrorCode::invalid_request, "read KUBECONFIG_CONTENTS", "it has no clusters",
                "Paste the whole kubeconfig, as 'kubectl config view --raw' prints it");
  if (context.empty()) return contents;
  if (!config->contexts.contains(context))
    return fail(ErrorCode::invalid_request, "read KUBECONFIG_CONTEXT",
                "the kubeconfig has no context '" + context + "'",
                "Set KUBECONFIG_CONTEXT to one that it has, or leave it out");
  auto value = parse_yaml(contents, "read KUBECONFIG_CONTENTS");
  if (!value) return fail(std::move(value.error()));
  value->as_object()["current-context"] = context;
  return to_yaml(*value);
}

int run_command(World& world, const std::string& kubeconfig, const std::vector<std::string>& command) {
  std::vector<std::string> environment;
  for (auto& variable : without_credentials(world.variables))
    if (!variable.starts_with("KUBECONFIG=") && !variable.starts_with("KUBECONFIG_CONTEXT="))
      environment.push_back(std::move(variable));
  environment.push_back("KUBECONFIG=" + kubeconfig);
  std::vector<char*> arguments, variables;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  for (const auto& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  arguments.push_back(nullptr);
  variables.push_back(nullptr);

  // A signal that comes before the child is known waits until it is.
  sigset_t forwarded, before;
  sigemptyset(&forwarded);
  struct sigaction action {};
  action.sa_sigaction = forward;
  action.sa_flags = SA_SIGINFO;
  for (int signal : kForwarded) {
    struct sigaction inherited {};
    ::sigaction(signal, nullptr, &inherited);
    if (inherited.sa_handler == SIG_IGN) continue;  // as nohup wants it, for the child too
    sigaddset(&forwarded, signal);
    ::sigaction(signal, &action, nullptr);
  }
  ::sigprocmask(SIG_BLOCK, &forwarded, &before);
  pid_t child = ::fork();
  if (child == 0) {
    for (int signal : kForwarded)
      if (sigismember(&forwarded, signal) == 1) ::signal(signal, SIG_DFL);
    if (!world.pipe_signal_ignored) ::signal(SIGPIPE, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    ::execvpe(arguments[0], arguments.data(), variables.data());
    int why = errno;
    std::fprintf(stderr, "error: cannot run %s: %s. (invalid_request)\n", arguments[0], std::strerror(why));
    ::_exit(why == ENOENT ? 127 : 126);
  }
  child_pid = child;
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child < 0)
    return report(world, Error{ErrorCode::internal, "start the command", std::strerror(errno), "", nullptr});
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  child_pid = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

void add_with_kubeconfig(CLI::App& app, World& world, const std::vector<std::string>& arguments, Action& action) {
  auto* command =
      app.add_subcommand("with-kubeconfig", "Run a command with KUBECONFIG_CONTENTS as its kubeconfig file");
  // Everything after the first -- belongs to the command, another -- too.
  auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> words(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
  command->prefix_command();
  command->footer(
      "Writes KUBECONFIG_CONTENTS (with KUBECONFIG_CONTEXT as its current context, when that is set) to a file that "
      "only\n"
      "this user can read, sets KUBECONFIG to its path, and removes it when the command has ended. The exit status is\n"
      "the command's.\n"
      "Example:\n  KUBECONFIG_CONTENTS=\"$(cat agent.yaml)\" fairlead with-kubeconfig -- kubectl get pods");
  command->callback([&world, &action, words = std::move(words)] {
    action = [&world, words] {
      if (words.empty())
        return report(world,
                      Error{ErrorCode::invalid_request, "", "there is no command to run",
                            "Write it after --, such as: fairlead with-kubeconfig -- kubectl get pods", nullptr});
      auto contents = world.environment("KUBECONFIG_CONTENTS");
      if (!contents || contents->empty())
        return report(world, Error{ErrorCode::invalid_request, "", "KUBECONFIG_CONTENTS is not set",
                                   "Put the text of a kubeconfig into it", nullptr});
      auto text = prepare(*contents, world.environment("KUBECONFIG_CONTEXT").value_or(""));
      if (!text) return report(world, text.error());
      // In memory where there is such a place.
      const std::string runtime = world.environment("XDG_RUNTIME_DIR").value_or("");
      std::string other = world.environment("TMPDIR").value_or("");
      if (other.empty()) other = "/tmp";
      auto file = PrivateFile::create(runtime.empty() ? other : runtime, *text);
      if (!file && !runtime.empty()) file = PrivateFile::create(other, *text);
      if (!file) return report(world, file.error());
      return run_command(world, file->path(), words);
    };
  });
}

}  // namespace fairlead::cli
