#include "kube/client.h"

#include <gmock/gmock.h>

#include "kube/fake_api.h"

namespace fairlead::kube {
namespace {

using net::testing::patience;
using testing::Answer;
using ::testing::ElementsAre;
using testing::FakeApi;
using testing::FakeCredentials;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::refusal;

// Answers with each of these in turn, the last one again and again.
FakeApi::Handler in_turn(std::vector<Answer> answers) {
  return [answers = std::move(answers), next = std::size_t{0}](const net::HttpRequest&) mutable {
    return answers[std::min(next++, answers.size() - 1)];
  };
}

Result<json::value> get(FakeApi& api, std::string target = "/api/v1/x", Deadline deadline = patience()) {
  return api.run(api.client().get(std::move(target), deadline));
}

TEST(Client, AsksAndAnswers) {
  FakeApi api(in_turn({{.body = R"({"kind":"Pod"})"}}));
  auto pod = api.run(api.client(std::make_shared<FakeCredentials>(0)).get("/api/v1/pods?limit=5", patience()));
  ASSERT_TRUE(pod) << pod.error().sentence();
  EXPECT_EQ(text_at(*pod, {"kind"}), "Pod");
  ASSERT_THAT(api.lines(), ElementsAre("GET /api/v1/pods?limit=5"));
  EXPECT_EQ(api.requests[0].header("Accept"), "application/json");
  EXPECT_EQ(api.requests[0].header("Authorization"), "Bearer secret-token-0");
  EXPECT_EQ(api.requests[0].header("User-Agent"), "fairlead-test");
}

TEST(Client, SendsAWrite) {
  FakeApi api(in_turn({{.status = 201, .body = R"({"kind":"Pod"})"}}));
  auto& client = api.client();
  EXPECT_TRUE(api.run(client.send("PATCH", "/x?dryRun=All", std::string(Patch::merge), R"({"b":2})", patience())));
  EXPECT_TRUE(api.run(client.send("POST", "/y", "", "{}", patience())));
  ASSERT_THAT(api.lines(), ElementsAre("PATCH /x?dryRun=All", "POST /y"));
  EXPECT_EQ(api.requests[0].header("Content-Type"), "application/merge-patch+json");
  EXPECT_EQ(api.requests[0].body, R"({"b":2})");
  EXPECT_EQ(api.requests[1].header("Content-Type"), "application/json");
}

TEST(Client, PutsTheServersPathBefore) {
  FakeApi api(in_turn({{}}));
  EXPECT_TRUE(api.run(api.client(no_credentials(), "/k8s/clusters/c-1/").get("/api", patience())));
  EXPECT_THAT(api.lines(), ElementsAre("GET /k8s/clusters/c-1/api"));
}

TEST(Client, RepeatsReads) {
  for (int status : {429, 500, 502, 503, 504}) {
    FakeApi api(in_turn(
        {refusal(status, "x", "busy"), {.status = status, .body = "plain", .type = "text/plain"}, {.body = "[1]"}}));
    auto answer = get(api);
    EXPECT_TRUE(answer) << status;
    EXPECT_EQ(api.requests.size(), 3u);
  }
}

TEST(Client, RepeatsOnlySoOften) {
  FakeApi api(in_turn({refusal(503, "ServiceUnavailable", "starting")}));
  auto answer = get(api);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::server_error);
  EXPECT_EQ(api.requests.size(), 4u);
}

TEST(Client, DoesNotRepeatWhatWillNotChange) {
  for (int status : {400, 403, 404, 405, 406, 409, 410, 413, 415, 422, 302}) {
    FakeApi api(in_turn({refusal(status, "x", "no")}));
    EXPECT_FALSE(get(api));
    EXPECT_EQ(api.requests.size(), 1u) << status;
  }
}

TEST(Client, HeedsRetryAfter) {
  struct Case {
    std::string value;
    std::size_t requests;
    int least_ms;
  };
  // Nonsense, and a date of a server that does not tell its own time, are as good as none; what the deadline has no
  // room for ends the call.
  for (const Case& c :
       {Case{"0", 4, 0}, Case{"1", 4, 3000}, Case{"3", 2, 3000}, Case{"99999999999999999999", 1, 0}, Case{"-1", 4, 0},
        Case{"soon", 4, 0}, Case{"1x", 4, 0}, Case{"Wed, 21 Oct 2065 07:28:00 GMT", 4, 0}, Case{"", 4, 0}}) {
    Answer busy = refusal(429, "TooManyRequests", "busy");
    busy.headers.push_back({"Retry-After", c.value});
    FakeApi api(in_turn({busy}));
    const auto begin = std::chrono::steady_clock::now();
    auto answer = get(api, "/x", Deadline::after(std::chrono::seconds(5)));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::rate_limited);
    EXPECT_EQ(api.requests.size(), c.requests) << c.value;
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(c.least_ms)) << c.value;
  }
}

// A server that says "at once" is not asked at once again and again.
TEST(Client, ARetryAfterShortensNoBackoff) {
  Answer busy = refusal(503, "ServiceUnavailable", "busy");
  busy.headers.push_back({"Retry-After", "0"});
  FakeApi api(in_turn({busy}));
  RetryPolicy retry = FakeApi::quick();
  retry.first_wait = std::chrono::milliseconds(200);
  retry.attempts = 2;
  Client& client = api.client(no_credentials(), "", retry);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(api.run(client.get("/x", Deadline::after(std::chrono::seconds(5)))));
  EXPECT_EQ(api.requests.size(), 2u);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(200));
}

TEST(Client, KnowsWhatItSent) {
  FakeApi api(in_turn({refusal(401, "Unauthorized", "no"), {}}));
  Client& client = api.client(std::make_shared<FakeCredentials>(1));
  EXPECT_TRUE(api.run(client.get("/x", net::testing::patience())));
  EXPECT_EQ(api.requests.back().header("Authorization"), "Bearer secret-token-1");
  ASSERT_EQ(client.bearers().size(), 2u);
  EXPECT_EQ(client.bearers()[0].reveal(), "secret-token-1");
  EXPECT_EQ(client.bearers()[1].reveal(), "secret-token-0");
}

TEST(Client, HeedsTheStatusRetryAfter) {
  Answer busy{.status = 429, .body = R"({"kind":"Status","message":"m","details":{"retryAfterSeconds":4294967297}})"};
  FakeApi api(in_turn({busy}));
  auto answer = get(api);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().remedy, HasSubstr("asks for a pause of 2147483647 s"));
  EXPECT_EQ(api.requests.size(), 1u);
}

TEST(Client, KeepsTheDeadline) {
  Answer busy = refusal(429, "TooManyRequests", "busy");
  busy.headers.push_back({"Retry-After", "2"});
  FakeApi api(in_turn({busy}));
  net::testing::Stopwatch watch;
  auto answer = get(api, "/x", Deadline::after(std::chrono::milliseconds(500)));
  EXPECT_EQ(answer.error().code, ErrorCode::rate_limited);  // and not a wait that must fail
  EXPECT_TRUE(watch.under(std::chrono::seconds(2)));

  FakeApi silent(in_turn({{.hang = true}}));
  answer = get(silent, "/x", Deadline::after(std::chrono::milliseconds(200)));
  EXPECT_EQ(answer.error().code, ErrorCode::timeout);
  EXPECT_EQ(silent.requests.size(), 1u);
}

TEST(Client, SendsWritesOnce) {
  for (int status : {429, 500, 502, 503, 504}) {
    FakeApi api(in_turn({refusal(status, "x", "busy")}));
    auto answer = api.run(api.client().send("PATCH", "/x", "", "{}", patience()));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().sentence().find("not known whether the change was made") != std::string::npos,
              status >= 500)
        << status;
    EXPECT_EQ(api.requests.size(), 1u) << status;
  }
  FakeApi cut(in_turn({{.body = "{", .cut = true}}));
  auto answer = cut.run(cut.client().send("DELETE", "/x", "", "{}", patience()));
  EXPECT_EQ(answer.error().code, ErrorCode::unreachable);
  EXPECT_THAT(answer.error().sentence(), HasSubstr("not known"));
  EXPECT_EQ(cut.requests.size(), 1u);
  // Whatever is wrong with the answer, the change may have been made.
  for (Answer odd : {Answer{.headers = {{"Content-Encoding", "gzip"}}},
                     Answer{.body = "\"" + std::string(33 << 20, 'x')}, refusal(408, "Timeout", "slow")}) {
    FakeApi api(in_turn({odd}));
    answer = api.run(api.client().send("PATCH", "/x", "", "{}", patience()));
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().sentence(), HasSubstr("not known whether the change was made"));
  }
  for (const char* odd : {"{}", "null", "[]", R"({"kind":"Status","status":"Failure","code":403})"}) {
    FakeApi api(in_turn({{.body = odd}}));
    answer = api.run(api.client().send("PATCH", "/x", "", "{}", patience()));
    ASSERT_FALSE(answer) << odd;
    EXPECT_EQ(answer.error().code, ErrorCode::server_error) << odd;
    EXPECT_THAT(answer.error().sentence(), HasSubstr("not known whether the change was made")) << odd;
  }
  FakeApi html(in_turn({{.body = "<html>", .type = "text/html"}}));
  answer = html.run(html.client().send("POST", "/x", "", "{}", patience()));
  EXPECT_EQ(answer.error().code, ErrorCode::server_error);
  EXPECT_THAT(answer.error().sentence(), HasSubstr("not known"));
}

TEST(Client, RepeatsAReadThatWasCut) {
  FakeApi api(in_turn({{.body = "[1,", .cut = true}, {.body = "[1,2]"}}));
  auto answer = get(api);
  ASSERT_TRUE(answer) << answer.error().sentence();
  EXPECT_EQ(compact(*answer), "[1,2]");
  FakeApi always(in_turn({{.body = "[1,", .cut = true}}));
  answer = get(always);
  EXPECT_EQ(answer.error().code, ErrorCode::unreachable);
  EXPECT_EQ(always.requests.size(), 4u);
}

TEST(Client, RenewsCredentialsOnce) {
  auto only = [](std::string_view good) {
    return [good = std::string(good)](const net::HttpRequest& request) {
      return request.header("Authorization") == good ? Answer{} : refusal(401, "Unauthorized", "Unauthorized");
    };
  };
  FakeApi api(only("Bearer secret-token-1"));
  EXPECT_TRUE(api.run(api.client(std::make_shared<FakeCredentials>(9)).get("/x", patience())));
  EXPECT_EQ(api.requests.size(), 2u);
  EXPECT_TRUE(api.run(api.client(std::make_shared<FakeCredentials>(9)).send("POST", "/x", "", "{}", patience())));
  EXPECT_EQ(api.requests.size(), 4u);

  FakeApi never(only("Bearer other"));
  auto answer = never.run(never.client(std::make_shared<FakeCredentials>(9)).get("/x", patience()));
  EXPECT_EQ(answer.error().code, ErrorCode::authentication_failed);
  EXPECT_EQ(never.requests.size(), 2u);
  answer = never.run(never.client(std::make_shared<FakeCredentials>(0)).get("/x", patience()));
  EXPECT_EQ(never.requests.size(), 3u);
}

TEST(Client, RefusesWhatIsTooLargeOrCompressed) {
  FakeApi large(in_turn({{.body = "\"" + std::string(32 << 20, 'x') + "\""}}));
  auto answer = get(large);
  EXPECT_EQ(answer.error().code, ErrorCode::server_error);
  EXPECT_THAT(answer.error().sentence(), HasSubstr("32 MiB"));
  EXPECT_EQ(large.requests.size(), 1u);
  FakeApi compressed(in_turn({{.headers = {{"Content-Encoding", "gzip"}}}}));
  EXPECT_THAT(get(compressed).error().sentence(), HasSubstr("compressed"));
  FakeApi plain(in_turn({{.headers = {{"Content-Encoding", "identity"}}}}));
  EXPECT_TRUE(get(plain));
  FakeApi page(in_turn({{.body = "<html>log in</html>", .type = "text/html"}}));
  EXPECT_THAT(get(page).error().sentence(), HasSubstr("not JSON"));
  EXPECT_EQ(get(page).error().code, ErrorCode::server_error);
  std::string many = "[[]";  // much memory for few bytes
  for (int i = 0; i < 1'500'000; ++i) many += ",[]";
  FakeApi lists(in_turn({{.body = many + "]"}}));
  EXPECT_EQ(get(lists).error().code, ErrorCode::server_error);
  FakeApi nothing(in_turn({{.body = ""}}));
  EXPECT_EQ(get(nothing).error().code, ErrorCode::server_error);
  FakeApi endless(in_turn({{.status = 400, .body = std::string(3 << 20, 'x'), .type = "text/plain"}}));
  EXPECT_LT(get(endless).error().foreign.size(), 1000u);
}

TEST(Client, NoErrorHoldsTheCredential) {
  auto echo = [](const net::HttpRequest& request) {
    std::string all = "you sent " + std::string(request.header("Authorization"));
    if (request.target == "/status") return refusal(403, "Forbidden", all);
    if (request.target == "/plain") return Answer{.status = 500, .body = all, .type = "text/plain"};
    if (request.target == "/long")
      return Answer{.status = 400, .body = std::string(300, 'x') + all, .type = "text/plain"};
    return Answer{.status = 200, .body = all, .type = "text/plain"};
  };
  FakeApi api(echo);
  auto& client = api.client(std::make_shared<FakeCredentials>(0));
  for (auto target : {"/status", "/plain", "/long", "/answer"}) {
    auto answer = api.run(client.get(target, patience()));
    ASSERT_FALSE(answer) << target;
    EXPECT_THAT(answer.error().sentence(), Not(HasSubstr("secret-token"))) << target;
    if (answer.error().status) { EXPECT_THAT(compact(*answer.error().status), Not(HasSubstr("secret-token"))); }
  }
}

TEST(Client, NobodyListens) {
  FakeApi api(in_turn({{}}));
  Connection connection = api.connection();
  connection.server.port = net::testing::unused_port();
  auto client = Client::make(api.loop.executor(), std::move(connection), FakeApi::quick(), "t").value();
  EXPECT_EQ(api.run(client->get("/x", patience())).error().code, ErrorCode::unreachable);
}

TEST(ResourcePath, EncodesEachPart) {
  EXPECT_EQ((ResourcePath{"", "v1", "pods", {}, {}, {}}.text()), "/api/v1/pods");
  EXPECT_EQ((ResourcePath{"apps", "v1", "deployments", "shop", "web", "scale"}.text()),
            "/apis/apps/v1/namespaces/shop/deployments/web/scale");
  EXPECT_EQ((ResourcePath{"", "v1", "nodes", {}, "n-1", {}}.text()), "/api/v1/nodes/n-1");
  EXPECT_EQ((ResourcePath{"", "v1", "pods", "a/b", "x?y#z%2F \r\n", {}}.text()),
            "/api/v1/namespaces/a%2Fb/pods/x%3Fy%23z%252F%20%0D%0A");
  EXPECT_EQ((ResourcePath{"", "v1", "pods", "..", ".", ".."}.text()), "/api/v1/namespaces/%2E%2E/pods/%2E/%2E%2E");
  EXPECT_EQ((ResourcePath{"", "v1", "pods", "system:x", "é", {}}.text()), "/api/v1/namespaces/system%3Ax/pods/%C3%A9");
}

TEST(AddQuery, EncodesTheValue) {
  std::string target = "/api/v1/pods";
  add_query(target, "labelSelector", "");
  EXPECT_EQ(target, "/api/v1/pods");
  add_query(target, "labelSelector", "app=web,tier in (a,b)");
  add_query(target, "limit", "5&x=1");
  EXPECT_EQ(target, "/api/v1/pods?labelSelector=app%3Dweb%2Ctier%20in%20%28a%2Cb%29&limit=5%26x%3D1");
}

}  // namespace
}  // namespace fairlead::kube
