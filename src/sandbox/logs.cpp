#include "sandbox/logs.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sandbox/behaviour.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t kept_lines = 20'000;
constexpr std::int64_t startup_lines = 4;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9E3779B97F4A7C15ull + b + 0x7F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t out = 1469598103934665603ull;
  for (char c : text) out = (out ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return out;
}

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& from, std::uint64_t random) {
  return from[random % N];
}

constexpr std::array<std::string_view, 8> paths{
    "/",           "/healthz",       "/api/cart", "/api/products?page=2", "/api/products/4711",
    "/api/orders", "/static/app.js", "/metrics"};
constexpr std::array<std::string_view, 6> methods{"GET", "GET", "GET", "GET", "POST", "PUT"};
constexpr std::array<std::string_view, 4> agents{"kube-probe/1.36", "Mozilla/5.0 (X11; Linux x86_64)", "curl/8.14.1",
                                                 "okhttp/4.12.0"};
constexpr std::array<std::string_view, 5> jobs{"send_receipt", "resize_image", "reindex_product", "sync_inventory",
                                               "expire_cart"};
constexpr std::array<std::string_view, 4> names{"payments.shop.svc.cluster.local.", "redis.shop.svc.cluster.local.",
                                                "kubernetes.default.svc.cluster.local.", "api.example.com."};

std::string http_line(std::uint64_t r, std::int64_t at_ms) {
  std::string time = format_rfc3339(at_ms / 1000);
  int status = r % 97 == 0 ? 500 : r % 23 == 0 ? 404 : 200;
  return "10.244." + std::to_string(r % 5) + "." + std::to_string(2 + (r >> 8) % 250) + " - - [" + time + "] \"" +
         std::string(pick(methods, r >> 16)) + " " + std::string(pick(paths, r >> 20)) + " HTTP/1.1\" " +
         std::to_string(status) + " " + std::to_string(120 + (r >> 24) % 9000) + " \"" +
         std::string(pick(agents, r >> 40)) + "\" " + std::to_string(1 + (r >> 44) % 180) + "ms";
}

std::string worker_line(std::uint64_t r, std::int64_t) {
  std::string job(pick(jobs, r >> 4));
  std::string id = std::to_string(100000 + (r >> 12) % 899999);
  if (r % 41 == 0)
    return "level=warn msg=\"job failed, will retry\" job=" + job + " id=" + id +
           " attempt=1 error=\"upstream timed out after 5s\"";
  return "level=info msg=\"job done\" job=" + job + " id=" + id + " took=" + std::to_string(3 + (r >> 32) % 900) + "ms";
}

std::string dns_line(std::uint64_t r, std::int64_t) {
  return "[INFO] 10.244." + std::to_string(r % 5) + "." + std::to_string(2 + (r >> 8) % 250) + ":" +
         std::to_string(30000 + (r >> 16) % 30000) + " - " + std::to_string((r >> 24) % 65535) + " \"A IN " +
         std::string(pick(names, r >> 40)) + " udp 54 false 512\" NOERROR qr,aa,rd 106 0.000" +
         std::to_string(100 + (r >> 44) % 800) + "s";
}

}  // namespace

std::string log_timestamp(std::int64_t at_ms) {
  std::string out = format_rfc3339(at_ms / 1000);
  std::string millis = std::to_string(at_ms % 1000);
  out.insert(out.size() - 1, "." + std::string(3 - millis.size(), '0') + millis + "000000");
  return out + " ";
}

ContainerLog::ContainerLog(std::uint64_t seed, std::string program, std::int64_t started_at,
                           std::optional<std::int64_t> until, std::vector<std::string> last_words)
    : seed_(seed),
      program_(std::move(program)),
      run_ms_(started_at * 1000),
      start_ms_(run_ms_),
      until_(until),
      last_words_(std::move(last_words)) {
  period_ms_ = 1500 + static_cast<std::int64_t>(seed % 5000);
  if (program_ == "wait") period_ms_ = 2000;
}

void ContainerLog::follow(std::shared_ptr<const RecordedLog> recorded) {
  recorded_ = std::move(recorded);
  if (recorded_) start_ms_ = recorded_->handed_over().value_or(run_ms_);
}

std::int64_t ContainerLog::time_of(std::int64_t index) const {
  if (until_) {
    // What it says last, it says in the last moments.
    std::int64_t total = made_up(0);
    std::int64_t from_end = total - 1 - index;
    if (from_end < static_cast<std::int64_t>(last_words_.size())) return *until_ * 1000 - from_end * 3;
  }
  if (index < startup_lines) return start_ms_ + index * 37;
  std::int64_t jitter =
      static_cast<std::int64_t>(mix(seed_, static_cast<std::uint64_t>(index)) % static_cast<std::uint64_t>(period_ms_));
  return start_ms_ + (index - startup_lines + 1) * period_ms_ + jitter * 9 / 10;
}

std::int64_t ContainerLog::count(std::int64_t now_ms) const { return recorded_count() + made_up(now_ms); }

std::int64_t ContainerLog::made_up(std::int64_t now_ms) const {
  if (silent()) return 0;
  if (program_ == "quiet") return until_ ? static_cast<std::int64_t>(last_words_.size()) : 0;
  std::int64_t end = until_ ? *until_ * 1000 : now_ms;
  if (end < start_ms_) return until_ ? static_cast<std::int64_t>(last_words_.size()) : 0;
  std::int64_t lines = startup_lines + std::max<std::int64_t>(0, (end - start_ms_) / period_ms_ - 1);
  if (until_) return lines + static_cast<std::int64_t>(last_words_.size());
  return lines;
}

std::int64_t ContainerLog::kept_from(std::int64_t now_ms) const {
  return std::max(recorded_ ? recorded_->first() : 0, count(now_ms) - kept_lines);
}

std::string ContainerLog::text_of(std::int64_t index, std::int64_t at_ms) const {
  std::uint64_t r = mix(seed_ ^ 0x5bd1e995, static_cast<std::uint64_t>(index));
  if (until_) {
    std::int64_t from_end = made_up(0) - 1 - index;
    if (from_end < static_cast<std::int64_t>(last_words_.size()))
      return last_words_[last_words_.size() - 1 - static_cast<std::size_t>(from_end)];
  }
  if (program_ == "wait") return "waiting for search-index.shop.svc.cluster.local:9200 ... connection refused";
  if (program_ == "job") return "step " + std::to_string(index + 1) + ": " + std::to_string(200 + r % 4000) + " rows";
  if (index < startup_lines) {
    constexpr std::array<std::string_view, 4> start{"starting, version 1.0",
                                                    "configuration read from /etc/app/config.yaml",
                                                    "connected to its dependencies", "ready"};
    return "level=info msg=\"" + std::string(start[static_cast<std::size_t>(index)]) + "\"";
  }
  if (program_ == "worker") return worker_line(r, at_ms);
  if (program_ == "dns") return dns_line(r, at_ms);
  if (program_ == "metrics")
    return "ts=" + format_rfc3339(at_ms / 1000) +
           " level=info component=tsdb msg=\"compaction done\" blocks=" + std::to_string(r % 9) +
           " took=" + std::to_string(20 + r % 700) + "ms";
  if (program_ == "store")
    return std::to_string(at_ms / 1000) + ":M * " + std::to_string(1 + r % 900) + " changes in 300 seconds. Saving...";
  if (program_ == "proxy")
    return "I1123 proxier.go:" + std::to_string(400 + r % 900) +
           "] \"Syncing rules\" services=" + std::to_string(20 + r % 60) + " took=\"" + std::to_string(2 + r % 90) +
           "ms\"";
  return http_line(r, at_ms);
}

std::int64_t ContainerLog::next_at_ms(std::int64_t index) const {
  if (index < recorded_count()) return recorded_->line(index).at_ms;
  return silent() ? 0 : time_of(index - recorded_count());
}

LogLine ContainerLog::line(std::int64_t index) const {
  if (index < recorded_count()) return index < recorded_->first() ? LogLine{0, "", false} : recorded_->line(index);
  index -= recorded_count();
  std::int64_t at = time_of(index);
  return LogLine{at, text_of(index, at), true};
}

namespace {

std::string names_of(const json::value& pod, std::string_view list) {
  std::string out;
  for (const json::value& container : array_at(pod, {"spec", list}))
    out += (out.empty() ? "" : " ") + std::string(text_at(container, {"name"}));
  return out;
}

const json::value* by_name(const json::array& list, std::string_view name) {
  for (const json::value& entry : list) {
    if (text_at(entry, {"name"}) == name) return &entry;
  }
  return nullptr;
}

std::string quoted(std::string_view text) { return compact(json::value(json::string(text))); }

}  // namespace

ApiResult<ContainerLog> find_log(const json::value& pod, const LogRequest& request, const RunLogs& recorded) {
  std::string pod_name(text_at(pod, {"metadata", "name"}));
  std::string name = request.container;
  if (name.empty()) {
    const json::array& containers = array_at(pod, {"spec", "containers"});
    if (containers.size() != 1) {
      std::string names = names_of(pod, "initContainers");
      names += (names.empty() ? "" : " ") + names_of(pod, "containers");
      return refuse(
          bad_request("a container name must be specified for pod " + pod_name + ", choose one of: [" + names + "]"));
    }
    name = text_at(containers.front(), {"name"});
  }
  const json::value* container = by_name(array_at(pod, {"spec", "containers"}), name);
  bool init = !container;
  if (!container) container = by_name(array_at(pod, {"spec", "initContainers"}), name);
  if (!container) return refuse(bad_request("container " + name + " is not valid for pod " + pod_name));
  if (text_at(pod, {"spec", "nodeName"}).empty()) return refuse(StatusError{204, "", "", {}});
  if (request.kubelet_error) {
    std::string host = request.kubelet_error->substr(9, request.kubelet_error->find(": ") - 9);  // behind "dial tcp "
    std::string path = std::string(text_at(pod, {"metadata", "namespace"})) + "/" + pod_name + "/" + name;
    return refuse(plain_error("Get \"https://" + host + "/containerLogs/" + path + (request.query.empty() ? "" : "?") +
                              request.query + "\": " + *request.kubelet_error));
  }
  const json::value* status =
      by_name(array_at(pod, {"status", init ? "initContainerStatuses" : "containerStatuses"}), name);
  std::int64_t restarts = status ? integer_at(*status, {"restartCount"}) : 0;
  const json::value* running = status ? find(*status, "state", "running") : nullptr;
  const json::value* terminated = status ? find(*status, "state", "terminated") : nullptr;
  const json::value* last = status ? find(*status, "lastState", "terminated") : nullptr;
  if (request.previous) {
    if (!last) {
      return refuse(
          bad_request("previous terminated container " + quoted(name) + " in pod " + quoted(pod_name) + " not found"));
    }
    // Between two runs the last one is still counted as the current one.
    if (running || terminated) restarts = std::max<std::int64_t>(0, restarts - 1);
    running = nullptr;
    terminated = last;
  } else if (!running && !terminated) {
    if (!last) {
      std::string reason(status ? text_at(*status, {"state", "waiting", "reason"}) : "");
      std::string text = "container " + quoted(name) + " in pod " + quoted(pod_name) + " is waiting to start: ";
      if (reason == "ImagePullBackOff" || reason == "ErrImagePull") {
        text += "trying and failing to pull image";
      } else {
        text += reason.empty() ? "ContainerCreating" : reason;
      }
      return refuse(bad_request(text));
    }
    terminated = last;  // between two runs, the log of the one that ended is shown
  }
  const json::value& run = terminated ? *terminated : *running;
  auto started = parse_rfc3339(text_at(run, {"startedAt"}));
  std::optional<std::int64_t> until;
  if (terminated) until = parse_rfc3339(text_at(run, {"finishedAt"}));
  if (terminated && !until) until = started;
  Behaviour behaviour = behaviour_of(*container);
  std::uint64_t seed =
      mix(hash_of(text_at(pod, {"metadata", "uid"})) ^ hash_of(name), static_cast<std::uint64_t>(restarts));
  std::vector<std::string> last_words;
  auto written = recorded.find(text_at(pod, {"metadata", "uid"}), name, restarts);
  if (terminated && !written) last_words = behaviour.last_words;
  ContainerLog out(seed, behaviour.program, started.value_or(0), until, std::move(last_words));
  out.follow(std::move(written));
  return out;
}

}  // namespace fairlead::sandbox
