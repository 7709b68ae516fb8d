#include "kube/exec_plugin.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "base/text.h"
#include "kube/kubeconfig_testing.h"

namespace fairlead::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view v1 = "client.authentication.k8s.io/v1";

std::string credential(const std::string& status, std::string_view version = v1) {
  return R"({"kind":"ExecCredential","apiVersion":")" + std::string(version) + R"(","status":)" + status + "}";
}

ExecConfig config(std::string command, std::vector<std::string> args = {}) {
  ExecConfig out;
  out.api_version = v1;
  out.command = std::move(command);
  out.args = std::move(args);
  out.interactive_mode = "IfAvailable";
  return out;
}

// Counts runs and answers what the test says, after a turn of the loop.
struct FakePlugin {
  int runs = 0;
  net::ProcessOptions last;
  std::string output = credential(R"({"token":"T"})");
  int exit_code = 0;
  std::string diagnostics;
  Duration takes = milliseconds(20);
  int cancelled = 0;

  static awaitable<Result<net::ProcessResult>> run(FakePlugin* self, net::ProcessOptions options, Deadline) {
    ++self->runs;
    self->last = std::move(options);
    net::ProcessResult result;
    result.output = Secret(self->output);
    result.exit_code = self->exit_code;
    result.diagnostics = self->diagnostics;
    auto slept = co_await net::sleep_for(self->takes);
    if (!slept) {
      ++self->cancelled;
      co_return fail(ErrorCode::cancelled, "run", "the call was cancelled");
    }
    co_return result;
  }
  ProcessRunner runner() {
    return [this](net::ProcessOptions options, Deadline deadline) { return run(this, std::move(options), deadline); };
  }
};

class ExecPlugin : public testing::Test {
 protected:
  std::shared_ptr<Credentials> open(ExecConfig exec = config("/plugin"), ExecCluster cluster = {}) {
    around.clock = clock;
    around.runner = plugin.runner();
    return exec_credentials(std::move(exec), std::move(cluster), around);
  }
  std::string variable(const std::string& name) {
    for (const auto& entry : plugin.last.environment)
      if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
    return "(not set)";
  }
  std::string token(std::shared_ptr<Credentials> credentials) {
    auto answer = loop.get(std::move(credentials));
    return answer ? std::string(answer->bearer.reveal())
                  : "error: " + answer.error().sentence() + answer.error().foreign;
  }

  FakePlugin plugin;
  TestLoop loop;
  ExecSurroundings around;
  std::shared_ptr<FixedClock> clock = std::make_shared<FixedClock>(1'000'000);
};

TEST_F(ExecPlugin, RunsTheCommandItselfWithItsVariables) {
  around.environment = {"PATH=/bin", "A=old", "KEEP=1"};
  ExecConfig exec = config("/opt/plugin", {"get", "$(id)"});
  exec.env = {{"A", Secret("new")}, {"B", Secret("b=c")}};
  EXPECT_EQ(token(open(exec)), "T");
  EXPECT_EQ(plugin.last.program, "/opt/plugin");
  EXPECT_THAT(plugin.last.arguments, testing::ElementsAre("/opt/plugin", "get", "$(id)"));
  EXPECT_EQ(variable("A"), "new");
  EXPECT_EQ(variable("B"), "b=c");
  EXPECT_EQ(variable("KEEP"), "1");
  EXPECT_EQ(variable("KUBERNETES_EXEC_INFO"),
            R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}})");
  EXPECT_EQ(plugin.last.input, net::ProcessOptions::Input::none);
  EXPECT_EQ(plugin.last.diagnostics, net::ProcessOptions::Diagnostics::capture);
}

TEST_F(ExecPlugin, TellsAboutTheCluster) {
  ExecConfig exec = config("/plugin");
  exec.provide_cluster_info = true;
  ExecCluster cluster{"https://k8s", "name", false, "PEM", "http://proxy", true, json::value{{"audience", "x"}}};
  EXPECT_EQ(token(open(exec, cluster)), "T");
  EXPECT_EQ(
      variable("KUBERNETES_EXEC_INFO"),
      R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":"https://k8s","tls-server-name":"name",)"
      R"("certificate-authority-data":"UEVN","proxy-url":"http://proxy","disable-compression":true,"config":{"audience":"x"}},"interactive":false}})");
}

TEST_F(ExecPlugin, InteractiveModes) {
  auto mode = [&](const std::string& mode, bool terminal) {
    ExecConfig exec = config("/plugin");
    exec.interactive_mode = mode;
    around.terminal = terminal;
    plugin.last = {};
    std::string answer = token(open(exec));
    if (answer != "T") return answer;
    bool given = plugin.last.input == net::ProcessOptions::Input::terminal;
    EXPECT_THAT(variable("KUBERNETES_EXEC_INFO"), HasSubstr(given ? "\"interactive\":true" : "\"interactive\":false"));
    return std::string(given ? "terminal" : "none");
  };
  EXPECT_EQ(mode("Never", true), "none");
  EXPECT_EQ(mode("Never", false), "none");
  EXPECT_EQ(mode("IfAvailable", true), "terminal");
  EXPECT_EQ(mode("IfAvailable", false), "none");
  EXPECT_EQ(mode("Always", true), "terminal");
  EXPECT_THAT(mode("Always", false), HasSubstr("there is no terminal"));
}

TEST_F(ExecPlugin, IsCachedUntilShortlyBeforeItExpires) {
  plugin.output = credential(R"({"token":"T","expirationTimestamp":")" + format_rfc3339(1'000'100) + "\"}");
  auto credentials = open();
  EXPECT_EQ(token(credentials), "T");
  clock->set(1'000'089);
  EXPECT_EQ(token(credentials), "T");
  EXPECT_EQ(plugin.runs, 1);
  clock->set(1'000'090);
  EXPECT_EQ(token(credentials), "T");
  EXPECT_EQ(plugin.runs, 2);
}

TEST_F(ExecPlugin, ShortLivedAndExpiredAnswers) {
  plugin.output = credential(R"({"token":"T","expirationTimestamp":")" + format_rfc3339(1'000'004) + "\"}");
  auto credentials = open();
  token(credentials);
  clock->set(1'000'001);
  token(credentials);
  EXPECT_EQ(plugin.runs, 1);
  clock->set(1'000'002);
  token(credentials);
  EXPECT_EQ(plugin.runs, 2);
  plugin.output = credential(R"({"token":"OLD","expirationTimestamp":"1970-01-02T00:00:00Z"})");
  credentials->rejected();
  EXPECT_EQ(token(credentials), "OLD");  // the server decides
  token(credentials);
  EXPECT_EQ(plugin.runs, 4);
}

TEST_F(ExecPlugin, WithoutExpiryIsCachedUntilRejected) {
  auto credentials = open();
  token(credentials);
  clock->set(9'000'000);
  token(credentials);
  EXPECT_EQ(plugin.runs, 1);
  plugin.output = credential(R"({"token":"NEW"})");
  EXPECT_TRUE(credentials->rejected());
  EXPECT_EQ(token(credentials), "NEW");
  EXPECT_EQ(plugin.runs, 2);
}

TEST_F(ExecPlugin, FailuresAreNotCached) {
  plugin.exit_code = 1;
  auto credentials = open();
  EXPECT_THAT(token(credentials), HasSubstr("failed with exit code 1"));
  plugin.exit_code = 0;
  EXPECT_EQ(token(credentials), "T");
}

TEST_F(ExecPlugin, OverlappingCallsShareOneRun) {
  net::Loop loop;
  auto credentials = open();
  net::TaskGroup group(loop.executor());
  std::vector<std::optional<Result<Authorization>>> results(50);
  for (auto& result : results) group.spawn(keep_authorization(credentials, Deadline::after(seconds(20)), &result));
  loop.run();
  for (auto& result : results) {
    ASSERT_TRUE(result && *result);
    EXPECT_EQ((*result)->bearer.reveal(), "T");
  }
  EXPECT_EQ(plugin.runs, 1);
}

TEST_F(ExecPlugin, OneCallersDeadlineDoesNotEndTheOthersRun) {
  plugin.takes = milliseconds(200);
  net::Loop loop;
  auto credentials = open();
  net::TaskGroup group(loop.executor());
  std::optional<Result<Authorization>> hasty, patient;
  group.spawn(keep_authorization(credentials, Deadline::after(milliseconds(20)), &hasty));
  group.spawn(keep_authorization(credentials, Deadline::after(seconds(20)), &patient));
  loop.run();
  ASSERT_TRUE(hasty && patient);
  ASSERT_FALSE(*hasty);
  EXPECT_EQ(hasty->error().code, ErrorCode::timeout);
  ASSERT_TRUE(*patient);
  EXPECT_EQ(plugin.runs, 1);
  EXPECT_EQ(plugin.cancelled, 0);
}

TEST_F(ExecPlugin, TheLastCallersDeadlineEndsTheRun) {
  plugin.takes = seconds(600);
  auto credentials = open();
  auto answer = loop.get(credentials, Deadline::after(milliseconds(50)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::timeout);
  loop.settle();
  EXPECT_EQ(plugin.cancelled, 1);
}

TEST_F(ExecPlugin, CancelledCallsEndTheRun) {
  plugin.takes = seconds(600);
  net::Loop loop;
  auto credentials = open();
  net::TaskGroup group(loop.executor());
  std::optional<Result<Authorization>> result;
  auto id = group.spawn(keep_authorization(credentials, Deadline::never(), &result));
  auto cancel_soon = [](net::TaskGroup* group, net::TaskGroup::Id id) -> awaitable<void> {
    co_await net::sleep_for(milliseconds(50));
    group->cancel(id);
  };
  group.spawn(cancel_soon(&group, id));
  loop.run();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error().code, ErrorCode::cancelled);
  EXPECT_EQ(plugin.cancelled, 1);
}

TEST_F(ExecPlugin, ALoopMayDieMeanwhile) {
  plugin.takes = seconds(600);
  auto credentials = open();
  net::Loop loop;
  net::TaskGroup group(loop.executor());
  std::optional<Result<Authorization>> result;
  group.spawn(keep_authorization(std::move(credentials), Deadline::never(), &result));
  auto stop_soon = [](net::Loop* loop) -> awaitable<void> {
    co_await net::sleep_for(milliseconds(50));
    loop->stop();
  };
  group.spawn(stop_soon(&loop));
  loop.run();
  EXPECT_FALSE(result);
}

TEST_F(ExecPlugin, ClientCertificates) {
  plugin.output = credential(R"({"clientCertificateData":"CERT","clientKeyData":"KEY"})");
  auto answer = loop.get(open());
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->bearer.empty());
  EXPECT_EQ(answer->certificate_pem, "CERT");
  EXPECT_EQ(answer->key_pem.reveal(), "KEY");
}

TEST_F(ExecPlugin, AnswersThatAreWrong) {
  auto with = [&](std::string output) {
    plugin.output = std::move(output);
    return token(open());
  };
  EXPECT_THAT(with(""), HasSubstr("it printed nothing"));
  EXPECT_THAT(with("not logged in"), HasSubstr("not an ExecCredential"));
  EXPECT_THAT(with("{"), HasSubstr("not an ExecCredential"));
  EXPECT_THAT(with(std::string("\0\xff", 2)), HasSubstr("not an ExecCredential"));
  EXPECT_THAT(with(std::string(10'000, '[')), HasSubstr("not an ExecCredential"));
  EXPECT_THAT(with("{}"), HasSubstr("not of kind ExecCredential"));
  EXPECT_THAT(with(credential(R"({"token":"T"})", "client.authentication.k8s.io/v1beta1")),
              HasSubstr("configured for apiVersion client.authentication.k8s.io/v1, but answered with "
                        "client.authentication.k8s.io/v1beta1"));
  EXPECT_THAT(with(credential(R"({"token":"T"})", "CANARY")), HasSubstr("but answered with another one"));
  EXPECT_THAT(with(credential("null")), HasSubstr("has no status"));
  EXPECT_THAT(with(credential("{}")), HasSubstr("neither a token nor a client certificate"));
  EXPECT_THAT(with(credential(R"({"token":7})")), HasSubstr("status.token of its answer is not text"));
  EXPECT_THAT(with(credential(R"({"clientKeyData":"K"})")), HasSubstr("only one of"));
  EXPECT_THAT(with(credential(R"({"token":"a b"})")), HasSubstr("cannot be sent in a header"));
  EXPECT_THAT(with(credential(R"({"token":"T","expirationTimestamp":"tomorrow"})")), HasSubstr("not a time"));
  EXPECT_EQ(with("kind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\nstatus:\n  token: yaml\n"),
            "yaml");
  EXPECT_EQ(with(credential(R"({"token":"T\n","expirationTimestamp":null})")), "T");
}

TEST_F(ExecPlugin, ShowsWhatItSaidWithoutSecrets) {
  ExecConfig exec = config("/plugin", {"--client-secret=ARGSECRET", "--token", "ARGTOKEN", "--key", "ARGKEY",
                                       "--tokenFile=ARGFILE", "--region", "eu-west-1"});
  exec.env = {{"PASSWORD", Secret("ENVSECRET")}};
  plugin.exit_code = 3;
  plugin.diagnostics =
      "\x1b[31mERROR\x1b[0m in eu-west-1: ENVSECRET ARGSECRET ARGTOKEN ARGKEY ARGFILE "
      "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2ln\n"
      "Authorization: Bearer abc123def\n-----BEGIN PRIVATE KEY-----\nMIIkey\n-----END PRIVATE KEY-----\nplease log "
      "in\n";
  std::string text = token(open(exec));
  EXPECT_THAT(text, HasSubstr("run the exec plugin /plugin: it failed with exit code 3. Run"));
  EXPECT_THAT(text, HasSubstr("eu-west-1"));
  EXPECT_THAT(text, HasSubstr("please log in"));
  for (const char* secret :
       {"ENVSECRET", "ARGSECRET", "ARGTOKEN", "ARGKEY", "ARGFILE", "eyJ", "c2ln", "abc123def", "MIIkey", "\x1b"})
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  // Whatever may be one, and what it printed before it failed.
  exec.args = {"get-token", "-p", "SHORTFLAG", "-u", "user:USERPART", "--header", "X-Vault: HEADERPART", "POSITIONAL"};
  plugin.output = credential(R"({"token":"PRINTEDTOKEN"})");
  plugin.diagnostics = "get-token: SHORTFLAG USERPART HEADERPART POSITIONAL PRINTEDTOKEN was refused";
  text = token(open(exec));
  EXPECT_THAT(text, HasSubstr("get-token: "));
  EXPECT_THAT(text, HasSubstr("was refused"));
  for (const char* secret : {"SHORTFLAG", "USERPART", "HEADERPART", "POSITIONAL", "PRINTEDTOKEN"})
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  plugin.diagnostics = std::string(4000, 'x') + " the end";
  text = token(open(exec));
  EXPECT_LT(text.size(), 1000u);
  EXPECT_THAT(text, HasSubstr("the end"));
}

// ---- with real programs

class RealPlugin : public testing::Test {
 protected:
  std::shared_ptr<Credentials> open(ExecConfig exec) {
    ExecSurroundings around;
    around.environment = {"PATH=" + directory.path("bin") + ":/usr/bin:/bin"};
    return exec_credentials(std::move(exec), {}, around);
  }
  std::string sentence(ExecConfig exec, Deadline deadline = Deadline::after(seconds(20))) {
    auto answer = loop.get(open(std::move(exec)), deadline);
    if (answer) return "accepted";
    code = answer.error().code;
    foreign = answer.error().foreign;
    return answer.error().sentence();
  }
  std::string foreign;
  TestLoop loop;
  TemporaryDirectory directory;
  ErrorCode code = ErrorCode::internal;
};

TEST_F(RealPlugin, IsFoundInPath) {
  directory.script("bin/my-plugin", "printf '%s' '" + credential(R"({"token":"T"})") + "'");
  auto answer = loop.get(open(config("my-plugin")));
  ASSERT_TRUE(answer) << answer.error().sentence();
  EXPECT_EQ(answer->bearer.reveal(), "T");
}

TEST_F(RealPlugin, ReadsItsInfo) {
  directory.script("bin/my-plugin",
                   R"(echo "$KUBERNETES_EXEC_INFO" | sed 's/"spec":.*/"status":{"token":"from-info"}}/')");
  auto answer = loop.get(open(config("my-plugin")));
  ASSERT_TRUE(answer) << answer.error().sentence();
  EXPECT_EQ(answer->bearer.reveal(), "from-info");
}

TEST_F(RealPlugin, MissingShowsTheInstallHint) {
  ExecConfig exec = config("no-such-plugin");
  exec.install_hint = "brew install \x1b[1mplugin\n";
  EXPECT_THAT(sentence(exec), HasSubstr("there is no program \"no-such-plugin\" in PATH. Install it"));
  EXPECT_EQ(foreign, "brew install \x1b[1mplugin");
  EXPECT_EQ(code, ErrorCode::authentication_failed);
  exec.command = directory.path("none");
  EXPECT_THAT(sentence(exec), HasSubstr("there is no such program, or its interpreter is missing. Install it"));
  EXPECT_THAT(foreign, HasSubstr("brew install"));
  exec.command = directory.write("plain", "x");
  EXPECT_THAT(sentence(exec), HasSubstr("may not be run"));
}

TEST_F(RealPlugin, FailsTimesOutAndFloods) {
  directory.script("bin/fails", "echo session expired >&2; exit 4");
  EXPECT_THAT(sentence(config("fails")), HasSubstr("it failed with exit code 4. "));
  EXPECT_EQ(foreign, "session expired");
  directory.script("bin/hangs", "sleep 600");
  EXPECT_THAT(sentence(config("hangs"), Deadline::after(milliseconds(300))), HasSubstr("it did not answer in time"));
  EXPECT_EQ(code, ErrorCode::timeout);
  siginfo_t info;
  bool children = true;
  for (int i = 0; i < 500 && children; ++i) {
    children = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    if (children) ::usleep(10'000);
  }
  EXPECT_FALSE(children);
  directory.script("bin/floods", "exec cat /dev/zero");
  EXPECT_THAT(sentence(config("floods")), HasSubstr("it printed more than 1 MiB"));
  directory.script("bin/dies", "kill -SEGV $$");
  EXPECT_THAT(sentence(config("dies")), HasSubstr("ended by signal 11"));
}

}  // namespace
}  // namespace fairlead::kube
