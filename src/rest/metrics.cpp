#include "rest/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace fairlead::rest {
namespace {

// Resident memory in bytes; 0: the system does not say.
std::uint64_t resident() {
  unsigned long long all = 0, pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (!file) return 0;
  const bool read = std::fscanf(file, "%llu %llu", &all, &pages) == 2;
  std::fclose(file);
  return read ? pages * static_cast<unsigned long long>(::sysconf(_SC_PAGESIZE)) : 0;
}

void describe(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

}  // namespace

void Metrics::request(std::string_view method, std::string_view route, int status, Duration took) {
  ++requests_[fmt::format("method=\"{}\",route=\"{}\",status=\"{}\"", method, route, status)];
  Histogram& histogram = durations_[fmt::format("route=\"{}\"", route)];
  const double seconds = std::chrono::duration<double>(took).count();
  std::size_t at = 0;
  while (at < kBounds.size() && seconds > kBounds[at]) ++at;
  ++histogram.buckets[at];
  histogram.sum += seconds;
}

void Metrics::call(std::string_view operation, std::string_view outcome) {
  ++calls_[fmt::format("operation=\"{}\",outcome=\"{}\"", operation, outcome)];
}

std::string Metrics::text() const {
  std::string out;
  describe(out, "fairlead_http_requests_total", "counter", "Requests answered");
  for (const auto& [labels, count] : requests_)
    out += fmt::format("fairlead_http_requests_total{{{}}} {}\n", labels, count);
  describe(out, "fairlead_http_request_duration_seconds", "histogram", "Time from a request to its whole answer");
  for (const auto& [labels, histogram] : durations_) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < histogram.buckets.size(); ++i) {
      count += histogram.buckets[i];
      const std::string bound = i < kBounds.size() ? fmt::format("{}", kBounds[i]) : "+Inf";
      out += fmt::format("fairlead_http_request_duration_seconds_bucket{{{},le=\"{}\"}} {}\n", labels, bound, count);
    }
    out += fmt::format("fairlead_http_request_duration_seconds_sum{{{}}} {}\n", labels, histogram.sum);
    out += fmt::format("fairlead_http_request_duration_seconds_count{{{}}} {}\n", labels, count);
  }
  describe(out, "fairlead_calls_total", "counter", "Calls of operations by what became of them");
  for (const auto& [labels, count] : calls_) out += fmt::format("fairlead_calls_total{{{}}} {}\n", labels, count);
  describe(out, "fairlead_uptime_seconds", "gauge", "Seconds since this process began to serve");
  out += fmt::format("fairlead_uptime_seconds {}\n", clock_.unix_seconds() - started_);
  describe(out, "process_resident_memory_bytes", "gauge", "Resident memory");
  out += fmt::format("process_resident_memory_bytes {}\n", resident());
  return out;
}

}  // namespace fairlead::rest
