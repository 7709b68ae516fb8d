#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/api_send.h"
#include "sandbox/json_edit.h"
#include "sandbox/list_options.h"
#include "sandbox/metrics.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t piece_bytes = 128 << 10;

std::string key_of(const Object& object) {
  return object.namespace_name.empty() ? object.name : object.namespace_name + "/" + object.name;
}

}  // namespace

ApiResult<Answer> Api::get(const Call& call) const {
  auto wanted = version_of(call.target.query.get("resourceVersion"));
  if (!wanted) return refuse(std::move(wanted.error()));
  if (*wanted > objects_.store().version()) return refuse(version_too_large(*wanted, objects_.store().version()));
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
  if (auto checked = check_list_options(query, false); !checked) return refuse(std::move(checked.error()));
  std::int64_t limit = number_of(query.get("limit")).value_or(0);
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
    if (!token) return refuse(std::move(token.error()));
    if (!version_text.empty() && version_text != "0") {
      return refuse(bad_request("specifying resource version is not allowed when using continue"));
    }
    if (token->version >= 0) version = static_cast<std::uint64_t>(token->version);
    after = token->start;
  }
  const Resource& resource = *call.path.resource;
  auto all = resource.computed ? std::optional(computed_list(objects_, resource, call.path.namespace_name))
                               : store.list_at(resource, call.path.namespace_name, version);
  if (!all) {
    if (after.empty()) return refuse(expired("The resourceVersion for the provided list is too old."));
    StatusError error = expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the "
        "continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
        "Continuing with "
        "the provided token results in an inconsistent list - objects that were created, modified, or deleted between "
        "the time the "
        "first chunk was returned and now may show up in the list.");
    error.metadata["continue"] = encode_token({-1, after});
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
    // There is more, whether or not it will be selected.
    if (limit > 0 && out.objects.size() == static_cast<std::size_t>(limit)) {
      ContinueToken token{static_cast<std::int64_t>(version), key_of(*out.objects.back()) + std::string(1, '\0')};
      out.metadata["continue"] = encode_token(token);
      if (!selective) out.metadata["remainingItemCount"] = all->size() - index;
      break;
    }
    if (!labels.empty() && !labels.matches(labels_of(*object))) continue;
    if (!fields.empty() && !fields.matches(*object)) continue;
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

net::awaitable<void> Api::stream_list(Call call, std::vector<ObjectPtr> objects, json::object metadata,
                                      net::ResponseWriter* writer) {
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
  std::vector<std::string>
      made;  // encodings that are not the stored ones; their sizes are needed before the first byte
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
    for (std::size_t i = 0; i < objects.size(); ++i)
      total += wire::bytes_field_size(2, as_stored ? objects[i]->body.size() : made[i].size());
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
    for (const auto& member : metadata)
      tail += "  " + std::string(member.key()) + ": " + compact(member.value()) + "\n";
  } else {
    buffer = R"({"kind":")" + kind + R"(","apiVersion":")" + api_version + R"(","metadata":)" + compact(metadata) +
             R"(,"items":[)";
    separator = ",";
    tail = "]}\n";
  }
  std::vector<net::HttpHeader> headers = common_headers(content_type(representation));
  add_warnings(call, &headers);
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
