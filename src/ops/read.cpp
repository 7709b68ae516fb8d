#include "ops/read.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"
#include "ops/clip.h"
#include "ops/pages.h"
#include "redact/redact.h"

namespace fairlead::ops {
awaitable<Result<kube::ListMeta>> read_list(Call& call, std::string target, std::string kind,
                                            std::function<void()> restart,
                                            std::function<Result<void>(std::string_view object)> each) {
  constexpr std::uint64_t kReportEvery = 1000;
  Pages pages(std::move(target));
  auto on_item = [&](std::string_view object) -> Result<net::Flow> {
    if (auto counted = pages.count(object.size()); !counted) return fail(std::move(counted.error()));
    if (auto taken = each(object); !taken) return fail(std::move(taken.error()));
    if (call.progress && pages.objects() % kReportEvery == 0)
      call.progress->report(static_cast<double>(pages.objects()), std::nullopt,
                            std::to_string(pages.objects()) + " objects read");
    return net::Flow::more;
  };
  auto on_start = [&] {
    if (pages.begin_attempt()) restart();
  };
  while (true) {
    kube::ListDecoder::Options options;
    options.kind = kind;
    kube::ProtobufListSink sink(std::move(options), on_item, on_start);
    auto done = co_await call.client.read(pages.target(), "application/vnd.kubernetes.protobuf", sink, call.deadline);
    if (!done) co_return fail(std::move(done.error()));
    auto meta = sink.finish();
    if (!meta) co_return meta;
    auto more = pages.next(meta->continue_token);
    if (!more) co_return fail(std::move(more.error()));
    if (!*more) co_return meta;
  }
}

awaitable<Result<std::vector<std::string>>> read_namespace_names(Call& call) {
  std::vector<std::string> names;
  auto each = [&names](const kube::ObjectMeta& meta) {
    if (!why_not_label(meta.name)) names.emplace_back(meta.name);
  };
  auto read = co_await read_objects<kube::ObjectMeta>(
      call, "/api/v1/namespaces", "NamespaceList", [&names] { names.clear(); }, each);
  if (!read) co_return fail(std::move(read.error()));
  co_return names;
}

std::string selector_value(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\' || c == ',' || c == '=') out += '\\';
    out += c;
  }
  return out;
}

namespace {

// "label_selector, only_problems": the arguments that leave rows out.
std::string what_narrows(const Call& call) {
  constexpr std::array shapes{"namespace", "format", "limit", "cursor", "columns", "usage"};
  std::string out;
  for (const auto& parameter : call.operation.parameters) {
    if (!call.arguments.has(parameter.name) || parameter.required) continue;
    if (std::find(shapes.begin(), shapes.end(), parameter.name) != shapes.end()) continue;
    if (parameter.type == ParameterType::boolean && !call.arguments.flag(parameter.name)) continue;
    out += (out.empty() ? "" : ", ") + std::string(parameter.name);
  }
  return out;
}

}  // namespace

awaitable<std::vector<std::string>> explain_empty(Call& call, std::size_t rows) {
  std::vector<std::string> notes;
  std::string ns = call.list_namespace();
  if (rows > 0 || ns.empty()) co_return notes;
  std::string target = kube::ResourcePath{"", "v1", "namespaces", {}, ns, {}}.text();
  auto found = co_await call.client.get(target, call.deadline);
  const std::string narrowing = what_narrows(call);
  if (!found && found.error().code == ErrorCode::not_found)
    notes.push_back("namespace " + ns + " does not exist; list_namespaces shows those that do");
  else if (found && !narrowing.empty())
    notes.push_back("namespace " + ns + " exists; without " + narrowing + " there may be some");
  else if (found)
    notes.push_back("namespace " + ns + " exists, and they may be in another one");
  co_return notes;
}

Result<void> expect_kind(const json::value& object, std::string_view kind, std::string_view step) {
  if (object.is_object() && text_at(object, {"kind"}) == kind) return {};
  return fail(ErrorCode::server_error, std::string(step), "the server's answer is not a " + std::string(kind),
              "Check that the address is that of a Kubernetes API server");
}

awaitable<Result<json::value>> read_object(Call& call, std::string target, std::string kind) {
  auto object = co_await call.client.get(target, call.deadline);
  if (!object) co_return fail(std::move(object.error()));
  auto expected = expect_kind(*object, kind, "GET " + target);
  if (!expected) co_return fail(std::move(expected.error()));
  co_return object;
}

awaitable<Result<json::array>> read_events(Call& call, std::string ns, std::string kind, std::string name,
                                           std::string* note) {
  constexpr std::size_t most = 50, word = 128, text = 1024;
  struct Seen {
    std::string type, reason, message;
    std::int64_t count = 0;
    std::int64_t last = 0;
  };
  std::vector<Seen> seen;
  std::unordered_map<std::string, std::size_t> index;
  std::string target = kube::ResourcePath{"", "v1", "events", ns, {}, {}}.text();
  kube::add_query(target, "fieldSelector",
                  "involvedObject.kind=" + kind + ",involvedObject.name=" + selector_value(name));
  auto each = [&](const kube::EventView& event) {
    auto [same, fresh] = index.emplace(clip(event.reason, word) + '\n' + clip(event.message, text), seen.size());
    if (fresh)
      seen.push_back({clip(event.type, word), clip(event.reason, word), clip(redact::text(event.message), text)});
    seen[same->second].count += event.times();
    seen[same->second].last = std::max(seen[same->second].last, event.last_seen().value_or(0));
  };
  auto restart = [&] {
    seen.clear();
    index.clear();
  };
  auto read = co_await read_objects<kube::EventView>(call, target, "EventList", restart, each);
  if (!read) co_return fail(std::move(read.error()));
  json::array out;
  std::stable_sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.last > b.last; });
  if (seen.size() > most) {
    *note = std::to_string(seen.size() - most) + " older events not shown: list_events has them all";
    seen.resize(most);
  }
  for (const auto& event : seen) {
    out.push_back(
        json::object{{"type", event.type},
                     {"reason", event.reason},
                     {"message", event.message},
                     {"count", event.count},
                     {"last_seen", event.last ? json::value(format_rfc3339(event.last)) : json::value(nullptr)}});
  }
  co_return out;
}

json::array event_lines(const json::array& events, std::int64_t now) {
  json::array lines;
  for (const auto& event : events) {
    std::string line = std::string(text_at(event, {"type"})) + " " + std::string(text_at(event, {"reason"}));
    if (auto count = integer_at(event, {"count"}); count > 1) line += " x" + std::to_string(count);
    if (auto seen = parse_rfc3339(text_at(event, {"last_seen"})))
      line += " (" + human_duration(std::chrono::seconds(now - *seen)) + " ago)";
    lines.emplace_back(line + ": " + std::string(text_at(event, {"message"})));
  }
  return lines;
}

awaitable<Document> with_events(Call& call, json::object brief, json::object whole, std::string ns, std::string kind,
                                std::string name, std::vector<std::string>& notes) {
  std::string note;
  auto events = co_await read_events(call, std::move(ns), std::move(kind), std::move(name), &note);
  if (!events) note = "events could not be read: " + std::string(to_string(events.error().code));
  if (!note.empty()) notes.push_back(std::move(note));
  brief["events"] = events ? json::value(event_lines(*events, call.clock.unix_seconds())) : json::value(nullptr);
  whole["events"] = events ? json::value(std::move(*events)) : json::value(nullptr);
  co_return Document{std::move(whole), std::move(brief)};
}

}  // namespace fairlead::ops
