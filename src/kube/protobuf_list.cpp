#include "kube/protobuf_list.h"

#include <algorithm>

#include "base/text.h"
#include "kube/decode_fields.h"

namespace fairlead::kube {
namespace {

constexpr std::string_view magic("k8s\0", 4);
constexpr std::string_view step_name = "read the list";
constexpr std::size_t small_field_limit = 64 << 10;

enum WireType : std::uint32_t { wire_varint = 0, wire_fixed64 = 1, wire_bytes = 2, wire_fixed32 = 5 };

std::string counted(std::uint64_t bytes, std::uint64_t items) {
  return std::to_string(bytes) + (bytes == 1 ? " byte and " : " bytes and ") + std::to_string(items) +
         (items == 1 ? " object" : " objects");
}

}  // namespace

ListDecoder::ListDecoder(Options options, OnItem on_item)
    : options_(std::move(options)), on_item_(std::move(on_item)) {}

tl::unexpected<Error> ListDecoder::malformed(std::string cause) const {
  return fail(
      ErrorCode::server_error, std::string(step_name),
      "the answer is not a well-formed protobuf list: " + std::move(cause) + " (after " + counted(bytes_, items_) + ")",
      "Try again; if it happens again, something between here and the API server changes its answers");
}

Result<net::Flow> ListDecoder::feed(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::stopped) {
    if (state_ == State::failed) return malformed("it was given up before");
    if (auto done = step(bytes); !done) {
      state_ = State::failed;
      return fail(std::move(done.error()));
    }
  }
  return state_ == State::stopped ? net::Flow::enough : net::Flow::more;
}

// Every step takes at least one byte.
Result<void> ListDecoder::step(std::string_view& bytes) {
  switch (state_) {
    case State::magic: return read_magic(bytes);
    case State::key:
    case State::number:
    case State::length: return read_varint(bytes);
    case State::collect: return read_collected(bytes);
    case State::fixed:
    case State::skip: {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(field_left_, bytes.size()));
      take(bytes, count);
      field_left_ -= count;
      if (field_left_ == 0) end_field();
      return {};
    }
    case State::stopped:
    case State::failed: break;
  }
  bytes = {};
  return {};
}

void ListDecoder::take(std::string_view& bytes, std::size_t count) {
  bytes.remove_prefix(count);
  bytes_ += count;
  if (in_list_) list_left_ -= count;
}

Result<void> ListDecoder::read_magic(std::string_view& bytes) {
  const auto count = std::min(magic.size() - buffer_.size(), bytes.size());
  buffer_.append(bytes.substr(0, count));
  if (!magic.starts_with(buffer_)) {
    return fail_with(
        first_words(buffer_ + std::string(bytes.substr(count, 100)), 60), ErrorCode::server_error,
        std::string(step_name), "the answer is not in Kubernetes' protobuf form",
        "Check that the address is that of a Kubernetes API server and that no proxy answers in its place");
  }
  take(bytes, count);
  if (buffer_.size() == magic.size()) end_field();
  return {};
}

// Between two fields.
void ListDecoder::end_field() {
  state_ = State::key;
  varint_ = 0;
  varint_shift_ = 0;
  field_left_ = 0;
  buffer_.clear();
  if (in_list_ && list_left_ == 0) in_list_ = false;
}

Result<void> ListDecoder::read_varint(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (in_list_ && list_left_ == 0) return malformed("a field reaches beyond the end of the list");
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    take(bytes, 1);
    if (varint_shift_ >= 64) return malformed("a number has more than ten bytes");
    varint_ |= static_cast<std::uint64_t>(byte & 0x7F) << varint_shift_;
    varint_shift_ += 7;
    if (byte & 0x80) continue;
    const auto value = varint_;
    varint_ = 0;
    varint_shift_ = 0;
    if (state_ == State::key) return on_key(value);
    if (state_ == State::length) return on_length(value);
    end_field();  // a number that nobody asked for
    return {};
  }
  return {};
}

Result<void> ListDecoder::on_key(std::uint64_t key) {
  const auto number = key >> 3;
  if (number == 0 || key > 0xFFFFFFFFU) return malformed("a field has the impossible number " + std::to_string(number));
  field_ = static_cast<std::uint32_t>(key);
  switch (field_ & 7U) {
    case wire_varint: state_ = State::number; break;
    case wire_bytes: state_ = State::length; break;
    case wire_fixed64:
    case wire_fixed32:
      state_ = State::fixed;
      field_left_ = (field_ & 7U) == wire_fixed64 ? 8 : 4;
      if (in_list_ && field_left_ > list_left_) return malformed("a field reaches beyond the end of the list");
      break;
    default: return malformed("a field has the unknown wire type " + std::to_string(field_ & 7U));
  }
  return {};
}

Result<void> ListDecoder::on_length(std::uint64_t length) {
  if (in_list_ && length > list_left_) return malformed("a field reaches beyond the end of the list");
  if (!in_list_ && field_ == wire::unknown::raw) {
    if (had_list_) return malformed("it holds a second list");
    if (auto known = check_kind(); !known) return known;
    had_list_ = true;
    end_field();
    in_list_ = length > 0;
    list_left_ = length;
    return {};
  }
  std::size_t limit = 0;  // of what is collected; all else is skipped
  if (in_list_) {
    if (field_ == wire::list::items) limit = options_.object_limit;
    if (field_ == wire::list::metadata) limit = options_.metadata_limit;
  } else if (field_ == wire::unknown::type_meta || field_ == wire::unknown::content_encoding) {
    limit = small_field_limit;
  }
  field_left_ = length;
  if (limit == 0) {
    state_ = State::skip;
    if (length == 0) end_field();
    return {};
  }
  if (length > limit) {
    const bool item = in_list_ && field_ == wire::list::items;
    return fail(ErrorCode::server_error, std::string(step_name),
                (item ? "object " + std::to_string(items_ + 1) : std::string("the list's metadata")) + " has " +
                    std::to_string(length) + " bytes, more than the " + std::to_string(limit) + " that are allowed",
                "Narrow the request by namespace or selector so that it is left out");
  }
  state_ = State::collect;
  if (length > 0) return {};
  if (auto taken = on_field({}); !taken) return taken;
  if (state_ == State::collect) end_field();
  return {};
}

Result<void> ListDecoder::read_collected(std::string_view& bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(field_left_, bytes.size()));
  const auto piece = bytes.substr(0, count);
  const bool whole = buffer_.empty() && count == field_left_;
  if (!whole) {
    if (buffer_.empty()) buffer_.reserve(static_cast<std::size_t>(field_left_));
    buffer_.append(piece);
  }
  take(bytes, count);
  field_left_ -= count;
  if (field_left_ > 0) return {};
  if (auto taken = on_field(whole ? piece : std::string_view(buffer_)); !taken) return taken;
  if (state_ == State::collect) end_field();
  return {};
}

Result<void> ListDecoder::on_field(std::string_view value) {
  if (in_list_) return field_ == wire::list::items ? on_item_bytes(value) : on_list_meta(value);
  if (field_ == wire::unknown::type_meta) return on_type_meta(value);
  if (!value.empty()) return malformed("it is encoded as '" + plain_word(value.substr(0, 40)) + "'");
  return {};
}

Result<void> ListDecoder::on_item_bytes(std::string_view object) {
  ++items_;
  auto flow = on_item_(object);
  if (!flow) return fail(std::move(flow.error()));
  if (*flow == net::Flow::enough) state_ = State::stopped;
  return {};
}

Result<void> ListDecoder::on_type_meta(std::string_view message) {
  auto read = wire::guarded("TypeMeta", [&] {
    auto reader = wire::open(message);
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::type_meta::api_version: api_version_ = wire::text(reader); break;
        case wire::type_meta::kind: kind_ = wire::text(reader); break;
        default: reader.skip();
      }
    }
  });
  if (!read) return read;
  return check_kind();
}

// A single object has the shape of a list on the wire: only its kind tells.
Result<void> ListDecoder::check_kind() const {
  const bool fits = options_.kind.empty() ? std::string_view(kind_).ends_with("List") : kind_ == options_.kind;
  if (kind_.empty() || fits) return {};
  return fail(ErrorCode::server_error, std::string(step_name),
              "the server answered with a " + plain_word(kind_) + " where " +
                  (options_.kind.empty() ? "a list" : "a " + options_.kind) + " was asked for",
              "Check the address of the API server and the resource that was asked for");
}

Result<void> ListDecoder::on_list_meta(std::string_view message) {
  return wire::guarded("ListMeta", [&] {
    auto reader = wire::open(message);
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case wire::list_meta::resource_version: metadata_.resource_version = wire::text(reader); break;
        case wire::list_meta::continue_token: metadata_.continue_token = wire::text(reader); break;
        case wire::list_meta::remaining_item_count: metadata_.remaining_item_count = reader.get_int64(); break;
        default: reader.skip();
      }
    }
  });
}

Result<ListMeta> ListDecoder::finish() {
  if (state_ == State::stopped) return metadata_;
  const bool between_fields = state_ == State::key && varint_shift_ == 0 && !in_list_;
  if (had_list_ && between_fields) return metadata_;
  if (state_ == State::failed) return malformed("it was given up before");
  return fail(ErrorCode::server_error, std::string(step_name),
              "the answer ended in the middle, after " + counted(bytes_, items_),
              "Try again; if it happens again, something between here and the API server cuts long answers short");
}

ProtobufListSink::ProtobufListSink(ListDecoder::Options options, OnItem on_item, std::function<void()> on_start)
    : options_(std::move(options)),
      on_item_(std::move(on_item)),
      on_start_(std::move(on_start)),
      decoder_(options_, on_item_) {}

Result<void> ProtobufListSink::on_head(const net::HttpHead& head) {
  if (head.status < 200 || head.status > 299) {
    return fail(ErrorCode::server_error, std::string(step_name),
                "the server answered with HTTP status " + std::to_string(head.status));
  }
  const auto type = trim(split(head.header("Content-Type"), ';').front());
  if (!equal_ignoring_case(type, "application/vnd.kubernetes.protobuf")) {
    if (type.find("html") != std::string_view::npos)
      return fail(ErrorCode::server_error, std::string(step_name),
                  "the server answered with an HTML page, as a proxy or a login page does",
                  "Check that the address is that of a Kubernetes API server, and that no proxy stands in between");
    constexpr std::size_t most = 100;
    return fail_with("Content-Type: " + first_words(type, most), ErrorCode::server_error, std::string(step_name),
                     "the server answered with content of another type than protobuf, which was asked for",
                     "Check that the address is that of a Kubernetes API server");
  }
  decoder_ = ListDecoder(options_, on_item_);
  if (on_start_) on_start_();
  return {};
}

Result<net::Flow> ProtobufListSink::on_body(std::string_view bytes) { return decoder_.feed(bytes); }

Result<ListMeta> ProtobufListSink::finish() { return decoder_.finish(); }

}  // namespace fairlead::kube
