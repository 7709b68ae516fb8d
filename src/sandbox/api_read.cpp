#include <charconv>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/api_send.h"
#include "sandbox/json_edit.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t piece_bytes = 128 << 10;

std::string quoted(std::string_view text) { return compact(json::value(json::string(text))); }

struct ContinueToken {
  std::int64_t version = 0;  // -1: the newest, whatever the lists before it were
  std::string start;  // the key to go on with: "namespace/name\0"
};

std::string encode_token(const ContinueToken& token) {
  json::object value{{"v", "meta.k8s.io/v1"}, {"rv", token.version}, {"start", token.start}};
  std::string out = base64_encode(compact(value));
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::optional<ContinueToken> decode_token(std::string_view text) {
  std::string standard(text);
  for (char& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (standard.size() % 4 != 0) standard += '=';
  auto bytes = base64_decode(standard);
  if (!bytes) return std::nullopt;
  auto value = parse_json(*bytes, "read a continue token", JsonLimits{4096, 4});
  if (!value || text_at(*value, {"v"}) != "meta.k8s.io/v1") return std::nullopt;
  ContinueToken out;
  out.version = integer_at(*value, {"rv"});
  out.start = text_at(*value, {"start"});
  if (out.start.empty()) return std::nullopt;
  return out;
}

std::string key_of(const Object& object) {
  return object.namespace_name.empty() ? object.name : object.namespace_name + "/" + object.name;
}

// Go's conversion of a query parameter to a number.
ApiResult<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) {
    return refuse(bad_request("strconv.ParseInt: parsing " + quoted(text) + ": invalid syntax"));
  }
  return value;
}

ApiResult<std::uint64_t> version_of(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) {
    StatusError error{500, "", "resourceVersion: Invalid value: " + quoted(text) + ": strconv.ParseUint: parsing " + quoted(text) + ": invalid syntax", {}};
    error.bare = true;
    return refuse(std::move(error));
  }
  return value;
}

StatusError version_too_large(std::uint64_t wanted, std::uint64_t current) {
  std::string text = "Too large resource version: " + std::to_string(wanted) + ", current: " + std::to_string(current);
  StatusError error{504, "Timeout", "Timeout: " + text, {}};
  error.details["causes"] = json::array{json::object{{"reason", "ResourceVersionTooLarge"}, {"message", "Too large resource version"}}};
  error.details["retryAfterSeconds"] = 1;
  return error;
}

}  // namespace

ApiResult<Answer> Api::get(const Call& call) const {
  auto object = existing(call);
  if (!object) return refuse(std::move(object.error()));
  return answer_object(call, 200, **object);
}

ApiResult<std::pair<LabelSelector, FieldSelector>> Api::selectors(const Call& call) const {
  auto labels = LabelSelector::parse(call.target.query.get("labelSelector"));
  if (!labels) return refuse(bad_request(labels.error()));
  auto fields = FieldSelector::parse(call.target.query.get("fieldSelector"), *call.path.resource);
  if (!fields) return refuse(bad_request(fields.error()));
  return std::pair(std::move(*labels), std::move(*fields));
}

ApiResult<Api::Selected> Api::select(const Call& call) const {
  const Query& query = call.target.query;
  const Store& store = objects_.store();
  auto both = selectors(call);
  if (!both) return refuse(std::move(both.error()));
  auto& [labels, fields] = *both;
  std::int64_t limit = 0;
  if (std::string_view text = query.get("limit"); !text.empty()) {
    auto number = number_of(text);
    if (!number) return refuse(std::move(number.error()));
    limit = *number;
  }
  std::uint64_t version = store.version();
  std::string after;
  std::string_view version_text = query.get("resourceVersion"), match = query.get("resourceVersionMatch");
  if (!version_text.empty()) {
    auto wanted = version_of(version_text);
    if (!wanted) return refuse(std::move(wanted.error()));
    if (*wanted > version) return refuse(version_too_large(*wanted, version));
    bool exact = match == "Exact" || (match.empty() && limit > 0 && *wanted > 0 && !query.has("continue"));
    if (exact) version = *wanted;
  }
  if (std::string_view text = query.get("continue"); !text.empty()) {
    auto token = decode_token(text);
    if (!token) return refuse(bad_request("invalid continue token: continue key is not valid: the server did not issue it"));
    if (!version_text.empty() && version_text != "0") {
      return refuse(bad_request("specifying resource version is not allowed when using continue"));
    }
    if (token->version >= 0) version = static_cast<std::uint64_t>(token->version);
    after = token->start;
  }
  auto all = store.list_at(*call.path.resource, call.path.namespace_name, version);
  if (!all) {
    StatusError error = expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the "
                          "continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with "
                          "the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the "
                          "first chunk was returned and now may show up in the list.");
    if (!after.empty()) error.metadata["continue"] = encode_token({-1, after});
    return refuse(std::move(error));
  }
  Selected out;
  out.metadata["resourceVersion"] = std::to_string(version);
  std::size_t index = 0;
  if (!after.empty()) {
    while (index < all->size() && key_of(*(*all)[index]) < after) ++index;
  }
  bool selective = !labels.empty() || !fields.empty();
  for (; index < all->size(); ++index) {
    const ObjectPtr& object = (*all)[index];
    if (!labels.empty() && !labels.matches(labels_of(*object))) continue;
    if (!fields.empty() && !fields.matches(*object)) continue;
    if (limit > 0 && out.objects.size() == static_cast<std::size_t>(limit)) {
      ContinueToken token{static_cast<std::int64_t>(version), key_of(*out.objects.back()) + std::string(1, '\0')};
      out.metadata["continue"] = encode_token(token);
      if (!selective) out.metadata["remainingItemCount"] = all->size() - index;
      break;
    }
    out.objects.push_back(object);
  }
  return out;
}

net::awaitable<void> Api::list(Call call, net::ResponseWriter* writer) {
  auto selected = select(call);
  if (!selected) {
    co_await send_error(writer, selected.error(), call.presentation.representation.format);
    co_return;
  }
  co_await stream_list(std::move(call), std::move(selected->objects), std::move(selected->metadata), writer);
}

net::awaitable<void> Api::stream_list(Call call, std::vector<ObjectPtr> objects, json::object metadata, net::ResponseWriter* writer) {
  const Presentation& how = call.presentation;
  const Resource& view = *how.view;
  const Representation& representation = how.representation;
  std::string kind = view.list_kind(), api_version = view.api_version();
  if (representation.shape == Shape::partial) {
    kind = "PartialObjectMetadataList";
    api_version = "meta.k8s.io/" + representation.meta_version;
  }
  if (view.custom && representation.shape == Shape::plain) set_default(metadata, "continue", "");
  std::string buffer, separator, tail;
  bool protobuf = representation.format == Format::protobuf;
  bool as_stored = protobuf && representation.shape == Shape::plain && view.shows_stored_form();
  std::vector<std::string> made;  // encodings that are not the stored ones; their sizes are needed before the first byte
  if (representation.shape == Shape::table) {
    buffer = table_head(how, metadata);
    separator = ",";
    tail = "]}\n";
  } else if (protobuf) {
    auto list_meta = encode(*Schema::builtin().message("ListMeta"), metadata);
    std::string head;
    wire::put_bytes(head, 1, list_meta ? *list_meta : std::string());
    std::size_t total = head.size();
    if (!as_stored) {
      made.reserve(objects.size());
      for (const ObjectPtr& object : objects) made.push_back(item_text(objects_, how, *object));
    }
    for (std::size_t i = 0; i < objects.size(); ++i) total += wire::bytes_field_size(2, as_stored ? objects[i]->body.size() : made[i].size());
    std::string type;
    wire::put_bytes(type, 1, api_version);
    wire::put_bytes(type, 2, kind);
    buffer.assign("k8s\0", 4);
    wire::put_bytes(buffer, 1, type);
    wire::put_bytes_head(buffer, 2, total);
    buffer += head;
    wire::put_bytes(tail, 3, "");
    wire::put_bytes(tail, 4, "");
  } else if (representation.format == Format::yaml) {
    buffer = "apiVersion: " + api_version + "\nitems:" + (objects.empty() ? " []\n" : "\n");
    tail = "kind: " + kind + "\nmetadata:\n";
    for (const auto& member : metadata) tail += "  " + std::string(member.key()) + ": " + compact(member.value()) + "\n";
  } else {
    buffer = R"({"kind":")" + kind + R"(","apiVersion":")" + api_version + R"(","metadata":)" + compact(metadata) + R"(,"items":[)";
    separator = ",";
    tail = "]}\n";
  }
  std::vector<net::HttpHeader> headers = common_headers(content_type(representation));
  auto started = co_await writer->start(200, std::move(headers));
  if (!started) co_return;
  buffer.reserve(piece_bytes + (64 << 10));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (protobuf) {
      std::string_view bytes = as_stored ? std::string_view(objects[i]->body) : std::string_view(made[i]);
      wire::put_bytes(buffer, 2, bytes);
      if (!as_stored) std::string().swap(made[i]);
    } else {
      if (i > 0) buffer += separator;
      buffer += item_text(objects_, how, *objects[i]);
    }
    objects[i].reset();
    if (buffer.size() < piece_bytes) continue;
    auto written = co_await writer->write(buffer);
    if (!written) co_return;
    buffer.clear();
  }
  buffer += tail;
  auto written = co_await writer->write(buffer);
  if (!written) co_return;
  co_await writer->finish();
}

}  // namespace fairlead::sandbox
