// The programs of the sandbox's images, each a function of its arguments, its input and the machine that it runs on.
// Their words are busybox's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/containers.h"
#include "sandbox/pod_network.h"

namespace fairlead::sandbox {

// What programs find around them.
class Machine {
 public:
  Machine(Containers& containers, Objects& objects, std::shared_ptr<Container> container)
      : containers_(containers), objects_(objects), container_(std::move(container)) {}
  Container& container() { return *container_; }
  ContainerFiles& files() { return container_->files; }
  std::int64_t now() const { return objects_.now(); }
  Connection connect(std::string_view host, std::int64_t port) const;
  // Bytes of memory and milli-cores: the container's limits, else its node's.
  std::int64_t memory() const;
  // The main process got a signal that ends it.
  void kill_main(int signal) { containers_.end(*container_, 128 + signal); }

 private:
  Containers& containers_;
  Objects& objects_;
  std::shared_ptr<Container> container_;
};

struct CommandRun {
  Machine& machine;
  std::vector<std::string> args;  // args[0] is its name
  std::string input;              // all of standard input, when it reads_input
  std::string directory;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string out, err;
  std::string speaker;  // who complains

  ContainerFiles& files() { return machine.files(); }
  std::string path(std::string_view relative) const { return absolute_path(directory, relative); }
  // "cat: can't open 'x': No such file or directory"
  int complain(std::string_view text, int status = 1) {
    err += speaker + ": " + std::string(text) + "\n";
    return status;
  }
  int usage() { return complain("unknown or missing option", 1); }
};

// The flags of one letter ("-la") and what is left; `with_value` are the letters whose value follows.
struct Flags {
  std::string letters;
  std::map<char, std::string> values;
  std::vector<std::string> rest;
  bool has(char letter) const { return letters.find(letter) != letters.npos; }
};
Flags flags_of(const std::vector<std::string>& args, std::string_view with_value = "");

struct Command {
  std::string_view name;
  int (*run)(CommandRun& run);
  // Whether it reads standard input when called with these arguments.
  bool (*reads_input)(const std::vector<std::string>& args);
};
const Command* find_command(std::string_view name);  // null: there is none

// commands_files.cpp, commands_text.cpp, commands_system.cpp, commands_network.cpp
const std::vector<Command>& file_commands();
const std::vector<Command>& text_commands();
const std::vector<Command>& system_commands();
const std::vector<Command>& network_commands();

// A tar archive (ustar) of files, and back. The error says what is wrong with it.
std::string tar_of(const ContainerFiles& files,
                   const std::vector<std::pair<std::string, std::string>>& names_and_paths);
tl::expected<void, std::string> untar(ContainerFiles& files, std::string_view archive, std::string_view directory,
                                      std::int64_t now);

}  // namespace fairlead::sandbox
