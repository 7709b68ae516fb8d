// Inside the policy only: reads the parts that a policy file is made of. Each function is false where something is
// wrong, and then error() says what, where, and what may stand there.
#pragma once

#include <initializer_list>

#include "gate/policy_rules.h"

namespace fairlead::gate {

class PolicyReader {
 public:
  enum class Words { identity, role, cluster, ns, operation };
  using Keys = std::initializer_list<std::string_view>;

  const std::optional<Error>& error() const { return error_; }

 protected:
  bool refuse(const std::string& place, std::string what, std::string remedy);
  const json::object* object(const json::value& value, const std::string& place);
  // An empty one is refused. `such`: what to write.
  const json::array* list(const json::value& value, const std::string& place, std::string_view such);
  bool known(const json::object& of, const std::string& place, Keys keys);
  bool text(const json::object& of, std::string_view key, const std::string& place, std::string_view such,
            std::string& out);
  // Of a rule or a freeze: it stands in answers and in the audit log. It is added to `place`.
  bool name(const json::object& of, std::string& place, std::vector<std::string>& taken, std::string& out);
  bool words(const json::value& value, const std::string& place, Words kind, std::string_view such,
             std::vector<std::string>& out);
  // Where the key is left out nothing is added, which stands for any.
  bool words(const json::object& of, std::string_view key, const std::string& place, Words kind, std::string_view such,
             std::vector<std::string>& out);
  bool decision(const json::value& value, const std::string& place, Decision& out);
  bool count(const std::string& place);  // one more entry

 private:
  std::optional<Error> error_;
  std::size_t entries_ = 0;
};

bool is_policy_name(std::string_view text);

}  // namespace fairlead::gate
