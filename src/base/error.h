// Errors are values. Every function that can fail for a reason outside the program answers Result<T>;
// exceptions are left to programming errors.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace fairlead {

// Stable: scripts, models and audit records hold these words. Add, never rename.
enum class ErrorCode {
  authentication_failed,  // 401, or a credential that cannot be obtained or is refused before it is sent
  permission_denied,      // 403
  not_found,              // 404
  conflict,               // 409
  expired,                // 410: a resourceVersion or cursor that the server no longer knows
  invalid_request,        // 400, 422, or arguments and files that are wrong
  rate_limited,           // 429 after the retries that were allowed
  unreachable,            // no connection, or one that broke
  timeout,                // the deadline passed
  certificate_invalid,    // either side's certificate was not accepted
  approval_required,      // the gate wants a person's approval
  policy_denied,          // the gate refuses
  server_error,           // 5xx, or an answer that is not what the protocol promises
  cancelled,              // the caller gave up
  output_failed,          // what was to be shown could not be written whole
  internal,               // a defect in Fairlead
};

std::string_view to_string(ErrorCode code);

// What a person or a model reads when something failed. What somebody else wrote about it (a server, a proxy, a plugin,
// a certificate, a file) goes into `foreign` and nowhere else, so that no reader takes it for ours; no credential of
// ours is in any member, but what others write may hold theirs. Faces show errors by ops::explain(), which takes those
// out.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string step;    // what was being done, a phrase: "connect to 10.0.0.1:6443". May be empty.
  std::string cause;   // one sentence, without a full stop, in our own words: what went wrong
  std::string remedy;  // one sentence, without a full stop: what to do about it. May be empty.
  std::shared_ptr<const boost::json::object> status;  // the Kubernetes Status, whole, when one was sent
  std::string foreign;                                // as it came, bounded by whoever sets it. May be empty.
  bool outcome_unknown = false;  // of a request that may change something: nobody knows whether it was carried out

  // "connect to 10.0.0.1:6443: connection refused. Check that ..." on one line, control characters escaped; our words
  // only.
  std::string sentence() const;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string step, std::string cause, std::string remedy = {}) {
  return tl::unexpected<Error>(Error{code, std::move(step), std::move(cause), std::move(remedy), nullptr, {}});
}
// `foreign`: what others wrote about it.
inline tl::unexpected<Error> fail_with(std::string foreign, ErrorCode code, std::string step, std::string cause,
                                       std::string remedy = {}) {
  return tl::unexpected<Error>(
      Error{code, std::move(step), std::move(cause), std::move(remedy), nullptr, std::move(foreign)});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

// 0 done, 1 the operation failed, 2 bad usage or bad input, 3 refused by policy or approval needed.
int exit_status(ErrorCode code);

}  // namespace fairlead
