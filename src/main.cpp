// Wires everything; nothing else does.
#include <fcntl.h>
#include <malloc.h>
#include <openssl/rand.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/cli.h"
#include "diagnosis/operations.h"
#include "runtimes/operations.h"

extern char** environ;

int main(int argc, char** argv) {
  using namespace fairlead;
  // What is opened next would else be taken for standard input or output.
  // A closed standard output is a full one: an answer that nobody can read is no success.
  for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(standard, F_GETFD) != -1) continue;
    if (::open(standard == STDOUT_FILENO ? "/dev/full" : "/dev/null", O_RDWR) != standard) std::abort();
  }
  const bool pipe_signal_ignored = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;  // a closed pipe is an error of the write
  std::signal(SIGCHLD, SIG_DFL);  // an ignored one, inherited, would hide how plugins end
  // Memory holds credentials: no core dump of it, and no other process of the same user may read it (an agent's shell).
  ::prctl(PR_SET_DUMPABLE, 0);
  // What grows by doubling gives each old block back to the system: glibc would else keep them after the first.
  ::mallopt(M_MMAP_THRESHOLD, 128 << 10);

  std::vector<ops::Operation> operations = ops::kubernetes_operations();
  for (auto& operation : diagnosis::operations()) operations.push_back(std::move(operation));
  for (auto& operation : runtimes::operations()) operations.push_back(std::move(operation));
  const ops::Catalog catalog(std::move(operations));
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) variables.emplace_back(*variable);
  auto random = [] {
    std::uint64_t bits = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&bits), sizeof bits) != 1)
      std::abort();  // fences would be guessable
    return bits;
  };
  cli::World world{
      .catalog = catalog,
      .environment = process_environment(),
      .variables = std::move(variables),
      .clock = std::make_shared<SystemClock>(),
      .random = random,
      .out = stdout,
      .err = stderr,
      .input_is_terminal = ::isatty(STDIN_FILENO) == 1,
      .error_is_terminal = ::isatty(STDERR_FILENO) == 1,
      .pipe_signal_ignored = pipe_signal_ignored,
  };
  int status = 1;
  try {
    status = cli::run(world, std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {  // the system has no descriptors, threads or memory left
    std::fprintf(stderr,
                 "error: the system refused what is needed to run: %s. Look at its limits (ulimit -a). (internal)\n",
                 error.what());
  }
  std::fflush(stdout);
  std::fflush(stderr);
  // Not exit(): a name lookup that nobody waits for any more may still block in its thread.
  std::_Exit(status);
}
