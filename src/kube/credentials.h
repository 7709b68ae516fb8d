// How requests prove who they come from. Each request asks for an Authorization just before it is sent, so that tokens
// and certificates may change under a long-lived client.
//
// Use on one executor, which has to outlive them; calls may overlap. Hold the Credentials (shared_ptr) until get() has
// answered.
// No Error from here holds a credential.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "net/http.h"
#include "net/task.h"

namespace fairlead::kube {

using net::awaitable;

struct Authorization {
  Secret bearer;                // empty: none
  std::string certificate_pem;  // a client certificate to present instead of the connection's; empty: none
  Secret key_pem;
  std::vector<net::HttpHeader> headers;  // Impersonate-*
};

class Credentials {
 public:
  virtual ~Credentials() = default;
  // authentication_failed when none can be obtained, timeout, cancelled.
  virtual awaitable<Result<Authorization>> get(Deadline deadline) = 0;
  // The server answered 401 to the last Authorization: what is cached is dropped. True when the next get() may answer
  // another one, so that sending the request again makes sense.
  virtual bool rejected() { return false; }
};

// No bearer token: anonymous, or by the connection's client certificate.
std::shared_ptr<Credentials> no_credentials();

std::shared_ptr<Credentials> token_credentials(Secret token);

struct TokenFileOptions {
  std::string path;
  Secret otherwise;  // used while the file has never been readable; empty: that is an error
  std::int64_t reread_seconds = 10;
  std::shared_ptr<const Clock> clock;
  std::string below = {};  // not empty: it must lie below this directory, whenever it is read
};
// A file that is replaced now and then (as projected service account tokens are). It is read again when its inode, size
// or time of change differ, and `reread_seconds` after the last time; the last token that could be read stays in use
// when it cannot be read any more, until it is rejected.
std::shared_ptr<Credentials> token_file_credentials(TokenFileOptions options);

// Adds headers to what `inner` answers.
std::shared_ptr<Credentials> impersonating(std::shared_ptr<Credentials> inner, std::vector<net::HttpHeader> headers);

// Can this stand in an HTTP header (no control characters, no blanks, ASCII)?
bool is_sendable_token(std::string_view token);

}  // namespace fairlead::kube
