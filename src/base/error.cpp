#include "base/error.h"

#include "base/text.h"

namespace fairlead {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::authentication_failed: return "authentication_failed";
    case ErrorCode::permission_denied: return "permission_denied";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::expired: return "expired";
    case ErrorCode::invalid_request: return "invalid_request";
    case ErrorCode::rate_limited: return "rate_limited";
    case ErrorCode::unreachable: return "unreachable";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::certificate_invalid: return "certificate_invalid";
    case ErrorCode::approval_required: return "approval_required";
    case ErrorCode::policy_denied: return "policy_denied";
    case ErrorCode::server_error: return "server_error";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::output_failed: return "output_failed";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

std::string Error::sentence() const {
  std::string out;
  if (!step.empty()) out += step + ": ";
  out += cause;
  if (!remedy.empty()) out += (out.empty() || out.back() == '.' ? " " : ". ") + remedy;
  if (out.empty() || (out.back() != '.' && out.back() != '?')) out += '.';
  return escape_untrusted(out, Newlines::escape);
}

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_request: return 2;
    case ErrorCode::policy_denied:
    case ErrorCode::approval_required: return 3;
    default: return 1;
  }
}

}  // namespace fairlead
