// How fast a list of pods is taken apart and decoded, without a network: bytes per second of protobuf.
//
// FAIRLEAD_BENCH_LIST names a recorded list (bench/run --record FILE); without it 2,000 pods are made up here, of about
// 7 KB each, more than half of it managedFields, as real ones are.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <utility>

#include "kube/decode.h"
#include "kube/pod_status.h"
#include "kube/protobuf_list.h"

namespace {

using namespace fairlead;
using protozero::pbf_writer;

constexpr std::int64_t born = 1750000000;
using Fields = std::initializer_list<std::pair<std::uint32_t, std::string>>;

std::string message(const Fields& fields) {
  std::string out;
  pbf_writer writer(out);
  for (const auto& [number, bytes] : fields) writer.add_bytes(number, bytes);
  return out;
}

std::string with_number(std::string out, std::uint32_t field, std::int64_t value) {
  pbf_writer(out).add_int64(field, value);
  return out;
}

std::string time_at(std::int64_t seconds) { return with_number({}, 1, seconds); }
std::string entry(const std::string& key, const std::string& value) { return message({{1, key}, {2, value}}); }
std::string quantity(const std::string& key, const std::string& value) {
  return message({{1, key}, {2, message({{1, value}})}});
}

std::string managed_fields(const std::string& manager, int fields) {
  std::string json = "{";
  for (int i = 0; i < fields; ++i)
    json += "\"f:field" + std::to_string(i) + "\":{\".\":{},\"f:name\":{},\"f:value\":{}},";
  json.back() = '}';
  return message(
      {{1, manager}, {2, "Update"}, {3, "v1"}, {4, time_at(born)}, {6, "FieldsV1"}, {7, message({{1, json}})}});
}

std::string metadata(int number) {
  std::string name = "checkout-5f6c7d8b9c-" + std::to_string(10000 + number);
  std::string out = message({{1, name},
                             {2, "checkout-5f6c7d8b9c-"},
                             {3, "team-" + std::to_string(number % 20)},
                             {5, "6b8d2c1a-7a43-4bb4-9d20-0c1f6b7e5a10"},
                             {6, std::to_string(1000000 + number)},
                             {8, time_at(born + number)}});
  pbf_writer writer(out);
  for (const char* key : {"app", "app.kubernetes.io/name", "app.kubernetes.io/part-of", "pod-template-hash", "tier"})
    writer.add_message(11, entry(key, "checkout"));
  for (const char* key : {"checksum/config", "prometheus.io/scrape", "kubectl.kubernetes.io/restartedAt"})
    writer.add_message(12, entry(key, "9f86d081884c7d659a2feaa0c55ad015"));
  writer.add_message(13, with_number(message({{1, "ReplicaSet"},
                                              {3, "checkout-5f6c7d8b9c"},
                                              {4, "11111111-2222-4333-8444-555555555555"},
                                              {5, "apps/v1"}}),
                                     6, 1));
  writer.add_message(17, managed_fields("kube-controller-manager", 55));
  writer.add_message(17, managed_fields("kubelet", 30));
  return out;
}

std::string container(const std::string& name) {
  std::string resources;
  pbf_writer amounts(resources);
  for (std::uint32_t kind : {1u, 2u}) {
    amounts.add_message(kind, quantity("cpu", "250m"));
    amounts.add_message(kind, quantity("memory", "512Mi"));
  }
  std::string out =
      message({{1, name}, {2, "registry.example.com/shop/checkout:2.14.3"}, {8, resources}, {14, "IfNotPresent"}});
  pbf_writer writer(out);
  for (int i = 0; i < 6; ++i)
    writer.add_message(7, entry("SETTING_" + std::to_string(i), "value-of-the-setting.checkout.internal.example.com"));
  for (int i = 0; i < 3; ++i)
    writer.add_message(9,
                       message({{1, "kube-api-access-x7k2p"}, {3, "/var/run/secrets/kubernetes.io/serviceaccount"}}));
  return out;
}

std::string status(int number, bool crashing) {
  std::string out = message({{1, "Running"},
                             {5, "10.0.1.100"},
                             {6, "10.244.100." + std::to_string(number % 256)},
                             {7, time_at(born)},
                             {9, "Burstable"}});
  pbf_writer writer(out);
  for (const char* type : {"Initialized", "Ready", "ContainersReady", "PodScheduled"})
    writer.add_message(2, message({{1, type}, {2, crashing ? "False" : "True"}, {4, time_at(born)}}));
  for (const char* name : {"app", "proxy"}) {
    std::string state =
        crashing ? message({{1, message({{1, "CrashLoopBackOff"}, {2, "back-off 5m0s restarting failed container"}})}})
                 : message({{2, message({{1, time_at(born)}})}});
    std::string one = message({{1, name},
                               {2, state},
                               {6, "registry.example.com/shop/checkout:2.14.3"},
                               {7, "registry.example.com/shop/checkout@sha256:" + std::string(64, '5')},
                               {8, "containerd://" + std::string(64, 'c')}});
    writer.add_message(8, with_number(with_number(std::move(one), 4, crashing ? 0 : 1), 5, crashing ? 17 : 0));
  }
  return out;
}

std::string pod(int number) {
  std::string spec;
  pbf_writer writer(spec);
  for (const char* name : {"config", "tmp", "kube-api-access-x7k2p"})
    writer.add_message(1, message({{1, name}, {2, std::string(60, 'v')}}));
  writer.add_message(2, container("app"));
  writer.add_message(2, container("proxy"));
  writer.add_string(8, "app");
  writer.add_string(10, "worker-" + std::to_string(number % 100));
  for (int i = 0; i < 3; ++i)
    writer.add_message(22, message({{1, "node.kubernetes.io/not-ready"}, {2, "Exists"}, {4, "NoExecute"}}));
  return message({{1, metadata(number)}, {2, spec}, {3, status(number, number % 50 == 0)}});
}

std::string made_up_list(int pods) {
  std::string list = message({{1, message({{2, "123456"}})}});
  pbf_writer writer(list);
  for (int i = 0; i < pods; ++i) writer.add_message(2, pod(i));
  return std::string("k8s\0", 4) + message({{1, message({{1, "v1"}, {2, "PodList"}})}, {2, list}});
}

const std::string& body() {
  static const std::string bytes = [] {
    const char* path = std::getenv("FAIRLEAD_BENCH_LIST");
    if (!path) return made_up_list(2000);
    std::ifstream file(path, std::ios::binary);
    std::string recorded{std::istreambuf_iterator<char>(file), {}};
    if (!recorded.starts_with("k8s")) {
      std::fprintf(stderr, "%s is not a list in protobuf (bench/run --record makes one)\n", path);
      std::exit(2);
    }
    return recorded;
  }();
  return bytes;
}

enum class Depth { list, pods, status };

// The body in pieces of 64 KiB, as it comes from a connection.
void decode_list(benchmark::State& state, Depth depth) {
  const std::string& bytes = body();
  std::uint64_t items = 0;
  for (auto _ : state) {
    kube::PodView view;
    kube::PodStatus status;
    kube::ListDecoder decoder({.kind = "PodList"}, [&](std::string_view object) -> Result<net::Flow> {
      if (depth != Depth::list) {
        auto decoded = kube::decode(object, view);
        if (!decoded) return fail(std::move(decoded.error()));
      }
      if (depth == Depth::status) kube::pod_status(view, status);
      benchmark::DoNotOptimize(view);
      benchmark::DoNotOptimize(status);
      return net::Flow::more;
    });
    bool good = true;
    for (std::size_t at = 0; good && at < bytes.size(); at += 64 << 10)
      good = decoder.feed(std::string_view(bytes).substr(at, 64 << 10)).has_value();
    auto finished = decoder.finish();
    if (!good || !finished) {
      state.SkipWithError(finished ? "the list cannot be decoded" : finished.error().cause.c_str());
      break;
    }
    items = decoder.items();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
  state.counters["pods"] = static_cast<double>(items);
  state.counters["pods/s"] =
      benchmark::Counter(static_cast<double>(items), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

BENCHMARK_CAPTURE(decode_list, split_into_objects, Depth::list)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode_list, decode_pods, Depth::pods)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode_list, decode_pods_and_status, Depth::status)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
