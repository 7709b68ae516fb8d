#include "cli/raw_terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace fairlead::cli {
namespace {

// For a handler of signals, which is given nothing.
termios usual_mode;
// Those that end the program at once. SIGINT, SIGTERM and SIGHUP end it in an orderly way (net::run_until_done).
constexpr std::array kDeadly{SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};
std::array<struct sigaction, kDeadly.size()> usual_actions;

// By SA_RESETHAND the signal does what it does by itself when it comes again.
void put_back(int signal) {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &usual_mode);
  std::raise(signal);
}

}  // namespace

void RawTerminal::begin() {
  if (is_raw_ || ::tcgetattr(STDIN_FILENO, &usual_mode) != 0) return;
  struct sigaction action {};
  action.sa_handler = put_back;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_NODEFER;
  for (std::size_t i = 0; i < kDeadly.size(); ++i) ::sigaction(kDeadly[i], &action, &usual_actions[i]);
  termios raw = usual_mode;
  ::cfmakeraw(&raw);
  is_raw_ = true;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void RawTerminal::end() {
  if (!is_raw_) return;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &usual_mode);
  for (std::size_t i = 0; i < kDeadly.size(); ++i) ::sigaction(kDeadly[i], &usual_actions[i], nullptr);
  is_raw_ = false;
}

std::optional<kube::TerminalSize> terminal_size() {
  winsize size{};
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return std::nullopt;
  return kube::TerminalSize{size.ws_col, size.ws_row};
}

}  // namespace fairlead::cli
