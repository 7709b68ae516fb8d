// Kubernetes Status answers (meta/v1) as errors.
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "net/http.h"

namespace fairlead::kube {

// Turns an answer that is not 2xx into an Error: the Status is kept whole, what the body says is foreign, and the
// remedy says what a person can do about that code. Bodies may be a Status as JSON or protobuf, or anything else (HTML
// of a proxy, plain text, nothing).
Error error_from_answer(const net::HttpHead& head, std::string_view body, std::string step);

// The seconds of a Retry-After header, or of the Status' details. Negative: none was given.
int retry_after_seconds(const net::HttpHead& head, const Error& error);

}  // namespace fairlead::kube
