#include "kube/json_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace fairlead::kube {
namespace {

constexpr std::string_view kStep = "read the list";
constexpr std::size_t kKeyLimit = 1024;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool begins_value(char c) {
  return c == '"' || c == '{' || c == '[' || c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
}

}  // namespace

Result<net::Flow> JsonListDecoder::feed(std::string_view bytes) {
  if (state_ == State::failed) return malformed("it was given up before");
  while (!bytes.empty()) {
    const std::size_t before = bytes.size();
    auto done = step(bytes);
    bytes_ += before - bytes.size();
    if (done) continue;
    state_ = State::failed;
    return fail(std::move(done.error()));
  }
  return net::Flow::more;
}

Result<ListMeta> JsonListDecoder::finish() {
  if (state_ == State::failed) return malformed("it was given up before");
  if (state_ == State::end && is_list_) return metadata_;
  if (state_ == State::end) return malformed("it is no list");
  return fail(ErrorCode::server_error, std::string(kStep),
              fmt::format("the answer ended in the middle, after {} bytes and {} objects", bytes_, items_),
              "Try again; if it happens again, something between here and the API server cuts long answers short");
}

tl::unexpected<Error> JsonListDecoder::malformed(std::string cause) const {
  return fail(
      ErrorCode::server_error, std::string(kStep),
      fmt::format("the answer is not a well-formed list: {} (after {} bytes and {} objects)", cause, bytes_, items_),
      "Check that the address is that of a Kubernetes API server and that no proxy answers in its place");
}

Result<void> JsonListDecoder::step(std::string_view& bytes) {
  if (state_ == State::value || state_ == State::item) return read_value(bytes);
  if (state_ == State::key) return read_key(bytes);
  const char c = bytes.front();
  if (is_space(c)) {
    bytes.remove_prefix(1);
    return {};
  }
  const bool items = state_ == State::before && key_ == "items" && c == '[';
  const bool item = (state_ == State::first_item && c != ']') || state_ == State::next_item;
  if ((state_ == State::before && !items) || item) {  // the first byte of a value belongs to it
    if (item ? c != '{' : !begins_value(c)) return malformed("a value does not begin as one");
    wanted_ = item || key_ == "metadata" || key_ == "kind";
    state_ = item ? State::item : State::value;
    buffer_.clear();
    scanner_.start();
    return {};
  }
  bytes.remove_prefix(1);
  return on_mark(c);
}

Result<void> JsonListDecoder::on_mark(char c) {
  const auto go = [&](State state) {
    state_ = state;
    return Result<void>{};
  };
  switch (state_) {
    case State::begin:
      if (c == '{') return go(State::first_key);
      break;
    case State::first_key:
    case State::next_key:
      key_.clear();
      if (c == '"') return go(State::key);
      if (c == '}' && state_ == State::first_key) return go(State::end);
      break;
    case State::colon:
      if (c == ':') return go(State::before);
      break;
    case State::before: return go(State::first_item);
    case State::first_item: return go(State::after);  // an empty one ends
    case State::after_item:
      if (c == ',') return go(State::next_item);
      if (c == ']') return go(State::after);
      break;
    case State::after:
      if (c == ',') return go(State::next_key);
      if (c == '}') return go(State::end);
      break;
    default: break;
  }
  return malformed(state_ == State::end ? "something follows its end" : "a mark is not where it must be");
}

Result<void> JsonListDecoder::read_key(std::string_view& bytes) {
  const auto end = std::min(bytes.find('"'), bytes.size());
  key_.append(bytes.substr(0, end));
  if (key_.size() > kKeyLimit) return malformed("a key is too long");
  if (end < bytes.size()) state_ = State::colon;
  bytes.remove_prefix(std::min(end + 1, bytes.size()));
  if (state_ == State::colon && key_.ends_with('\\'))
    return malformed("a key has an escaped quote");  // no list has one
  return {};
}

Result<void> JsonListDecoder::read_value(std::string_view& bytes) {
  const auto piece = bytes.substr(0, scanner_.scan(bytes));
  const bool whole = scanner_.done() && buffer_.empty();
  if (wanted_) {
    const auto limit = state_ == State::item ? options_.object_limit : options_.metadata_limit;
    if (buffer_.size() + piece.size() > limit)
      return fail(ErrorCode::server_error, std::string(kStep),
                  fmt::format("{} has more than the {} bytes that are allowed",
                              state_ == State::item ? "an object" : "the list's metadata", limit),
                  "Narrow the request by namespace or selector so that it is left out");
    if (!whole) buffer_.append(piece);
  }
  bytes.remove_prefix(piece.size());
  if (!scanner_.done()) return {};
  const bool item = state_ == State::item;
  state_ = item ? State::after_item : State::after;
  if (!wanted_) return {};
  const auto value = whole ? piece : std::string_view(buffer_);
  if (!item) return on_value(value);
  ++items_;
  auto taken = on_item_(value);
  if (!taken) return fail(std::move(taken.error()));
  return {};
}

Result<void> JsonListDecoder::on_value(std::string_view text) {
  auto value = parse_json(text, kStep);
  if (!value) return malformed("its head is not JSON");
  if (key_ == "kind") {
    const std::string_view kind = value->is_string() ? std::string_view(value->get_string()) : std::string_view();
    is_list_ = kind.ends_with("List");
    if (is_list_) return {};
    return malformed("it is a " + plain_word(kind.substr(0, 60)));
  }
  metadata_.resource_version = text_at(*value, {"resourceVersion"});
  metadata_.continue_token = text_at(*value, {"continue"});
  if (const std::int64_t left = integer_at(*value, {"remainingItemCount"}, -1); left >= 0)
    metadata_.remaining_item_count = left;
  return {};
}

}  // namespace fairlead::kube
