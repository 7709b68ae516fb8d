// A list of Kubernetes objects in protobuf, taken apart while its bytes arrive.
//
// The body (k8s.io/apimachinery/pkg/runtime/serializer/protobuf) is "k8s\0", then a runtime.Unknown whose field
// `raw` is the list message: metadata (meta/v1 ListMeta) and items, one length-delimited field per object. Servers
// may send fields in any order, and fields that are not known here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"

namespace fairlead::kube {

struct ListMeta {
  std::string resource_version;
  std::string continue_token;  // empty: the list is complete
  std::optional<std::int64_t> remaining_item_count;
};

// What a list sends is handed on object by object: decode() of decode.h reads one. The bytes are valid during the
// call. `enough` ends the reading; an error ends it with that error.
using OnItem = std::function<Result<net::Flow>(std::string_view object)>;

// Without I/O: feed it the body in pieces of any size, then finish(). It holds at most one object, and copies one
// only when it does not lie within a piece. Not thread-safe.
// Errors: server_error for a body that is not such a list, that ends in the middle, or that holds an object above
// the limit. After an error only destruction is of use.
class ListDecoder {
 public:
  struct Options {
    std::string kind;                        // "PodList"; empty: any kind that ends in List
    std::size_t object_limit = 16 << 20;     // bytes of one object
    std::size_t metadata_limit = 256 << 10;  // bytes of the list's own metadata
  };

  ListDecoder(Options options, OnItem on_item);

  // `enough` when on_item said so: what follows is ignored then.
  Result<net::Flow> feed(std::string_view bytes);
  // The body has ended (or on_item had enough).
  Result<ListMeta> finish();

  const ListMeta& metadata() const { return metadata_; }  // what is known so far; servers send it first
  const std::string& kind() const { return kind_; }
  const std::string& api_version() const { return api_version_; }
  std::uint64_t items() const { return items_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  enum class State { magic, key, number, length, fixed, skip, collect, stopped, failed };

  Result<void> step(std::string_view& bytes);
  Result<void> read_magic(std::string_view& bytes);
  Result<void> read_varint(std::string_view& bytes);
  Result<void> on_key(std::uint64_t key);
  Result<void> on_length(std::uint64_t length);
  Result<void> read_collected(std::string_view& bytes);
  Result<void> on_field(std::string_view value);
  Result<void> on_item_bytes(std::string_view object);
  Result<void> on_type_meta(std::string_view message);
  Result<void> on_list_meta(std::string_view message);
  Result<void> check_kind() const;
  tl::unexpected<Error> malformed(std::string cause) const;
  void end_field();
  void take(std::string_view& bytes, std::size_t count);

  Options options_;
  OnItem on_item_;
  State state_ = State::magic;
  bool in_list_ = false;  // inside `raw`
  bool had_list_ = false;
  std::uint64_t list_left_ = 0;   // bytes of `raw` that are still to come
  std::uint64_t field_left_ = 0;  // bytes of the current field that are still to come
  std::uint32_t field_ = 0;       // its number and wire type
  std::uint64_t varint_ = 0;
  unsigned varint_shift_ = 0;
  std::string buffer_;  // the part of an object or of the magic that has come
  ListMeta metadata_;
  std::string kind_;
  std::string api_version_;
  std::uint64_t items_ = 0;
  std::uint64_t bytes_ = 0;
};

// Feeds the body of a 2xx answer to a ListDecoder. Other answers end with server_error: whoever sends the request
// looks at the status first when it wants the server's own words. Not thread-safe.
class ProtobufListSink final : public net::BodySink {
 public:
  // on_start is called for each attempt before its first item: what earlier attempts gave is to be forgotten.
  ProtobufListSink(ListDecoder::Options options, OnItem on_item, std::function<void()> on_start = {});

  Result<void> on_head(const net::HttpHead& head) override;
  Result<net::Flow> on_body(std::string_view bytes) override;
  // After the exchange has ended.
  Result<ListMeta> finish();

  const ListDecoder& decoder() const { return decoder_; }

 private:
  ListDecoder::Options options_;
  OnItem on_item_;
  std::function<void()> on_start_;
  ListDecoder decoder_;
};

}  // namespace fairlead::kube
