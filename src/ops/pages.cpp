#include "ops/pages.h"

#include "kube/client.h"

namespace fairlead::ops {
namespace {

// A cluster has far fewer of anything; a server that never ends is stopped.
constexpr std::uint64_t kMostObjects = 1'000'000;
constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30;

}  // namespace

bool Pages::begin_attempt() {
  came_twice_ = !first_page_ && objects_ > earlier_;
  if (first_page_) objects_ = bytes_ = 0;
  return first_page_;
}

Result<void> Pages::count(std::size_t bytes) {
  if (++objects_ <= kMostObjects && (bytes_ += bytes) <= kMostBytes) return {};
  return fail(ErrorCode::server_error, "read the list", "it has more than a million objects or 2 GiB",
              "Narrow it by namespace or label_selector");
}

Result<bool> Pages::next(std::string_view continue_token) {
  if (came_twice_)
    return fail(ErrorCode::unreachable, "read the list", "a later page of it broke off and came twice", "Try again");
  if (continue_token.empty()) return false;
  if ((objects_ == earlier_ && !first_page_) || continue_token == token_)
    return fail(ErrorCode::server_error, "read the list",
                "its pages do not end: one was empty, or led to itself, and yet there should be more",
                "Try again; if it stays so, look at the API server and at proxies on the way");
  first_page_ = false;
  earlier_ = objects_;
  token_ = continue_token;
  page_ = list_;
  kube::add_query(page_, "continue", token_);
  return true;
}

}  // namespace fairlead::ops
