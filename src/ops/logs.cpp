#include <fmt/format.h>

#include <algorithm>

#include "ops/catalog.h"
#include "ops/list.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kCap = 1 << 20;
constexpr std::int64_t kTail = 100;

// Keeps the last bytes of a log: its end says most.
class TailSink final : public net::BodySink {
 public:
  Result<void> on_head(const net::HttpHead& head) override {
    // A page to log in at is no log.
    const std::string_view type = head.header("Content-Type");
    if (type.starts_with("text/html") || type.starts_with("application/json"))
      return fail(ErrorCode::server_error, "read the log", "the answer is no log (" + std::string(type) + ")",
                  "Check that the address is that of a Kubernetes API server");
    text_.clear();
    dropped_ = 0;
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    text_.append(bytes);
    if (text_.size() > 2 * kCap) drop(text_.size() - kCap);
    return net::Flow::more;
  }
  // From the first whole line that fits the cap on.
  std::string take() {
    if (text_.size() > kCap) drop(text_.size() - kCap);
    if (dropped_ > 0) {
      std::size_t line = text_.find('\n');
      if (line != std::string::npos && line + 1 < text_.size()) drop(line + 1);
    }
    return std::move(text_);
  }
  bool any() const { return !text_.empty(); }
  std::size_t dropped() const { return dropped_; }

 private:
  void drop(std::size_t count) {
    text_.erase(0, count);
    dropped_ += count;
  }
  std::string text_;
  std::size_t dropped_ = 0;
};

// Who asks for all since a time gets all of it, as with kubectl.
std::optional<std::int64_t> tail_lines(const Call& call) {
  if (call.arguments.has("tail_lines")) return call.arguments.integer("tail_lines");
  if (call.arguments.has("since_seconds") || call.arguments.has("since_time")) return std::nullopt;
  return kTail;
}

std::string log_target(const Call& call, const std::string& container) {
  std::string ns = call.object_namespace();
  std::string name = call.arguments.text("name");
  std::string target = kube::ResourcePath{"", "v1", "pods", ns, name, "log"}.text();
  kube::add_query(target, "container", container);
  if (auto lines = tail_lines(call)) kube::add_query(target, "tailLines", std::to_string(*lines));
  if (call.arguments.has("since_seconds"))
    kube::add_query(target, "sinceSeconds", std::to_string(call.arguments.integer("since_seconds")));
  kube::add_query(target, "sinceTime", call.arguments.text("since_time"));
  if (call.arguments.flag("previous")) kube::add_query(target, "previous", "true");
  if (call.arguments.flag("timestamps")) kube::add_query(target, "timestamps", "true");
  return target;
}

// The container that kubectl would take: the one the pod's annotation names, else the first. An annotation may hold any
// text, so it counts only when there is such a container.
std::string default_container(const json::value& pod, std::string* others) {
  std::vector<std::string> names;
  for (auto key : {"containers", "initContainers", "ephemeralContainers"})
    for (const auto& container : array_at(pod, {"spec", key}))
      if (auto name = text_at(container, {"name"}); !why_not_label(name)) names.emplace_back(name);
  std::string chosen(text_at(pod, {"metadata", "annotations", "kubectl.kubernetes.io/default-container"}));
  if (std::find(names.begin(), names.end(), chosen) == names.end()) chosen = names.empty() ? "" : names[0];
  for (const auto& name : names)
    if (name != chosen) *others += (others->empty() ? "" : ", ") + name;
  return chosen;
}

awaitable<Result<Reply>> get_pod_logs(Call& call) {
  if (call.arguments.has("since_seconds") && call.arguments.has("since_time"))
    co_return fail(ErrorCode::invalid_request, "get_pod_logs", "since_seconds and since_time are both given",
                   "Give one of them");
  TailSink sink;
  Reply reply;
  std::string container = call.arguments.text("container");
  auto read = co_await call.client.read(log_target(call, container), "*/*", sink, call.deadline);
  if (!read && container.empty() && read.error().code == ErrorCode::invalid_request &&
      read.error().foreign.find("container name must be specified") != std::string::npos) {
    std::string ns = call.object_namespace();
    std::string name = call.arguments.text("name");
    auto pod = co_await call.client.get(kube::ResourcePath{"", "v1", "pods", ns, name, {}}.text(), call.deadline);
    if (!pod) co_return fail(std::move(pod.error()));
    std::string others;
    container = default_container(*pod, &others);
    reply.notes.push_back(fmt::format("this is container {}; the pod also has: {}", container, others));
    read = co_await call.client.read(log_target(call, container), "*/*", sink, call.deadline);
  }
  // A log that goes on for ever, or a slow one: what came is worth more than an error.
  if (!read && read.error().code == ErrorCode::timeout && sink.any()) {
    reply.notes.push_back("the log did not end in time: this is what came until then");
    read = Result<void>();
  }
  if (!read) {
    if (read.error().code == ErrorCode::invalid_request && !read.error().foreign.empty())
      read.error().remedy = call.arguments.flag("previous")
                                ? "The container has not ended before: leave out previous"
                                : "describe_pod shows the pod's containers and why they wait";
    co_return fail(std::move(read.error()));
  }
  std::string text = redact::text(sink.take());
  if (!call.arguments.has("tail_lines") && std::count(text.begin(), text.end(), '\n') == tail_lines(call).value_or(-1))
    reply.notes.push_back(fmt::format("these are the last {} lines; tail_lines or since_seconds shows more", kTail));
  if (text.empty()) reply.notes.push_back("the log is empty");
  reply.body = Text{std::move(text), sink.dropped()};
  co_return reply;
}

}  // namespace

std::vector<Operation> pod_log_operations() {
  return {{
      .name = "get_pod_logs",
      .family = "pods",
      .summary = "Retrieve logs from a pod container with tail lines, since time, and previous container support",
      .parameters = object_parameters(
          true,
          {{.name = "container",
            .type = ParameterType::container,
            .meaning = "Which container, init and ephemeral ones too; left out: the pod's default one"},
           {.name = "tail_lines",
            .type = ParameterType::integer,
            .meaning = "So many lines from the end; left out: 100, or all since the given time",
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
      .access = {{"", "pods/log", {"get"}}, {"", "pods", {"get"}}},
      .run = get_pod_logs,
      .example = "--namespace shop --name web-0 --tail_lines 20",
  }};
}

}  // namespace fairlead::ops
