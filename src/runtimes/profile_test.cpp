#include "runtimes/profile.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/yaml.h"
#include "runtimes/profile_texts.h"
#include "runtimes/testing.h"

namespace fairlead::runtimes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A profile as text, with one field changed: `path` such as "ports.0.port", `yaml` its new value, "" takes it away.
std::string changed(const std::string& path, const std::string& yaml) {
  json::value whole = parse_yaml(small_profile(), "test").value();
  json::value* at = &whole;
  std::string_view rest = path;
  for (;;) {
    const auto dot = rest.find('.');
    const std::string step(rest.substr(0, dot));
    if (dot == std::string_view::npos) {
      if (at->is_array())
        at->get_array().at(std::stoul(step)) = parse_yaml(yaml, "test").value();
      else if (yaml.empty())
        at->get_object().erase(step);
      else
        at->get_object()[step] = parse_yaml(yaml, "test").value();
      return to_yaml(whole);
    }
    at = at->is_array() ? &at->get_array().at(std::stoul(step)) : &at->get_object().at(step);
    rest.remove_prefix(dot + 1);
  }
}

TEST(Profile, OpenClaw) {
  const Profiles profiles = Profiles::built_in();
  const Profile* one = profiles.find("openclaw");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->prefix, "nora-oclaw");
  EXPECT_EQ(one->image, "node:24-slim");
  EXPECT_EQ(one->port("runtime")->number, 9090);
  EXPECT_EQ(one->port("gateway")->number, 18789);
  EXPECT_EQ(one->port("dashboard"), nullptr);
  EXPECT_EQ(one->startup.period_seconds * one->startup.failures, 600);
  EXPECT_EQ(one->readiness.period_seconds * one->readiness.failures, 30);
  EXPECT_EQ(one->liveness.period_seconds * one->liveness.failures, 120);
  EXPECT_EQ(one->cpu, "2");
  EXPECT_EQ(one->memory, "2048Mi");
  EXPECT_EQ(one->storage, "10Gi");
  EXPECT_TRUE(one->capabilities.empty());
  EXPECT_TRUE(one->command.empty());
  EXPECT_EQ(one->ns, Profile::RowNamespace::openclaw);
  EXPECT_EQ(one->variable("OPENCLAW_GATEWAY_TOKEN")->generate, Variable::Generate::hex_16);
  EXPECT_TRUE(one->variable("OPENCLAW_GATEWAY_TOKEN")->sensitive);
  EXPECT_TRUE(one->variable("BACKEND_API_URL")->optional);
  ASSERT_EQ(one->checks.size(), 2u);
  EXPECT_EQ(one->checks[0].attempts, 12);
  EXPECT_THAT(one->checks[1].accepted, ElementsAre(200, 401, 403));
}

TEST(Profile, Hermes) {
  const Profiles profiles = Profiles::built_in();
  const Profile* one = profiles.find("hermes");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->prefix, "nora-hermes");
  EXPECT_EQ(one->port("runtime")->number, 8642);
  EXPECT_EQ(one->port("dashboard")->number, 9119);
  EXPECT_EQ(one->port("dashboard")->node_port, Port::NodePort::gateway);
  EXPECT_EQ(one->startup.failures, 30);
  EXPECT_THAT(one->capabilities, ElementsAre("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID"));
  ASSERT_EQ(one->recoveries.size(), 1u);
  const Recovery& recovery = one->recoveries[0];
  EXPECT_EQ(recovery.port, "dashboard");
  EXPECT_EQ(recovery.probe_seconds, 15);
  EXPECT_EQ(recovery.attempts, 5);
  EXPECT_EQ(recovery.interval_seconds, 1);
  EXPECT_EQ(recovery.outcomes.at(10), "already-running");
  EXPECT_EQ(recovery.outcomes.at(13), "missing-web-server");
  for (const char* name : {"API_SERVER_KEY", "HERMES_DASHBOARD_BASIC_AUTH_USERNAME",
                           "HERMES_DASHBOARD_BASIC_AUTH_PASSWORD", "HERMES_DASHBOARD_BASIC_AUTH_SECRET"})
    EXPECT_TRUE(one->variable(name)->sensitive) << name;
  // What the commands name as text is the profile's.
  EXPECT_THAT(recovery.start[2], HasSubstr(std::to_string(one->port("dashboard")->number)));
}

TEST(Profile, UnknownRuntimesAreNamedWithTheNearest) {
  const Profiles profiles = Profiles::built_in();
  EXPECT_THAT(profiles.names(), ElementsAre("hermes", "openclaw"));
  EXPECT_EQ(profiles.find("openclaww"), nullptr);
  EXPECT_EQ(profiles.unknown("openclaww").code, ErrorCode::invalid_request);
  EXPECT_EQ(profiles.unknown("openclaww").remedy, "Did you mean openclaw?");
  EXPECT_EQ(profiles.unknown("x").remedy, "There are hermes, openclaw");
}

TEST(Profile, EveryFieldIsChecked) {
  ASSERT_TRUE(parse_profile(small_profile()));
  struct Wrong {
    const char *path, *yaml, *says;
  };
  const Wrong all[] = {
      {"name", "", "name is missing"},
      {"name", "Small", "name is not valid: it begins with a small letter"},
      {"name", "a-", "name is not valid"},
      {"name", "abcdefghijklmnopqrstuvwxyzabcdef", "1 to 31 characters"},
      {"name", "7", "name is not a text"},
      {"title", "\"\\u202e\"", "title is not valid"},
      {"prefix", "9a", "prefix is not valid"},
      {"namespace", "mine", "namespace is not one of fallback, openclaw, hermes"},
      {"image", "", "image is missing"},
      {"image", "--privileged", "image is not valid"},
      {"image", "a b", "image is not valid"},
      {"imagee", "x", "has a field that it does not take: imagee"},
      {"command", "sleep", "command is not a list"},
      {"command", "[]", "command names no program"},
      {"command", "[1]", "command[0] is not a text"},
      {"bootstrap", "", "bootstrap is missing"},
      {"bootstrap.path", "opt", "bootstrap.path is not valid: it is an absolute path"},
      {"bootstrap.path", "/", "bootstrap.path is not valid"},
      {"bootstrap.path", "/a/../b", "bootstrap.path is not valid"},
      {"bootstrap.path", "/state/inner", "bootstrap.path and state.path lie within each other"},
      {"bootstrap.script", "echo", "bootstrap.script is not valid: it begins with"},
      {"ports", "[]", "ports names no port"},
      {"ports", "{}", "ports is not a list"},
      {"ports.0", "x", "ports[0] is not a mapping"},
      {"ports.0.port", "0", "ports[0].port is not a whole number from 1 to 65535"},
      {"ports.0.port", "65536", "ports[0].port is not"},
      {"ports.0.port", "'80'", "ports[0].port is not"},
      {"ports.0.name", "abcdefghijklmnop", "ports[0].name is not valid: a port's name has 1 to 15"},
      {"ports.0.name", "a--b", "ports[0].name is not valid"},
      {"ports.0.name", "9a", "ports[0].name is not valid"},
      {"ports.0.node_port", "30909", "ports[0].node_port is not one of none, runtime, gateway"},
      {"ports.0.protocol", "UDP", "ports[0] has a field that it does not take: protocol"},
      {"ports.1.name", "http", "ports[1].name is the name of another port too"},
      {"ports.1.port", "8080", "ports[1].port is the number of another port too"},
      {"ports.1.node_port", "runtime", "ports[1].node_port is taken by another port"},
      {"probes", "", "probes is missing"},
      {"probes.startup", "", "probes.startup is missing"},
      {"probes.startup.port", "other", "probes.startup.port is the name of none of the ports"},
      {"probes.liveness.failures", "0", "probes.liveness.failures is not a whole number"},
      {"probes.readiness.period_seconds", "", "probes.readiness.period_seconds is missing"},
      {"environment.0.name", "A-B", "environment[0].name is not valid"},
      {"environment.0.name", "1A", "environment[0].name is not valid"},
      {"environment.1.name", "PORT", "environment[1].name is the name of another variable too"},
      {"environment.0.value", "8", "environment[0].value is not a text"},
      {"environment.0.value", "", "environment[0].value and generate: it is exactly one of both"},
      {"environment.0.value", "'{{port.none}}'", "environment[0].value is not valid: {{port.none}} names none"},
      {"environment.0.value", "'{{agent.token}}'", "{{agent.token}}, which is none of"},
      {"environment.0.value", "'{{state'", "environment[0].value is not valid: it holds a {{ without its }}"},
      {"environment.0.value", "https://me:pa55word@host/", "environment[0].sensitive is not true, but this looks"},
      {"environment.0.optional", "true", "environment[0].optional is true, but only {{backend_url}}"},
      {"environment.1.generate", "hex_8", "environment[1].generate is not one of"},
      {"environment.1.sensitive", "false", "environment[1].sensitive is false, but"},
      {"environment.1.sensitive", "'yes'", "environment[1].sensitive is neither true nor false"},
      {"capabilities", "[ALL]", "capabilities[0] is not valid"},
      {"capabilities", "[CAP_CHOWN]", "capabilities[0] is not valid"},
      {"capabilities", "[CHOWN, CHOWN]", "capabilities[1] is there twice"},
      {"state.path", "", "state.path is missing"},
      {"state.path", "/a:b", "state.path is not valid"},
      {"resources.cpu", "two", "resources.cpu is not valid: it is no quantity"},
      {"resources.cpu", "0", "resources.cpu is not valid: it is less than 1m"},
      {"resources.cpu", "9000", "resources.cpu is not valid: it is more than"},
      {"resources.memory", "500m", "resources.memory is not valid: it is less than 4Mi"},
      {"resources.storage", "2Pi", "resources.storage is not valid: it is more than 1Pi"},
      {"checks.0.path", "health", "checks[0].path is not valid"},
      {"checks.0.port", "none", "checks[0].port is the name of none of the ports"},
      {"checks.0.accepted", "[]", "checks[0].accepted names no status"},
      {"checks.0.accepted", "[99]", "checks[0].accepted[0] is not a whole number from 100 to 599"},
      {"recoveries.0.probe", "", "recoveries[0].probe is missing"},
      {"recoveries.0.outcomes", "{0: fine}", "recoveries[0].outcomes has a key that is no exit status"},
      {"recoveries.0.outcomes", "{300: fine}", "recoveries[0].outcomes has a key that is no exit status"},
      {"recoveries.0.outcomes", "{3: Not Fine}", "recoveries[0].outcomes.3 is no word"},
      {"recoveries.0.probe_seconds", "0", "recoveries[0].probe_seconds is not a whole number"},
  };
  for (const Wrong& one : all) {
    const auto profile = parse_profile(changed(one.path, one.yaml));
    ASSERT_FALSE(profile) << one.path << ": " << one.yaml;
    EXPECT_EQ(profile.error().code, ErrorCode::invalid_request);
    EXPECT_THAT(profile.error().cause, HasSubstr(one.says));
    EXPECT_FALSE(profile.error().remedy.empty());
  }
}

TEST(Profile, SizesAreBounded) {
  const std::string long_text(200 << 10, 'x');
  for (const auto& [path, yaml] :
       {std::pair{"environment.0.value", long_text}, std::pair{"bootstrap.script", "'#!/bin/sh " + long_text + "'"},
        std::pair{"command", "['" + long_text + "']"}})
    EXPECT_FALSE(parse_profile(changed(path, yaml))) << path;
  EXPECT_FALSE(parse_profile(std::string(300 << 10, '\n')));
  EXPECT_FALSE(parse_profile(small_profile() + "---\nname: other\n"));
  EXPECT_FALSE(parse_profile(""));
  EXPECT_FALSE(parse_profile("[]"));
}

TEST(Profile, ACommandNeedsNoScript) {
  std::string yaml = changed("command", "[/server, --port, '8080']");
  json::value whole = parse_yaml(yaml, "test").value();
  whole.as_object().erase("bootstrap");
  const auto profile = parse_profile(to_yaml(whole));
  ASSERT_TRUE(profile) << profile.error().sentence();
  EXPECT_THAT(profile->command, ElementsAre("/server", "--port", "8080"));
  EXPECT_EQ(profile->bootstrap, "");
}

// What docs/runtimes.md shows is a profile, and shows every field that there is.
TEST(Profile, TheExampleOfTheDocs) {
  const auto docs = std::filesystem::path(__FILE__).parent_path() / "../../docs/runtimes.md";
  std::ifstream file(docs);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const auto begin = all.find("```yaml\n"), end = all.find("```\n", begin + 8);
  ASSERT_NE(end, std::string::npos) << docs;
  const std::string example = all.substr(begin + 8, end - begin - 8);
  const auto profile = parse_profile(example);
  ASSERT_TRUE(profile) << profile.error().sentence();
  EXPECT_EQ(profile->name, "echo");
  EXPECT_EQ(profile->port("admin")->node_port, Port::NodePort::gateway);
  EXPECT_EQ(profile->recoveries.at(0).outcomes.at(4), "missing-cli");
  const json::value small = parse_yaml(small_profile(), "test").value();
  for (const auto& member : small.as_object()) EXPECT_THAT(example, HasSubstr(std::string(member.key()) + ":"));
}

class Directory : public testing::Test {
 protected:
  Directory() {
    char name[] = "/tmp/fairlead-profiles-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Directory() override { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) { std::ofstream(path / name) << text; }

  std::filesystem::path path;
};

TEST_F(Directory, IsReadInOrderAndMayReplaceABuiltInOne) {
  write("b.yaml", small_profile());
  write("a.yaml", std::string(profile_texts[0].yaml));
  write("c.yaml", changed("name", "hermes"));
  write("notes.txt", "no profile");
  const auto profiles = load_profiles(path);
  ASSERT_TRUE(profiles) << profiles.error().sentence();
  EXPECT_THAT(profiles->names(), ElementsAre("hermes", "openclaw", "small"));
  EXPECT_EQ(profiles->find("hermes")->image, "registry.example/small:1");
}

TEST_F(Directory, AFileThatIsWrongIsNamed) {
  write("bad.yaml", changed("image", "''"));
  const auto profiles = load_profiles(path);
  ASSERT_FALSE(profiles);
  EXPECT_EQ(profiles.error().code, ErrorCode::invalid_request);
  EXPECT_THAT(profiles.error().step, HasSubstr("bad.yaml"));
  EXPECT_THAT(profiles.error().cause, HasSubstr("image is not valid"));
}

TEST_F(Directory, OneThatIsNotThere) {
  const auto profiles = load_profiles(path / "none");
  ASSERT_FALSE(profiles);
  EXPECT_EQ(profiles.error().code, ErrorCode::invalid_request);
  EXPECT_THAT(profiles.error().step, HasSubstr("none"));
}

}  // namespace
}  // namespace fairlead::runtimes
