#include "ops/read.h"

#include <algorithm>

#include "base/text.h"
#include "ops/redact.h"

namespace fairlead::ops {

awaitable<std::vector<std::string>> explain_empty(Call& call, std::size_t rows) {
  std::vector<std::string> notes;
  std::string ns = call.list_namespace();
  if (rows > 0 || ns.empty()) co_return notes;
  std::string target = kube::ResourcePath{"", "v1", "namespaces", {}, ns, {}}.text();
  auto found = co_await call.client.get(target, call.deadline);
  if (!found && found.error().code == ErrorCode::not_found)
    notes.push_back("namespace " + ns + " does not exist; list_namespaces shows those that do");
  co_return notes;
}

awaitable<Result<json::value>> read_object(Call& call, std::string target) {
  auto object = co_await call.client.get(std::move(target), call.deadline);
  if (!object) co_return fail(std::move(object.error()));
  redact_object(*object);
  co_return object;
}

awaitable<json::array> read_events(Call& call, std::string ns, std::string kind, std::string name, std::string* note) {
  struct Seen {
    std::string type, reason, message;
    std::int64_t count = 0;
    std::int64_t last = 0;
  };
  std::vector<Seen> seen;
  std::string target = kube::ResourcePath{"", "v1", "events", ns, {}, {}}.text();
  kube::add_query(target, "fieldSelector", "involvedObject.kind=" + kind + ",involvedObject.name=" + name);
  auto each = [&seen](const kube::EventView& event) {
    auto same = std::find_if(seen.begin(), seen.end(), [&](const Seen& s) { return s.reason == event.reason && s.message == event.message; });
    if (same == seen.end()) same = seen.insert(seen.end(), {std::string(event.type), std::string(event.reason), std::string(event.message)});
    same->count += event.times();
    same->last = std::max(same->last, event.last_seen().value_or(0));
  };
  auto read = co_await read_objects<kube::EventView>(call, target, "EventList", [&seen] { seen.clear(); }, each);
  json::array out;
  if (!read) {
    *note = "events could not be read: " + read.error().cause;
    co_return out;
  }
  std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.last > b.last; });
  for (const auto& event : seen) {
    out.push_back(json::object{{"type", event.type}, {"reason", event.reason}, {"message", redact_text(event.message)}, {"count", event.count},
                               {"last_seen", event.last ? json::value(format_rfc3339(event.last)) : json::value(nullptr)}});
  }
  co_return out;
}

json::array event_lines(const json::array& events, std::int64_t now) {
  json::array lines;
  for (const auto& event : events) {
    std::string line = std::string(text_at(event, {"type"})) + " " + std::string(text_at(event, {"reason"}));
    if (auto count = integer_at(event, {"count"}); count > 1) line += " x" + std::to_string(count);
    if (auto seen = parse_rfc3339(text_at(event, {"last_seen"}))) line += " (" + human_duration(std::chrono::seconds(now - *seen)) + " ago)";
    lines.emplace_back(line + ": " + std::string(text_at(event, {"message"})));
  }
  return lines;
}

}  // namespace fairlead::ops
