#include "sandbox/behaviour.h"

#include <algorithm>
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
    {"coredns", "dns"},        {"kube-proxy", "proxy"},     {"etcd", "metrics"},
    {"prometheus", "metrics"}, {"grafana", "http"},         {"node-exporter", "metrics"},
    {"worker", "worker"},      {"scheduler", "worker"},     {"migrate", "job"},
    {"report", "job"},         {"wait-for", "wait"},        {"redis", "store"},
    {"postgres", "store"},     {"kube-apiserver", "proxy"}, {"controller-manager", "proxy"},
};

constexpr std::string_view fate_key = "sandbox.fairlead.dev/fate";

std::string pull_error(std::string_view image) {
  std::string name(image);
  return "rpc error: code = NotFound desc = failed to pull and unpack image \"" + name +
         "\": failed to resolve reference \"" + name + "\": " + name + ": not found";
}

void apply_command(const json::value& container, Behaviour& out) {
  std::vector<std::string> command = main_command(container);
  if (command.empty() && !is_plain_image(text_at(container, {"image"}))) return;
  out.commanded = true;
  if (command.empty() || is_bare_shell(command)) {
    // It reads what somebody attaches, or nothing.
    out.fate = flag_at(container, {"stdin"}) ? Fate::runs : Fate::completes;
    out.program = "quiet";
    return;
  }
  CommandEffect effect = effect_of(command);
  out.script = !effect.exact && is_script(command);
  out.fate = !effect.ends ? Fate::runs : effect.exit_code == 0 ? Fate::completes : Fate::crashes;
  out.exit_code = effect.exit_code;
  out.runs_ms = std::max<std::int64_t>(300, effect.runs_ms);
  if (effect.ends || effect.exact) out.program = "quiet";
  out.last_words = std::move(effect.says);
}

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
    out.pull_error = pull_error(image);
  } else if (has("/payments") && !sets(container, "PAYMENTS_DB_PASSWORD")) {
    out.fate = Fate::crashes;
    out.exit_code = 1;
    out.last_words = {
        "level=info msg=\"configuration loaded\" source=/etc/payments/config.yaml",
        "level=info msg=\"connecting to database\" host=payments-db.shop.svc.cluster.local port=5432",
        "level=error msg=\"environment variable PAYMENTS_DB_PASSWORD is not set\"",
        "level=fatal msg=\"cannot open database\" error=\"password authentication failed for user \\\"payments\\\"\"",
        "panic: cannot open database: password authentication failed for user \"payments\"",
        "",
        "goroutine 1 [running]:",
        "main.main()",
        "\t/src/cmd/payments/main.go:87 +0x5a5",
        "exit status 1"};
  } else if (has("/recommender") &&
             quantity_milli(text_at(container, {"resources", "limits", "memory"})) < 512LL * 1024 * 1024 * 1000) {
    out.fate = Fate::out_of_memory;
    out.exit_code = 137;
    out.runs_ms = 900;
    out.program = "worker";
    out.last_words = {"INFO loading model /models/recommender-v7.bin (402 MiB)",
                      "INFO allocating feature cache entries=2500000"};
  } else if (out.program == "wait") {
    out.fate = Fate::hangs;
  } else if (out.program == "job") {
    out.fate = Fate::completes;
    out.last_words = {"done: 18 steps, 0 errors"};
  }
  if (out.fate != Fate::cannot_be_pulled) apply_command(container, out);
  return out;
}

Behaviour behaviour_of(const json::value& pod, const json::value& container) {
  Behaviour out = behaviour_of(container);
  const json::object& annotations = object_at(pod, {"metadata", "annotations"});
  if (annotations.empty()) return out;
  std::string_view asked = text_at(
      pod, {"metadata", "annotations", std::string(fate_key) + "." + std::string(text_at(container, {"name"}))});
  if (asked.empty()) asked = text_at(pod, {"metadata", "annotations", fate_key});
  if (!asked.empty() && asked != "not-ready") out.script = false;
  if (asked == "runs") out.fate = Fate::runs;
  if (asked == "completes") out.fate = Fate::completes;
  if (asked == "crashes") out.fate = Fate::crashes;
  if (asked == "out-of-memory") out.fate = Fate::out_of_memory;
  if (asked == "hangs") out.fate = Fate::hangs;
  if (asked == "not-ready") out.never_ready = true;
  if (asked == "cannot-be-pulled") {
    out.fate = Fate::cannot_be_pulled;
    out.pull_error = pull_error(text_at(container, {"image"}));
  }
  if (out.fate == Fate::completes) out.exit_code = 0;
  if (out.fate == Fate::crashes && out.exit_code == 0) out.exit_code = 1;
  if (out.fate == Fate::out_of_memory) out.exit_code = 137;
  return out;
}

}  // namespace fairlead::sandbox
