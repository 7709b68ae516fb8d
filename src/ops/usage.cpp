#include "ops/usage.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "kube/messages.h"
#include "kube/protobuf_list.h"
#include "kube/quantity.h"
#include "net/task.h"
#include "ops/pod_resources.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::string_view kAccept = "application/vnd.kubernetes.protobuf,application/json;q=0.9";
constexpr std::size_t kDocument = 32 << 20;

// Metrics servers write billionths or millionths of a core; all other forms are whole thousandths.
std::int64_t cpu_nano(std::string_view quantity) {
  constexpr std::int64_t most = 1'000'000'000'000'000;  // nanocores: a million cores
  for (auto [suffix, nanos] : {std::pair{'n', 1}, std::pair{'u', 1000}}) {
    if (!quantity.ends_with(suffix)) continue;
    std::int64_t value = 0;
    const char* end = quantity.data() + quantity.size() - 1;
    auto [stop, error] = std::from_chars(quantity.data(), end, value);
    if (error == std::errc() && stop == end) return std::clamp<std::int64_t>(value, 0, most / nanos) * nanos;
  }
  return std::clamp<std::int64_t>(kube::parse_quantity_milli(quantity).value_or(0), 0, most / 1'000'000) * 1'000'000;
}

// A list of metrics in whichever of the two forms the server has: a server of its own answers them, not always one that
// knows protobuf.
class MetricsSink final : public net::BodySink {
 public:
  MetricsSink(std::string kind, kube::OnItem on_item, std::function<void()> restart)
      : kind_(std::move(kind)), on_item_(std::move(on_item)), restart_(std::move(restart)) {}

  Result<void> on_head(const net::HttpHead& head) override {
    text_.clear();
    protobuf_.reset();
    restart_();
    if (!head.header("Content-Type").starts_with("application/vnd.kubernetes.protobuf")) return {};
    kube::ListDecoder::Options options;
    options.kind = kind_;
    protobuf_.emplace(std::move(options), on_item_);
    return protobuf_->on_head(head);
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    if (protobuf_) return protobuf_->on_body(bytes);
    if (text_.size() + bytes.size() > kDocument)
      return fail(ErrorCode::server_error, "read the metrics", "they are larger than 32 MiB",
                  "Narrow them by namespace or label_selector");
    text_.append(bytes);
    return net::Flow::more;
  }

  // After the exchange has ended: for JSON each item is handed on now.
  Result<void> finish(const std::function<void(const json::value&)>& each) {
    if (protobuf_) {
      auto meta = protobuf_->finish();
      if (!meta) return fail(std::move(meta.error()));
      return {};
    }
    auto list = parse_json(text_, "read the metrics", JsonLimits{.nodes = 1'000'000});
    if (!list || text_at(*list, {"kind"}) != kind_)
      return fail(ErrorCode::server_error, "read the metrics", "the answer is no " + kind_,
                  "Look at the server behind metrics.k8s.io, and at proxies on the way");
    for (const auto& item : array_at(*list, {"items"})) each(item);
    return {};
  }

 private:
  const std::string kind_;
  kube::OnItem on_item_;
  std::function<void()> restart_;
  std::optional<kube::ProtobufListSink> protobuf_;
  std::string text_;
};

// In words that tell what to do: kubectl top says no more than "Metrics API not available".
Error without_metrics(Error error) {
  if (error.code == ErrorCode::not_found) {
    error.cause = "this cluster does not measure what pods and nodes use: it does not serve metrics.k8s.io";
    error.remedy = "Have metrics-server installed (github.com/kubernetes-sigs/metrics-server)";
    error.foreign.clear();
  } else if (error.code == ErrorCode::server_error && error.cause.starts_with("the server answered")) {
    error.cause += ": metrics.k8s.io is registered, but the server behind it does not serve it";
    error.remedy = "Look at the pods of metrics-server, mostly in kube-system, or have it installed";
  }
  return error;
}

awaitable<Result<void>> read_metrics(Call& call, std::string target, std::string kind, const kube::Message* message,
                                     std::function<void()> restart, std::function<void(const json::value&)> each) {
  std::array<unsigned char, 8 << 10> first;
  auto decode = [&](std::string_view object) -> Result<net::Flow> {
    json::monotonic_resource memory(first.data(), first.size());
    auto value = kube::read_message(object, *message, &memory);
    if (!value) return fail(std::move(value.error()));
    each(*value);
    return net::Flow::more;
  };
  MetricsSink sink(std::move(kind), decode, std::move(restart));
  std::string accept(kAccept);
  auto done = co_await call.client.read(std::move(target), std::move(accept), sink, call.deadline);
  if (!done) co_return fail(without_metrics(std::move(done.error())));
  co_return sink.finish(each);
}

std::string metrics_target(std::string_view plural, std::string_view ns, std::string_view label_selector) {
  std::string target = kube::ResourcePath{"metrics.k8s.io", "v1beta1", plural, ns, {}, {}}.text();
  kube::add_query(target, "labelSelector", label_selector);
  return target;
}

// The rows with the two cells of each added.
Rows with_usage(const Rows& rows, std::size_t columns, const UsageByName& usage, const UsageKey& key) {
  Rows out;
  out.reserve(rows.size(), columns + 2);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    out.begin_row(rows.rank(row), rows.tie(row));
    for (std::size_t column = 0; column < columns; ++column) out.copy(rows, row, column);
    const auto found = usage.find(key(rows, row));
    const bool measured = found != usage.end();
    measured ? out.integer(found->second.millicores()) : out.empty();
    measured ? out.integer(found->second.memory) : out.empty();
  }
  return out;
}

}  // namespace

Usage& Usage::operator+=(const Usage& other) {
  add_to(cpu_nano, other.cpu_nano);
  add_to(memory, other.memory);
  return *this;
}

Usage usage_of(const json::value& object) {
  Usage out;
  out.cpu_nano = cpu_nano(text_at(object, {"usage", "cpu"}));
  out.memory = std::max<std::int64_t>(kube::parse_quantity(text_at(object, {"usage", "memory"})).value_or(0), 0);
  return out;
}

Usage pod_usage(const json::value& pod) {
  Usage sum;
  for (const auto& container : array_at(pod, {"containers"})) sum += usage_of(container);
  return sum;
}

awaitable<Result<void>> read_pod_metrics(Call& call, std::string ns, std::string label_selector,
                                         std::function<void()> restart, std::function<void(const json::value&)> each) {
  std::string target = metrics_target("pods", ns, label_selector);
  co_return co_await read_metrics(call, std::move(target), "PodMetricsList", &kube::messages::pod_metrics,
                                  std::move(restart), std::move(each));
}

awaitable<Result<void>> read_node_metrics(Call& call, std::string label_selector, std::function<void()> restart,
                                          std::function<void(const json::value&)> each) {
  std::string target = metrics_target("nodes", "", label_selector);
  co_return co_await read_metrics(call, std::move(target), "NodeMetricsList", &kube::messages::node_metrics,
                                  std::move(restart), std::move(each));
}

awaitable<Result<UsageByName>> pods_usage(Call& call, std::string ns, std::string label_selector) {
  UsageByName out;
  auto each = [&out](const json::value& pod) {
    std::string key(text_at(pod, {"metadata", "namespace"}));
    out[key.append("/").append(text_at(pod, {"metadata", "name"}))] = pod_usage(pod);
  };
  auto read = co_await read_pod_metrics(
      call, std::move(ns), std::move(label_selector), [&out] { out.clear(); }, each);
  if (!read) co_return fail(std::move(read.error()));
  co_return out;
}

awaitable<Result<UsageByName>> nodes_usage(Call& call, std::string label_selector) {
  UsageByName out;
  auto each = [&out](const json::value& node) {
    out[std::string(text_at(node, {"metadata", "name"}))] = usage_of(node);
  };
  auto read = co_await read_node_metrics(
      call, std::move(label_selector), [&out] { out.clear(); }, each);
  if (!read) co_return fail(std::move(read.error()));
  co_return out;
}

awaitable<Result<Usage>> node_usage(Call& call, std::string name) {
  std::string target = kube::ResourcePath{"metrics.k8s.io", "v1beta1", "nodes", {}, name, {}}.text();
  auto metrics = co_await call.client.get(std::move(target), call.deadline);
  if (metrics) co_return usage_of(*metrics);
  // The kind is there where the answer names the object: this node is not measured.
  const auto* details = metrics.error().status ? metrics.error().status->if_contains("details") : nullptr;
  if (metrics.error().code == ErrorCode::not_found && details && text_at(*details, {"name"}) == name)
    co_return fail(ErrorCode::not_found, "", "the metrics server has measured nothing on this node");
  co_return fail(without_metrics(std::move(metrics.error())));
}

Parameter usage_parameter() {
  return {.name = "usage",
          .type = ParameterType::boolean,
          .meaning = "Also what each uses now, where the cluster has a metrics server"};
}

bool wants_usage(const Call& call) {
  if (call.arguments.flag("usage")) return true;
  const auto columns = call.arguments.list("columns");
  return std::any_of(columns.begin(), columns.end(),
                     [](const std::string& column) { return column == kCpuUsage.name || column == kMemoryUsage.name; });
}

awaitable<Result<bool>> read_with_usage(Call& call, awaitable<Result<kube::ListMeta>> reading,
                                        awaitable<Result<UsageByName>> measuring, Rows& rows, UsageKey key,
                                        std::vector<std::string>& notes) {
  if (!wants_usage(call)) {
    auto read = co_await std::move(reading);
    if (!read) co_return fail(std::move(read.error()));
    co_return false;
  }
  auto got = co_await net::both(std::move(reading), std::move(measuring));
  if (!got.first) co_return fail(std::move(got.first.error()));
  if (got.second)
    rows = with_usage(rows, call.operation.columns.size() - 2, *got.second, key);
  else
    notes.push_back(no_usage(got.second.error()));
  co_return got.second.has_value();
}

void settle_usage(Table& table, bool measured) {
  if (measured) {
    for (std::size_t i = table.columns.size() - 2; i < table.columns.size(); ++i) table.columns[i].wide = false;
    return;
  }
  table.columns.resize(table.columns.size() - 2);
  std::erase_if(table.chosen, [&](std::uint32_t column) { return column >= table.columns.size(); });
}

std::string no_usage(const Error& error) {
  return "usage is left out: " + (error.code == ErrorCode::permission_denied
                                      ? std::string("you may not read metrics.k8s.io")
                                      : redact::text(error.cause));
}

}  // namespace fairlead::ops
