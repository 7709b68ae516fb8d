// The pages of one list. A server may send a list in pages although none were asked for; they are followed until the
// last one. Without I/O, for one list, not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace fairlead::ops {

class Pages {
 public:
  explicit Pages(std::string target) : list_(std::move(target)), page_(list_) {}

  const std::string& target() const { return page_; }  // of the page to be read now
  std::uint64_t objects() const { return objects_; }   // that came so far

  // An attempt at the page begins. True: it is the first page, so whatever came before is to be forgotten. An attempt
  // at a later page that had broken off makes `next` fail (unreachable): its objects came twice.
  bool begin_attempt();

  // An object of so many bytes came. A list of more than a million objects or 2 GiB is refused (server_error).
  Result<void> count(std::size_t bytes);

  // The page is done. Whether there is another one, which `target` then names; server_error where they do not end.
  Result<bool> next(std::string_view continue_token);

 private:
  std::string list_, page_, token_;
  std::uint64_t objects_ = 0, bytes_ = 0, earlier_ = 0;  // `earlier_`: objects of the pages before this one
  bool first_page_ = true, came_twice_ = false;
};

}  // namespace fairlead::ops
