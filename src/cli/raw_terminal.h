// Inside cli/ only: a terminal whose keys go to somebody else as they are typed.
#pragma once

#include <optional>

#include "kube/remote_channels.h"

namespace fairlead::cli {

// From begin() to the end, its own or the program's by a signal, standard input is in raw mode. One at a time.
class RawTerminal {
 public:
  RawTerminal() = default;
  ~RawTerminal() { end(); }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  void begin();
  void end();

 private:
  bool is_raw_ = false;
};

// That of the terminal at standard input; nothing where it is none, or does not know.
std::optional<kube::TerminalSize> terminal_size();

}  // namespace fairlead::cli
