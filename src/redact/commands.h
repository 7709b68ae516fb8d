// Passwords that command lines carry under flags which only their program gives a meaning: mysql -px, curl -u user:x,
// redis-cli -a x, sshpass -p x; in their place: htpasswd -b file user x, aws configure set NAME x, vault login x. Pure;
// linear time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::redact {

// Sees the words of one command line in their order.
class CommandLine {
 public:
  // Where in this word a password begins; nothing when it holds none.
  std::optional<std::size_t> secret_in(std::string_view word);
  // Whether the last word was a flag that takes its password from what is quoted right behind it: -p'x'.
  std::optional<char> awaits_quoted() const { return attached_; }
  // Whether the last word says that the password comes from standard input: --password-stdin, chpasswd.
  bool reads_password() const { return reads_password_; }
  void end();  // the next word begins another command

 private:
  std::optional<std::size_t> in_its_place(std::string_view word);

  std::uint64_t rules_ = 0;  // those that the programs seen so far have
  bool login_ = false, apart_ = false, reads_password_ = false;
  bool has_settings_ = false, sets_ = false,
       named_ = false;        // a program with settings; told to set one; its name says credential
  std::string_view program_;  // the last one whose words have places
  int places_ = 0;            // plain words until the password of htpasswd, vault login
  bool counts_places_ = false;
  char separator_ = '\0';
  std::optional<char> attached_;
};

// The same in free text: shell lines, lists of arguments in JSON and YAML. Also echo x | docker login --password-stdin.
std::string redact_commands(std::string text);

}  // namespace fairlead::redact
