#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/text.h"
#include "net/task.h"
#include "ops/catalog.h"
#include "ops/grep.h"
#include "ops/list.h"
#include "ops/log_tail.h"
#include "ops/pod_logs.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kCap = 1 << 20;        // of the answer
constexpr std::size_t kSearched = 16 << 20;  // of what is searched
constexpr std::int64_t kTail = 100;
constexpr std::size_t kLogsAtOnce = 4;  // of one pod: each takes up to twice what is kept of it

// One container's log: credentials cut out, then searched, so that a search cannot take the beginning of a key away
// from the rest of it.
struct Log {
  std::string text;
  std::size_t left_out = 0;  // bytes
  std::vector<std::string> notes;
};

awaitable<Result<Log>> read_log(Call& call, std::string container) {
  const bool searched = call.arguments.has("grep");
  Log log;
  LogQuery query;
  query.target = log_target(call, container);
  query.lines = tail_lines(call);
  query.most_bytes = searched ? kSearched : kCap;
  query.timestamps = call.arguments.flag("timestamps");
  query.since = call.arguments.has("since_seconds") || call.arguments.has("since_time");
  auto read = co_await read_log_tail(call, std::move(query));
  if (!read) co_return fail(std::move(read.error()));
  if (read->did_not_end) log.notes.push_back("the log did not end in time: this is what came until then");
  log.text = std::move(read->text);
  log.left_out = read->left_out;
  if (searched) {
    const Pattern pattern(call.arguments.text("grep"));
    const std::size_t bytes = log.text.size();
    Found found = grep(log.text, pattern, static_cast<std::size_t>(call.arguments.integer("context_lines", 0)));
    log.notes.push_back(fmt::format("{} lines match in the last {} bytes{}", found.matches, bytes,
                                    log.left_out > 0 ? "; what came before was not searched" : ""));
    log.text = std::move(found.text);
    log.left_out = 0;
    if (log.text.size() > kCap) {
      log.left_out = log.text.size() - kCap;
      log.text.erase(0, log.left_out);
    }
    co_return log;
  }
  if (read->more_lines && !call.arguments.has("tail_lines"))
    log.notes.push_back(fmt::format("these are the last {} lines; tail_lines or since_seconds shows more", kTail));
  if (log.text.empty()) log.notes.push_back("the log is empty");
  co_return log;
}

// Keeps the last lines that fit the cap.
void cut_at_line(Text& log) {
  if (log.text.size() <= kCap) return;
  const std::size_t line = std::min(log.text.size() - 1, log.text.find('\n', log.text.size() - kCap - 1));
  log.left_out += line + 1;
  log.text.erase(0, line + 1);
}

awaitable<Result<Reply>> read_all_logs(Call& call) {
  auto pod = co_await read_pod(call);
  if (!pod) co_return fail(std::move(pod.error()));
  const std::vector<Container> containers = containers_of(*pod);
  std::function<awaitable<Result<Log>>(std::size_t)> start = [&](std::size_t i) {
    return read_log(call, containers[i].name);
  };
  auto logs = co_await net::gather_bounded<Log>(containers.size(), kLogsAtOnce, start);
  Reply reply;
  Text all{{}, 0, true};
  std::size_t read = 0;
  std::optional<Error> first;
  for (std::size_t i = 0; i < containers.size(); ++i) {
    auto& log = logs[i];
    if (!log && log.error().code == ErrorCode::cancelled) co_return fail(std::move(log.error()));
    if (!log) {
      reply.notes.push_back(why_left_out(containers[i].name, log.error()));
      if (!first) first = std::move(log.error());
      continue;
    }
    ++read;
    all.text += prefixed(log->text, containers[i].name);
    all.left_out += log->left_out;
    for (const auto& note : log->notes) reply.notes.push_back(containers[i].name + ": " + note);
    log->text = {};
    cut_at_line(all);
  }
  if (read == 0 && first) co_return fail(std::move(*first));
  reply.body = std::move(all);
  co_return reply;
}

awaitable<Result<Reply>> get_pod_logs(Call& call) {
  if (auto checked = check_log_arguments(call); !checked) co_return fail(std::move(checked.error()));
  if (Follower* follower = call.progress ? call.progress->follower() : nullptr)
    co_return co_await follow_pod_logs(call, *follower);
  if (call.arguments.flag("all_containers")) co_return co_await read_all_logs(call);
  Reply reply;
  std::string container = call.arguments.text("container");
  auto log = co_await read_log(call, container);
  if (!log && container.empty() && asks_for_container(log.error())) {
    auto pod = co_await read_pod(call);
    if (!pod) co_return fail(std::move(pod.error()));
    std::string others;
    container = default_container(*pod, &others);
    reply.notes.push_back(fmt::format("this is container {}; the pod also has: {}", container, others));
    log = co_await read_log(call, container);
  }
  if (!log) co_return fail(explain_log_error(call, std::move(log.error())));
  std::move(log->notes.begin(), log->notes.end(), std::back_inserter(reply.notes));
  reply.body = Text{std::move(log->text), log->left_out};
  co_return reply;
}

}  // namespace

// Who asks for all since a time gets all of it, as with kubectl; what is searched is searched whole.
std::optional<std::int64_t> tail_lines(const Call& call) {
  if (call.arguments.has("tail_lines")) return call.arguments.integer("tail_lines");
  for (auto bound : {"since_seconds", "since_time", "grep"})
    if (call.arguments.has(bound)) return std::nullopt;
  return kTail;
}

Result<void> check_log_arguments(const Call& call) {
  auto both = [&](std::string_view a, std::string_view b) { return call.arguments.has(a) && call.arguments.has(b); };
  if (both("since_seconds", "since_time"))
    return fail(ErrorCode::invalid_request, "get_pod_logs", "since_seconds and since_time are both given",
                "Give one of them");
  if (call.arguments.flag("all_containers") && call.arguments.has("container"))
    return fail(ErrorCode::invalid_request, "get_pod_logs", "container and all_containers are both given",
                "Give one of them");
  if (call.arguments.has("context_lines") && !call.arguments.has("grep"))
    return fail(ErrorCode::invalid_request, "get_pod_logs", "context_lines is given without grep",
                "Give grep, whose matches it surrounds");
  return {};
}

std::optional<std::int64_t> wanted_since(const Call& call, const net::HttpHead& answer) {
  if (!call.arguments.has("since_seconds")) return parse_rfc3339(call.arguments.text("since_time"));
  std::tm date{};
  const std::string said(answer.header("Date"));
  const bool told = strptime(said.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) != nullptr;
  return (told ? timegm(&date) : call.clock.unix_seconds()) - call.arguments.integer("since_seconds");
}

bool is_before(std::string_view time, std::optional<std::int64_t> since) {
  const auto second = parse_rfc3339(time);
  return since && second && *second < *since;
}

std::string log_target(const Call& call, const std::string& container) {
  std::string ns = call.object_namespace();
  std::string name = call.arguments.text("name");
  std::string target = kube::ResourcePath{"", "v1", "pods", ns, name, "log"}.text();
  kube::add_query(target, "container", container);
  if (call.arguments.has("since_seconds"))
    kube::add_query(target, "sinceSeconds", std::to_string(call.arguments.integer("since_seconds") + kSecondsAbove));
  if (const auto since = parse_rfc3339(call.arguments.text("since_time")))
    kube::add_query(target, "sinceTime", format_rfc3339(*since - kSecondsAbove));
  if (call.arguments.flag("previous")) kube::add_query(target, "previous", "true");
  return target;
}

std::vector<Container> containers_of(const json::value& pod) {
  std::vector<Container> out;
  for (auto key : {"initContainers", "containers", "ephemeralContainers"})
    for (const auto& container : array_at(pod, {"spec", key}))
      if (auto name = text_at(container, {"name"}); !why_not_label(name))
        out.push_back({std::string(name), std::string_view(key) == "initContainers"});
  return out;
}

// The one that the pod's annotation names, else the first. An annotation may hold any text, so it counts only when
// there is such a container.
std::string default_container(const json::value& pod, std::string* others) {
  const auto all = containers_of(pod);
  std::string chosen;
  const std::string_view annotated =
      text_at(pod, {"metadata", "annotations", "kubectl.kubernetes.io/default-container"});
  for (const auto& container : all)
    if (container.name == annotated || (chosen.empty() && !container.runs_once)) chosen = container.name;
  for (const auto& container : all)
    if (container.name != chosen) *others += (others->empty() ? "" : ", ") + container.name;
  return chosen;
}

bool asks_for_container(const Error& error) {
  return error.code == ErrorCode::invalid_request &&
         error.foreign.find("container name must be specified") != std::string::npos;
}

awaitable<Result<json::value>> read_pod(Call& call) {
  const std::string ns = call.object_namespace(), name = call.arguments.text("name");
  co_return co_await call.client.get(kube::ResourcePath{"", "v1", "pods", ns, name, {}}.text(), call.deadline);
}

Result<void> expect_log(const net::HttpHead& head) {
  const std::string_view type = head.header("Content-Type");
  if (type.starts_with("text/html") || type.starts_with("application/json"))
    return fail(Error{ErrorCode::server_error, "read the log", "the answer is no log",
                      "Check that the address is that of a Kubernetes API server", nullptr, std::string(type)});
  return {};
}

Error explain_log_error(const Call& call, Error error) {
  if (error.code == ErrorCode::invalid_request && !error.foreign.empty())
    error.remedy = call.arguments.flag("previous") ? "The container has not ended before: leave out previous"
                                                   : "describe_pod shows the pod's containers and why they wait";
  return error;
}

std::string why_left_out(const std::string& container, const Error& error) {
  const std::string code(to_string(error.code));
  if (error.code == ErrorCode::invalid_request) return container + ": " + code + ", as of a container that has not run";
  return container + ": " + code + ": " + error.cause;
}

TimedLines split_times(std::string_view log) {
  constexpr std::size_t longest = 40;
  TimedLines out;
  out.text.reserve(log.size());
  while (!log.empty()) {
    const std::size_t end = log.find('\n');
    std::string_view line = log.substr(0, end);
    log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
    const std::size_t blank = line.substr(0, longest).find(' ');
    const bool timed = blank != std::string_view::npos && parse_rfc3339(line.substr(0, blank));
    out.times.push_back(timed ? line.substr(0, blank) : std::string_view());
    out.text.append(timed ? line.substr(blank + 1) : line).append("\n");
  }
  return out;
}

std::string prefixed(std::string_view text, const std::string& container) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += "[" + container + "] " + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::vector<Operation> pod_log_operations() {
  return {{
      .name = "get_pod_logs",
      .family = "pods",
      .summary = "Retrieve logs from a pod container with tail lines, since time, grep, all containers at once, and "
                 "previous container "
                 "support",
      .parameters = object_parameters(
          true,
          {{.name = "container",
            .type = ParameterType::container,
            .meaning = "Which container, init and ephemeral ones too; left out: the pod's default one"},
           {.name = "all_containers",
            .type = ParameterType::boolean,
            .meaning = "Of every container of the pod, each line with its name"},
           {.name = "grep",
            .type = ParameterType::regex,
            .meaning = "Only lines that match this regular expression (RE2), of the whole log unless it is bounded"},
           {.name = "context_lines",
            .type = ParameterType::integer,
            .meaning = "With grep: so many lines around each match",
            .minimum = 0,
            .maximum = 100},
           {.name = "tail_lines",
            .type = ParameterType::integer,
            .meaning = "So many lines from the end; left out: 100, or all since the given time or where grep is given",
            .minimum = 1,
            .maximum = 1000000},
           {.name = "since_seconds",
            .type = ParameterType::integer,
            .meaning = "Only what is newer than so many seconds",
            .minimum = 1,
            .maximum = 100000000},
           {.name = "since_time", .type = ParameterType::time, .meaning = "Only what is newer than this RFC 3339 time"},
           {.name = "previous",
            .type = ParameterType::boolean,
            .meaning = "The container's previous run, as after a crash"},
           {.name = "timestamps", .type = ParameterType::boolean, .meaning = "Each line with its time"}}),
      .access = {{"", "pods/log", {"get"}},
                 {"", "pods", {"get"}, Reach::call_namespace, true}},  // which containers a pod has
      .run = get_pod_logs,
      .example = "--namespace monitoring --name prometheus-0 --grep 'error|panic' --context_lines 3",
      .follows = true,
  }};
}

}  // namespace fairlead::ops
