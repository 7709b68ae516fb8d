#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "ops/catalog.h"
#include "ops/clip.h"
#include "ops/list.h"
#include "ops/read.h"
#include "ops/resolve.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

struct Group {
  std::string ns, type, reason, object, message, source;
  std::uint32_t tie = 0;
  std::int64_t count = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

// Whoever may write events chooses all their texts: these are as long as Kubernetes' own get.
constexpr std::size_t kKind = 64, kName = 256, kWord = 128, kMessage = 1024;

// Equal events of one object are one row: type, reason, object and message are the same.
class Groups {
 public:
  void clear() {
    groups_.clear();
    index_.clear();
  }

  void add(const kube::EventView& event) {
    std::string object = clip(event.involved.kind, kKind) + "/" + clip(event.involved.name, kName);
    std::string said =
        clip(event.type, kWord) + '\n' + clip(event.reason, kWord) + '\n' + clip(event.message, kMessage);
    const std::uint32_t tie = fnv1a(said);
    auto [found, fresh] =
        index_.emplace(std::string(event.meta.ns) + '\n' + object + '\n' + std::move(said), groups_.size());
    if (fresh) {
      groups_.push_back({std::string(event.meta.ns), clip(event.type, kWord), clip(event.reason, kWord),
                         std::move(object), clip(redact::text(event.message), kMessage), clip(event.reporter(), kWord),
                         tie});
    }
    Group& group = groups_[found->second];
    group.count += event.times();
    std::int64_t first = event.first_seen().value_or(0);
    group.first = group.first == 0 ? first : std::min(group.first, first);
    group.last = std::max(group.last, event.last_seen().value_or(0));
  }

  const std::vector<Group>& all() const { return groups_; }

 private:
  std::vector<Group> groups_;
  std::unordered_map<std::string, std::size_t> index_;
};

std::string events_target(const Call& call, const std::string& kind) {
  std::string selector = call.arguments.text("field_selector");
  for (const auto& [field, value] :
       {std::pair{"type", call.arguments.text("type")}, std::pair{"reason", call.arguments.text("reason")},
        std::pair{"involvedObject.kind", kind}, std::pair{"involvedObject.name", call.arguments.text("object")}})
    if (!value.empty()) selector += (selector.empty() ? "" : ",") + std::string(field) + "=" + selector_value(value);
  std::string target = kube::ResourcePath{"", "v1", "events", call.list_namespace(), {}, {}}.text();
  kube::add_query(target, "labelSelector", call.arguments.text("label_selector"));
  kube::add_query(target, "fieldSelector", selector);
  return target;
}

awaitable<Result<Reply>> list_events(Call& call) {
  Groups groups;
  const std::int64_t since = call.arguments.has("since_seconds")
                                 ? call.clock.unix_seconds() - call.arguments.integer("since_seconds")
                                 : INT64_MIN;
  auto each = [&](const kube::EventView& event) {
    if (event.last_seen().value_or(INT64_MAX) >= since) groups.add(event);
  };
  std::string kind = call.arguments.text("kind");
  // What is written as kinds are is taken as it stands first: events may be of kinds that the cluster has no more.
  const bool as_kinds_are = !kind.empty() && kind[0] >= 'A' && kind[0] <= 'Z';
  bool resolve = !kind.empty() && !as_kinds_are;
  while (true) {
    if (resolve) {
      auto meant = co_await resolve_kind(call, kind);
      if (!meant && !as_kinds_are) co_return fail(std::move(meant.error()));
      if (as_kinds_are && (!meant || meant->kind == kind)) break;
      kind = std::move(meant->kind);
    }
    std::string target = events_target(call, kind);
    auto read = co_await read_objects<kube::EventView>(
        call, std::move(target), "EventList", [&groups] { groups.clear(); }, each);
    if (!read) co_return fail(std::move(read.error()));
    if (!groups.all().empty() || !as_kinds_are || resolve) break;
    resolve = true;
  }
  Rows rows;
  for (const auto& group : groups.all()) {
    // Warnings first, then the newest. Not by age, which changes from one page to the next.
    std::int64_t minute = std::clamp<std::int64_t>(group.last / 60, 0, 999'999'999);
    rows.begin_row(static_cast<int>(999'999'999 - minute) + (group.type == "Warning" ? 0 : 1'000'000'000), group.tie);
    rows.text(group.ns);
    rows.text(group.object);
    rows.text(group.type);
    rows.text(group.reason);
    rows.integer(group.count);
    group.last ? rows.time(group.last) : rows.empty();
    group.first ? rows.time(group.first) : rows.empty();
    rows.text(group.source);
    rows.text(group.message);
  }
  auto notes = co_await explain_empty(call, rows.size());
  co_return arrange(call, std::move(rows), "events", std::move(notes));
}

// Kind and name alone: an object that was made anew under its name has the events of the old one too, and says so by
// their times.
awaitable<Result<Reply>> get_events_for_resource(Call& call) {
  auto resource = co_await resolve_kind(call, call.arguments.text("kind"));
  if (!resource) co_return fail(std::move(resource.error()));
  const std::string ns = resource->namespaced ? call.object_namespace() : "";
  const std::string name = call.arguments.text("name");
  std::string note;
  auto events = co_await read_events(call, ns, resource->kind, name, &note);
  if (!events) co_return fail(std::move(events.error()));
  std::vector<std::string> notes;
  if (!note.empty()) notes.push_back(std::move(note));
  if (events->empty()) notes.push_back("no events: a cluster keeps them for an hour, unless it was told otherwise");
  json::object brief{{"object", resource->kind + "/" + name},
                     {"events", event_lines(*events, call.clock.unix_seconds())}};
  json::object whole{{"object", resource->kind + "/" + name}, {"events", std::move(*events)}};
  co_return Reply{Document{std::move(whole), std::move(brief)}, std::move(notes)};
}

}  // namespace

std::vector<Operation> event_operations() {
  std::vector<Parameter> own{
      {.name = "type", .meaning = "Only events of this type", .choices = {"Normal", "Warning"}},
      {.name = "reason",
       .type = ParameterType::word,
       .meaning = "Only events with this reason, such as FailedScheduling"},
      {.name = "kind",
       .type = ParameterType::word,
       .meaning = "Only events of objects of this kind, such as Pod, pods, po"},
      {.name = "object", .type = ParameterType::name, .meaning = "Only events of the object with this name"},
      {.name = "since_seconds",
       .type = ParameterType::integer,
       .meaning = "Only what was seen within so many seconds",
       .minimum = 1,
       .maximum = 100000000},
  };
  std::vector<Parameter> parameters = list_parameters(true, std::move(own), "Such as involvedObject.uid=0b1c2d3e");
  for (auto& parameter : parameters)
    if (parameter.name == "limit") parameter.default_value = "100";
  Operation list{
      .name = "list_events",
      .family = "events",
      .summary =
          "List events in a namespace or across all namespaces (debugging pod failures, image pull errors, "
          "scheduling); equal ones grouped, warnings and newest first",
      .parameters = std::move(parameters),
      .access = {{"", "events", {"list"}}, namespace_lookup()},
      .columns = {{"namespace", CellType::text, false, ""},
                  {"object", CellType::text, false, "Kind/name of what it is about"},
                  {"type", CellType::text, false, "Normal or Warning"},
                  {"reason", CellType::text, false, ""},
                  {"count", CellType::integer, false, "How often"},
                  {"last_seen", CellType::time, false, ""},
                  {"first_seen", CellType::time, true, ""},
                  {"source", CellType::text, true, "Who reported it"},
                  {"message", CellType::text, false, ""}},
      .run = list_events,
      .example = "--namespace shop --type Warning",
  };
  Operation of_one{
      .name = "get_events_for_resource",
      .family = "events",
      .summary = "Get all events related to a specific resource (pod, deployment, node, etc.), newest first",
      .parameters = object_parameters(true,
                                      {{.name = "kind",
                                        .type = ParameterType::word,
                                        .meaning = "Kind, plural or short name, with a group where it is needed",
                                        .required = true}},
                                      ParameterType::any_name),
      .access = {{"", "events", {"list"}}},
      .columns = {},
      .run = get_events_for_resource,
      .example = "--kind deployment --namespace shop --name payments",
  };
  return {std::move(list), std::move(of_one)};
}

}  // namespace fairlead::ops
