// Fairlead's own credentials in what comes back from a cluster: a token that somebody wrote into a log or a message
// there has no shape that redaction would know it by. Each byte of it becomes "*", also in base64, in hex, in capitals
// and over several lines; where characters that nobody sees stand inside it, those are gone from the text as well.
// Pure; credentials of fewer than eight bytes stay, since words would be hit.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "ops/reply.h"

namespace fairlead::ops {

class Mask {
 public:
  // Null counts as none. For use at once: it points into the credentials.
  explicit Mask(std::initializer_list<const std::vector<Secret>*> credentials);

  void apply(std::string& text) const;
  void apply(Rows& rows) const;
  void apply(Reply& reply) const;
  void apply(Error& error) const;
  // How many bytes at the end of the text begin a credential, or another form of one, that may go on behind it.
  std::size_t begun_at_end(std::string_view text) const;

 private:
  struct Range {
    std::size_t begin, end;
  };
  std::vector<Range> places_in(std::string_view text) const;
  std::optional<std::string> masked(std::string_view text) const;  // nothing: it holds none
  void apply(json::value& value) const;

  struct Known {
    std::string_view plain;
    std::vector<std::string> forms;  // other ways to write it
  };
  std::vector<Known> credentials_;
};

}  // namespace fairlead::ops
