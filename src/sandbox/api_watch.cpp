#include "sandbox/api.h"
#include "sandbox/api_send.h"
#include "sandbox/api_watchers.h"
#include "sandbox/list_options.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr std::chrono::seconds longest_watch{1800};
constexpr std::chrono::seconds bookmark_every{60};
constexpr std::size_t piece_bytes = 128 << 10;

std::string_view type_text(Change::Type type) {
  switch (type) {
    case Change::Type::added: return "ADDED";
    case Change::Type::modified: return "MODIFIED";
    case Change::Type::deleted: return "DELETED";
  }
  return "ERROR";
}

std::string framed(const Representation& representation, std::string_view type, std::string object) {
  if (representation.format != Format::protobuf) {
    while (object.ends_with('\n')) object.pop_back();
    return R"({"type":")" + std::string(type) + R"(","object":)" + object + "}\n";
  }
  std::string raw, event;
  wire::put_bytes(raw, 1, object);
  wire::put_bytes(event, 1, type);
  wire::put_bytes(event, 2, raw);
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(event.size() >> shift));
  return out + event;
}

struct Start {
  std::uint64_t version = 0;
  bool initial = false;      // what is there comes first, as ADDED
  bool initial_end = false;  // and a bookmark says where that ended
};

}  // namespace

// One event's bytes. Without an object it is a bookmark at that version.
std::string Api::watch_event(const Call& call, std::string_view type, const Object* object, std::uint64_t bookmark,
                             bool initial_end, bool first) const {
  Presentation how = call.presentation;
  if (how.representation.format == Format::yaml) how.representation.format = Format::json;
  if (object) {
    if (how.representation.shape == Shape::table) {
      json::object metadata{{"resourceVersion", std::to_string(object->version)}};
      return framed(how.representation, type,
                    table_head(how, metadata, first) + table_row(objects_, how, *object) + "]}");
    }
    return framed(how.representation, type, present_object(objects_, how, *object));
  }
  json::object metadata{{"resourceVersion", std::to_string(bookmark)}};
  if (initial_end) metadata["annotations"] = json::object{{"k8s.io/initial-events-end", "true"}};
  bool plain = how.representation.shape == Shape::plain;
  std::string kind = plain                                      ? how.view->kind
                     : how.representation.shape == Shape::table ? "Table"
                                                                : "PartialObjectMetadata";
  std::string api_version = plain ? how.view->api_version() : "meta.k8s.io/" + how.representation.meta_version;
  json::object mark{{"kind", kind}, {"apiVersion", api_version}, {"metadata", metadata}};
  return framed(how.representation, type,
                present_value(mark, how.representation.format, Schema::builtin().message("PartialObjectMetadata")));
}

net::awaitable<void> Api::watch(Call call, net::ResponseWriter* writer) {
  Format format = call.presentation.representation.format;
  const Query& query = call.target.query;
  auto both = selectors(call);
  if (!both) {
    co_await send_error(writer, both.error(), format);
    co_return;
  }
  if (auto checked = check_list_options(query, true); !checked) {
    co_await send_error(writer, checked.error(), format);
    co_return;
  }
  const LabelSelector& labels = both->first;
  const FieldSelector& fields = both->second;
  Store& store = objects_.store();
  Start start;
  start.version = store.version();
  std::string_view version_text = query.get("resourceVersion");
  bool wants_initial = query.has("sendInitialEvents");
  if (version_text.empty() || version_text == "0") {
    start.initial = !wants_initial || query.flag("sendInitialEvents");
  } else {
    auto since = version_of(version_text);
    if (!since) {
      co_await send_error(writer, since.error(), format);
      co_return;
    }
    start.version = *since;
    start.initial = query.flag("sendInitialEvents");
    if (start.initial) start.version = store.version();
  }
  start.initial_end = wants_initial && start.initial && query.flag("allowWatchBookmarks");

  Deadline deadline = Deadline::after(longest_watch);
  std::int64_t seconds = number_of(query.get("timeoutSeconds")).value_or(0);
  if (seconds > 0 && seconds < longest_watch.count()) deadline = Deadline::after(std::chrono::seconds(seconds));
  bool bookmarks = query.flag("allowWatchBookmarks");

  net::Executor executor = co_await net::current_executor();
  net::Event event(executor);
  Watchers::Registration registration(watchers_, &event);
  std::string type(content_type(call.presentation.representation));
  std::vector<net::HttpHeader> headers = common_headers(type);
  add_warnings(call, &headers);
  auto started = co_await writer->start(200, std::move(headers));
  if (!started) co_return;

  auto selected = [&](const ObjectPtr& object) {
    return object && (labels.empty() || labels.matches(labels_of(*object))) &&
           (fields.empty() || fields.matches(*object));
  };
  bool first = true;
  std::uint64_t version = start.version;
  std::string buffer;
  if (start.initial) {
    std::vector<ObjectPtr> there = store.list(*call.path.resource, call.path.namespace_name);
    for (const ObjectPtr& object : there) {
      if (!selected(object)) continue;
      buffer += watch_event(call, "ADDED", object.get(), 0, false, first);
      first = false;
      if (buffer.size() < piece_bytes) continue;
      auto written = co_await writer->write(buffer);
      if (!written) co_return;
      buffer.clear();
    }
    if (start.initial_end) buffer += watch_event(call, "BOOKMARK", nullptr, version, true, first);
  }
  Deadline next_bookmark = Deadline::after(bookmark_every);
  while (true) {
    event.reset();
    auto changes = store.changes_since(version);
    if (!changes) {
      StatusError error = expired("too old resource version: " + std::to_string(version) + " (" +
                                  std::to_string(store.version()) + ")");
      buffer += framed(call.presentation.representation, "ERROR",
                       present_value(error.body(), format == Format::yaml ? Format::json : format,
                                     Schema::builtin().message("Status")));
      co_await writer->write(buffer);
      co_await writer->finish();
      co_return;
    }
    for (const Change& change : *changes) {
      version = change.object->version;
      if (change.object->resource != call.path.resource->storage) continue;
      if (!call.path.namespace_name.empty() && change.object->namespace_name != call.path.namespace_name) continue;
      bool before = change.type != Change::Type::added && selected(change.previous);
      bool after = change.type != Change::Type::deleted && selected(change.object);
      if (!before && !after) continue;
      Change::Type kind = !before ? Change::Type::added : after ? Change::Type::modified : Change::Type::deleted;
      call.presentation.now = objects_.now();
      // What leaves the selection is shown as it was while it belonged to it.
      ObjectPtr shown = before && !after && change.type != Change::Type::deleted
                            ? objects_.at_version(*change.previous, version)
                            : change.object;
      buffer += watch_event(call, type_text(kind), shown.get(), 0, false, first);
      first = false;
    }
    if (bookmarks && next_bookmark.passed()) {
      buffer += watch_event(call, "BOOKMARK", nullptr, version, false, first);
      next_bookmark = Deadline::after(bookmark_every);
    }
    if (!buffer.empty()) {
      auto written = co_await writer->write(buffer);
      if (!written) co_return;
      buffer.clear();
      continue;  // what came meanwhile
    }
    if (deadline.passed() || !call.path.resource->served) break;
    auto woken = co_await event.wait(bookmarks ? deadline.sooner(next_bookmark) : deadline);
    if (!woken && woken.error().code != ErrorCode::timeout) co_return;
  }
  co_await writer->finish();
}

}  // namespace fairlead::sandbox
