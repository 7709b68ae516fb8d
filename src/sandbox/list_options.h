// The options of a list or a watch that come in its query, taken as the API server takes them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sandbox/request.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

// Go's conversion of a query parameter to a number; 0 where it is empty.
ApiResult<std::int64_t> number_of(std::string_view text);
ApiResult<std::uint64_t> version_of(std::string_view text);

// Answers the error of a version that is not reached yet.
StatusError version_too_large(std::uint64_t wanted, std::uint64_t current);

// Whether resourceVersionMatch, sendInitialEvents and the numbers may stand as they do.
ApiResult<void> check_list_options(const Query& query, bool watches);

// Where a list goes on.
struct ContinueToken {
  std::int64_t version = 0;  // -1: the newest, whatever the lists before it were
  std::string start;         // the key to go on with: "namespace/name\0"
};
std::string encode_token(const ContinueToken& token);
ApiResult<ContinueToken> decode_token(std::string_view text);

}  // namespace fairlead::sandbox
