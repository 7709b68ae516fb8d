// The API tokens of the database: whom each lets in, with which roles, until when. Texts are shown once, when they are
// made, and kept nowhere. What is done with tokens stands in the audit log, in the same transaction.
// Use on one executor; calls may overlap, also with other processes on the same database.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "gate/policy.h"
#include "store/database.h"

namespace fairlead::identity {

using net::awaitable;

struct TokenRow {
  std::string id;
  std::string name;  // ^[a-z0-9][a-z0-9._-]{0,62}$; never given twice, for journal and audit log name who it was
  gate::Bindings bindings;
  std::string created_by;
  std::int64_t created = 0, expires = 0, revoked = 0;  // unix seconds; expires 0: never; revoked 0: it is not
  std::int64_t last_used = 0;                          // to the minute; 0: never
  bool is_good(std::int64_t now) const { return revoked == 0 && (expires == 0 || now < expires); }
};
json::object to_json(const TokenRow& row);  // nothing of its text
// As whom it calls: "api:NAME".
gate::Identity identity_of(const TokenRow& row);

struct NewToken {
  TokenRow row;
  Secret text;
};

class Tokens {
 public:
  // Both must outlive this. The database has the tables of store/schema.h.
  Tokens(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // `expires`: unix seconds; 0: never. invalid_request for a name or a time that is none, and without a role; conflict
  // where the name was given before.
  awaitable<Result<NewToken>> create(std::string name, gate::Bindings bindings, std::int64_t expires, std::string by,
                                     Deadline deadline);
  // The first one of a database that has none: an admin's, for a day. Nothing: there was one.
  awaitable<Result<std::optional<NewToken>>> first(Deadline deadline);
  // By id or by name. not_found where there is none; done again, it changes nothing.
  awaitable<Result<TokenRow>> revoke(std::string id_or_name, std::string by, Deadline deadline);
  awaitable<Result<TokenRow>> read(std::string id_or_name, Deadline deadline);
  // In the order of their names, those after `after`, at most `limit`; revoked ones too.
  awaitable<Result<std::vector<TokenRow>>> list(std::string after, std::size_t limit, Deadline deadline);

  // Who calls with it. authentication_failed for all that is not a good one, in the same words whatever is wrong. What
  // was looked up is used for a second: so long after it was revoked a token may still let somebody in. `whose`, which
  // may be null, gets who called with one that is good no longer ("api:NAME"): for the audit log, and for no answer.
  awaitable<Result<gate::Identity>> authenticate(Secret text, Deadline deadline, std::string* whose = nullptr);

 private:
  struct Known {
    TokenRow row;
    std::string digest;
    TimePoint looked;
  };
  void note_use(Known& known);

  store::Database& database_;
  const Clock& clock_;
  std::map<std::string, Known> known_;  // by id
};

}  // namespace fairlead::identity
