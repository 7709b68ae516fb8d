#include "sandbox/behaviour.h"

#include <charconv>
#include <cmath>

namespace fairlead::sandbox {
namespace {

bool sets(const json::value& container, std::string_view variable) {
  for (const json::value& entry : array_at(container, {"env"})) {
    if (text_at(entry, {"name"}) == variable) return true;
  }
  return false;
}

struct Image {
  std::string_view part;  // of the image's name
  std::string_view program;
};
constexpr Image images[] = {
    {"coredns", "dns"},       {"kube-proxy", "proxy"},  {"etcd", "metrics"},       {"prometheus", "metrics"}, {"grafana", "http"},
    {"node-exporter", "metrics"}, {"worker", "worker"},   {"scheduler", "worker"},   {"migrate", "job"},        {"report", "job"},
    {"wait-for", "wait"},     {"redis", "store"},       {"postgres", "store"},     {"kube-apiserver", "proxy"}, {"controller-manager", "proxy"},
};

}  // namespace

std::int64_t quantity_milli(std::string_view text) {
  double value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc()) return 0;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double factor = 1;
  if (unit == "m") factor = 0.001;
  if (unit == "k") factor = 1e3;
  if (unit == "M") factor = 1e6;
  if (unit == "G") factor = 1e9;
  if (unit == "Ki") factor = 1024.0;
  if (unit == "Mi") factor = 1048576.0;
  if (unit == "Gi") factor = 1073741824.0;
  if (unit == "Ti") factor = 1099511627776.0;
  double milli = value * factor * 1000;
  return std::isfinite(milli) && std::abs(milli) < 9e18 ? static_cast<std::int64_t>(std::llround(milli)) : 0;
}

Behaviour behaviour_of(const json::value& container) {
  Behaviour out;
  std::string image(text_at(container, {"image"}));
  auto has = [&](std::string_view part) { return image.find(part) != image.npos; };
  for (const Image& known : images) {
    if (has(known.part)) out.program = known.program;
  }
  std::size_t slash = image.rfind('/');
  std::size_t colon = image.find(':', slash == image.npos ? 0 : slash);
  std::string tag = colon == image.npos ? "latest" : image.substr(colon + 1);
  if (tag.ends_with("-rc") || tag == "does-not-exist" || has("no-such")) {
    out.fate = Fate::cannot_be_pulled;
    out.pull_error = "rpc error: code = NotFound desc = failed to pull and unpack image \"" + image + "\": failed to resolve reference \"" + image +
                     "\": " + image + ": not found";
  } else if (has("/payments") && !sets(container, "PAYMENTS_DB_PASSWORD")) {
    out.fate = Fate::crashes;
    out.last_words = {"level=info msg=\"configuration loaded\" source=/etc/payments/config.yaml",
                      "level=info msg=\"connecting to database\" host=payments-db.shop.svc.cluster.local port=5432",
                      "level=error msg=\"environment variable PAYMENTS_DB_PASSWORD is not set\"",
                      "level=fatal msg=\"cannot open database\" error=\"password authentication failed for user \\\"payments\\\"\"",
                      "panic: cannot open database: password authentication failed for user \"payments\"", "",
                      "goroutine 1 [running]:", "main.main()", "\t/src/cmd/payments/main.go:87 +0x5a5", "exit status 1"};
  } else if (has("/recommender") && quantity_milli(text_at(container, {"resources", "limits", "memory"})) < 512LL * 1024 * 1024 * 1000) {
    out.fate = Fate::out_of_memory;
    out.program = "worker";
    out.last_words = {"INFO loading model /models/recommender-v7.bin (402 MiB)", "INFO allocating feature cache entries=2500000"};
  } else if (out.program == "wait") {
    out.fate = Fate::hangs;
  } else if (out.program == "job") {
    out.fate = Fate::completes;
    out.last_words = {"done: 18 steps, 0 errors"};
  }
  return out;
}

}  // namespace fairlead::sandbox
