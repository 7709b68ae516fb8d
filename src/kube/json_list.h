// A list of Kubernetes objects in JSON, taken apart while its bytes arrive: {"kind":"PodList", "metadata":{…},
// "items":[…]}, its members in any order. For kinds without protobuf, and servers that do not send it.
#pragma once

#include <string>
#include <string_view>

#include "kube/json_scanner.h"
#include "kube/protobuf_list.h"

namespace fairlead::kube {

// Without I/O: feed it the body in pieces of any size, then finish(). It holds at most one object, and copies one only
// when it does not lie within a piece. What it hands on is cut out, not checked: whoever parses it finds out whether it
// is JSON. Not thread-safe.
// Errors: server_error for a body that is not such a list, that ends in the middle, or that holds an object above the
// limit. After an error only destruction is of use.
class JsonListDecoder {
 public:
  struct Options {
    std::size_t object_limit = 16 << 20;     // bytes of one object
    std::size_t metadata_limit = 256 << 10;  // bytes of the list's own metadata
  };

  JsonListDecoder(Options options, OnItem on_item) : options_(options), on_item_(std::move(on_item)) {}

  Result<net::Flow> feed(std::string_view bytes);
  Result<ListMeta> finish();

 private:
  enum class State {
    begin,
    first_key,
    next_key,
    key,
    colon,
    before,
    value,
    after,
    first_item,
    next_item,
    item,
    after_item,
    end,
    failed
  };

  Result<void> step(std::string_view& bytes);
  Result<void> on_mark(char c);
  Result<void> read_key(std::string_view& bytes);
  Result<void> read_value(std::string_view& bytes);
  Result<void> on_value(std::string_view value);
  tl::unexpected<Error> malformed(std::string cause) const;

  Options options_;
  OnItem on_item_;
  State state_ = State::begin;
  std::string key_;
  std::string buffer_;
  JsonValueScanner scanner_;
  bool wanted_ = false;  // the value that is being read
  bool is_list_ = false;
  ListMeta metadata_;
  std::uint64_t bytes_ = 0;
  std::uint64_t items_ = 0;
};

}  // namespace fairlead::kube
