// The objects of an agent as a JSON list, for tests that apply them with other clients:
//   print_objects PROFILE MODE NAMESPACE NAME ID [KEY=VALUE...]
// PROFILE is a built-in one or a file. Keys: revision, replicas, runtime_node_port, gateway_node_port, class,
// network_policy (true), memory.
#include <cstdio>
#include <map>
#include <string>

#include "base/environment.h"
#include "runtimes/manifests.h"

namespace {

using namespace fairlead;
using namespace fairlead::runtimes;

int wrong(const std::string& what) {
  std::fprintf(stderr, "print_objects: %s\n", what.c_str());
  return 2;
}

Result<Profile> profile_of(const std::string& name) {
  const Profiles profiles = Profiles::built_in();
  if (const Profile* found = profiles.find(name)) return *found;
  auto text = read_file(name, "read the profile", 1 << 20);
  if (!text) return fail(text.error());
  return parse_profile(*text);
}

}  // namespace

int main(int count, char** given) {
  if (count < 6) return wrong("usage: print_objects PROFILE MODE NAMESPACE NAME ID [KEY=VALUE...]");
  auto profile = profile_of(given[1]);
  if (!profile) return wrong(profile.error().sentence());
  std::map<std::string, std::string> keys{{"revision", "1"}, {"replicas", "1"}};
  for (int i = 6; i < count; ++i) {
    const std::string pair = given[i];
    const auto equals = pair.find('=');
    if (equals == std::string::npos) return wrong("no KEY=VALUE: " + pair);
    keys[pair.substr(0, equals)] = pair.substr(equals + 1);
  }

  fleet::ClusterRow row;
  row.id = "test";
  row.exposure.annotations = {{"example.com/annotation", "value"}};
  row.exposure.source_ranges = {"192.0.2.0/24", "198.51.100.7/32"};
  row.exposure.load_balancer_class = keys["class"];
  if (auto& port = keys["runtime_node_port"]; !port.empty()) row.exposure.runtime_node_port = std::stoi(port);
  if (auto& port = keys["gateway_node_port"]; !port.empty()) row.exposure.gateway_node_port = std::stoi(port);
  const AgentPlace place{given[4],     given[5], profile->name,
                         row.target(), given[3], object_name(profile->prefix, given[4], given[5])};
  json::object arguments{{"exposure", given[2]},
                         {"network_policy", keys["network_policy"] == "true"},
                         {"env", {{"EMPTY", ""}, {"PRICE", "$5 or $(HOME)"}}},
                         {"secret_env", {{"PROVIDER_TOKEN", "canary"}}},
                         {"image_pull_secrets", {"registry"}}};
  if (auto& memory = keys["memory"]; !memory.empty()) arguments["memory"] = memory;
  auto valid = ops::Arguments::validate(arguments, spec_parameters(), "deploy");
  if (!valid) return wrong(valid.error().sentence());
  auto spec = make_spec(*valid, {*profile, place, row, nullptr, "https://fairlead.example",
                                 [](std::size_t bytes) { return Secret(std::string(bytes * 2, 'a')); }});
  if (!spec) return wrong(spec.error().sentence());

  json::array all{namespace_object(place.ns)};
  const AgentObjects objects =
      make_objects(*profile, place, *spec, std::stoll(keys["revision"]), std::stoi(keys["replicas"]));
  for (const json::object* one : objects.in_order()) all.push_back(*one);
  std::puts(compact(json::value(std::move(all))).c_str());
  return 0;
}
