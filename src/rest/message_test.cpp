#include "rest/message.h"

#include <gmock/gmock.h>

#include <limits>

#include "base/text.h"

namespace fairlead::rest {
namespace {

Result<Request> read_request(const net::HttpRequest& http) {
  auto request = read_head(http);
  if (!request) return request;
  if (auto body = read_body(*request, http); !body) return fail(std::move(body.error()));
  return request;
}

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

net::HttpRequest get(std::string target) {
  net::HttpRequest out;
  out.target = std::move(target);
  return out;
}

net::HttpRequest post(std::string body, std::string type = "application/json") {
  net::HttpRequest out;
  out.method = "POST";
  out.target = "/x";
  out.headers.push_back({"content-type", std::move(type)});
  out.body = std::move(body);
  return out;
}

net::HttpRequest with_header(std::string name, std::string value) {
  net::HttpRequest out = get("/x");
  out.headers.push_back({std::move(name), std::move(value)});
  return out;
}

std::string refusal(const net::HttpRequest& http) {
  const auto read = read_request(http);
  if (read) return "accepted";
  EXPECT_EQ(read.error().code, ErrorCode::invalid_request);
  return read.error().sentence();
}

std::vector<std::string> path_of(std::string target) { return read_request(get(std::move(target))).value().path; }
std::map<std::string, std::string> query_of(std::string target) {
  return read_request(get(std::move(target))).value().query;
}
std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

json::value document(const Response& response) {
  return parse_json(response.body, "test", {.duplicate_keys = false}).value();
}

TEST(ReadRequest, SegmentsOfThePathAreDecoded) {
  EXPECT_THAT(path_of("/"), ElementsAre(""));
  EXPECT_THAT(path_of("/api/v1/clusters"), ElementsAre("api", "v1", "clusters"));
  EXPECT_THAT(path_of("/a/"), ElementsAre("a", ""));
  EXPECT_THAT(path_of("//a"), ElementsAre("", "a"));
  EXPECT_THAT(path_of("/clusters/k8s%3aprod"), ElementsAre("clusters", "k8s:prod"));
  EXPECT_THAT(path_of("/a%2Fb/c%3Fd=e"), ElementsAre("a/b", "c?d=e"));
  EXPECT_THAT(path_of("/a+b%20c"), ElementsAre("a+b c"));
  EXPECT_THAT(path_of("/a%252Fb"), ElementsAre("a%2Fb")) << "once";
  EXPECT_THAT(path_of("/../%2e%2e"), ElementsAre("..", ".."));
  EXPECT_THAT(path_of("/a?b/c"), ElementsAre("a"));
  EXPECT_EQ(path_of(repeated("/s", 12)).size(), 12u);
}

TEST(ReadRequest, KeysAndValuesOfTheQueryAreDecoded) {
  EXPECT_THAT(query_of("/x"), IsEmpty());
  EXPECT_THAT(query_of("/x?"), IsEmpty());
  EXPECT_THAT(query_of("/x?state=done&who=token%3Aci"), ElementsAre(Pair("state", "done"), Pair("who", "token:ci")));
  EXPECT_THAT(query_of("/x?a=1+2%2B3&b%5B%5D="), ElementsAre(Pair("a", "1 2+3"), Pair("b[]", "")));
  EXPECT_THAT(query_of("/x?a&b=c=d?e"), ElementsAre(Pair("a", ""), Pair("b", "c=d?e")));
  EXPECT_THAT(query_of("/x?a=%26b%3D1"), ElementsAre(Pair("a", "&b=1")));
  std::string many = "/x?k0=";
  for (int i = 1; i < 32; ++i) many += "&k" + std::to_string(i) + "=";
  EXPECT_EQ(query_of(many).size(), 32u);
  EXPECT_THAT(refusal(get(many + "&one-more=")), HasSubstr("query is too long"));
}

TEST(ReadRequest, WrongTargetsAreRefused) {
  for (const char* target : {"", "x", "*", "api/v1", "?a=1", "http://x/y", "x:443"})
    EXPECT_THAT(refusal(get(target)), HasSubstr("no path")) << target;
  for (const char* target :
       {"/%", "/%4", "/%zz", "/%4g", "/%-1", "/x?a=%", "/x?a=%4", "/x?%zz=1", "/x/%/y", "/x?a=1&b=%x1"})
    EXPECT_THAT(refusal(get(target)), HasSubstr("not encoded as it should be")) << target;
  for (const char* target : {"/x?a=1&a=2", "/x?a=1&a=1", "/x?a&a", "/x?a=1&b=2&%61=3", "/x?a+b=1&a%20b=2"})
    EXPECT_THAT(refusal(get(target)), HasSubstr("stands in its query twice")) << target;
  EXPECT_THAT(refusal(get(repeated("/s", 13))), HasSubstr("path is too long"));
  EXPECT_THAT(refusal(get(repeated("/", 10'000))), HasSubstr("path is too long"));
}

TEST(ReadRequest, ControlCharactersAreRefused) {
  const auto why_not = [](const std::string& target, std::string_view body = "{}") {
    Request request = read_head(get(target)).value();
    request.body = parse_json(body, "").value().as_object();
    auto checked = check_characters(request, {"label"});
    return checked ? std::string() : checked.error().cause;
  };
  for (const char* target : {"/a%00b", "/%00", "/x/%1b", "/x%0a", "/x%7f"})
    EXPECT_EQ(why_not(target), "its path holds a NUL or another control character") << target;
  for (const char* target : {"/x?a=%00", "/x?%00=1", "/x?a=b%00c", "/x?a=%0d"})
    EXPECT_EQ(why_not(target), "its query holds a NUL or another control character") << target;
  for (const char* body :
       {R"({"label":"a\u0000"})", R"({"label":"a\nb"})", R"({"label":"\u001b[31m"})", R"({"label":["x","\t"]})"})
    EXPECT_EQ(why_not("/x", body), "'label' in its body holds a NUL or another control character") << body;
  for (const char* body : {R"({"x":{"a":["\u0000"]}})", R"({"x":{"\u0000":1}})", R"({"x":{"a\nb":1}})",
                           R"({"x":"\u0007"})", R"({"x":"\u007f"})"})
    EXPECT_EQ(why_not("/x", body), "'x' in its body holds a NUL or another control character") << body;
  EXPECT_EQ(why_not("/x", R"({"\u0000":1})"), "a key of its body holds a NUL or another control character");
  EXPECT_EQ(why_not("/x", R"({"arguments":{"a":{"b":"\u0000"}}})"),
            "'arguments' in its body holds a NUL or another control character");
  for (const char* body : {R"({"x":"a\r\n\tb"})", R"({"arguments":{"a\n":"\u001b[0m"}})", R"({"label":"é ü"})"})
    EXPECT_EQ(why_not("/x", body), "") << body;
}

TEST(ReadRequest, WhatIsShownOfAKeyIsBoundedAndPlain) {
  const std::string key = "%1B%5B31m%0A" + repeated("k", 10'000);
  const std::string said = refusal(get("/x?" + key + "=1&" + key + "=2"));
  EXPECT_THAT(said, HasSubstr("kkkk"));
  EXPECT_THAT(said, Not(HasSubstr("\x1b")));
  EXPECT_THAT(said, Not(HasSubstr("\n")));
  EXPECT_LT(said.size(), 400u);
}

TEST(ReadRequest, MethodAndAcceptAreTaken) {
  EXPECT_EQ(read_request(get("/x"))->method, "GET");
  EXPECT_EQ(read_request(post("{}"))->method, "POST");
  EXPECT_FALSE(read_request(get("/x"))->wants_events);
  EXPECT_FALSE(read_request(with_header("Accept", "application/json"))->wants_events);
  EXPECT_TRUE(read_request(with_header("accept", "text/event-stream"))->wants_events);
  EXPECT_TRUE(read_request(with_header("Accept", "application/json, text/event-stream;q=0.9"))->wants_events);
}

TEST(ReadRequest, ABodyIsAJsonObject) {
  for (const char* type : {"application/json", "application/json; charset=utf-8", " application/json ;x=y",
                           "Application/JSON", "application/json;"}) {
    const auto read = read_request(post(R"({"replicas":2,"a":[{"b":null}]})", type));
    ASSERT_TRUE(read.has_value()) << type << ": " << read.error().sentence();
    EXPECT_EQ(compact(read->body), R"({"replicas":2,"a":[{"b":null}]})") << type;
  }
  EXPECT_TRUE(read_request(post(" \n{ }\n"))->body.empty());
  for (const char* blank : {"", " ", "\r\n\t"}) {
    EXPECT_TRUE(read_request(post(blank, "text/plain"))->body.empty());
    net::HttpRequest bare = get("/x");
    bare.body = blank;
    EXPECT_TRUE(read_request(bare)->body.empty());
  }
}

// These a page of another site can send without being asked whether it may.
TEST(ReadRequest, ABodySaysThatItIsJson) {
  net::HttpRequest bare = get("/x");
  bare.body = "{}";
  EXPECT_THAT(refusal(bare), HasSubstr("by its Content-Type"));
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "text/plain; application/json", "text/plain;charset=application/json", "application/jsonx", "application/json5",
        "application/json, text/plain", "application/merge-patch+json", "json", ";application/json"})
    EXPECT_THAT(refusal(post("{}", type)), HasSubstr("by its Content-Type")) << type;
}

TEST(ReadRequest, WrongBodiesAreRefused) {
  for (const char* body : {"[]", "[{}]", "\"x\"", "1", "null", "true"})
    EXPECT_THAT(refusal(post(body)), HasSubstr("no JSON object")) << body;
  for (const char* body :
       {R"({"a":1,"a":2})", R"({"a":1,"\u0061":1})", R"({"b":{"a":1,"c":2,"a":3}})", R"({"b":[1,{"a":{},"a":{}}]})"})
    EXPECT_THAT(refusal(post(body)), HasSubstr("twice")) << body;
  for (const char* body : {"{", "}", "{]", R"({"a":})", R"({"a":1)", R"({"a":1}x)", R"({"a":1}{"b":2})", "{'a':1}",
                           "{a:1}", R"({"a":1,})", R"({"a":01})", "{\"a\":\"\xff\"}", "a=1", "// x\n{}"})
    EXPECT_THAT(refusal(post(body)), HasSubstr("read the request's body")) << body;
  const auto nested = [](int levels) {
    return R"({"a":)" + repeated("[", levels - 1) + repeated("]", levels - 1) + "}";
  };
  EXPECT_EQ(refusal(post(nested(64))), "accepted");
  EXPECT_THAT(refusal(post(nested(65))), HasSubstr("nested more than 64 levels"));
  EXPECT_THAT(refusal(post(nested(100'000))), HasSubstr("nested more than 64 levels"));
  EXPECT_NE(refusal(post(R"({"a":")" + std::string(8 << 20, 'x') + "\"}")), "accepted");
}

TEST(ReadRequest, IfMatchIsAnETagOfOurs) {
  const auto match = [](std::string value) { return with_header("if-match", std::move(value)); };
  EXPECT_EQ(read_request(get("/x"))->if_match, std::nullopt);
  EXPECT_EQ(read_request(match("\"7\""))->if_match, "7");
  EXPECT_EQ(read_request(match(" \"7\"\t"))->if_match, "7");
  for (const char* value : {"\"\"", "\"7\", \"8\"", "7", "*", "\"", "\"7", "7\"", "'7'", "W/\"7\"", "w/\"7\""})
    EXPECT_THAT(refusal(match(value)), HasSubstr("If-Match")) << value;
}

TEST(NumberOf, IsWithinItsBounds) {
  const auto number = [](std::string text) {
    Request request;
    request.query["limit"] = std::move(text);
    return number_of(request, "limit", 100, 1, 1000);
  };
  EXPECT_EQ(number("1").value(), 1);
  EXPECT_EQ(number("1000").value(), 1000);
  EXPECT_EQ(number("007").value(), 7);
  for (const char* text : {"", "0", "1001", "-1", "5x", "x", " 5", "5 ", "+5", "5.0", "1e2", "0x5", "1,000", "--5",
                           "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "\xD9\xA5"}) {
    const auto refused = number(text);
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request) << text;
    EXPECT_THAT(refused.error().cause, HasSubstr("limit must be a number from 1 to 1000")) << text;
  }
}

TEST(NumberOf, MayBeLeftOut) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                         most = std::numeric_limits<std::int64_t>::max();
  Request request;
  request.query["least"] = std::to_string(least);
  request.query["most"] = std::to_string(most);
  EXPECT_EQ(number_of(request, "least", 0, least, most).value(), least);
  EXPECT_EQ(number_of(request, "most", 0, least, most).value(), most);
  EXPECT_EQ(number_of(request, "mos", 7, 1, 10).value(), 7);
  EXPECT_EQ(number_of(request, "before", 0, 1, most).value(), 0) << "also a number that nobody could send";
}

TEST(UnknownKey, SaysWhichAndWhere) {
  const Error error = unknown_key("nope", "query");
  EXPECT_EQ(error.code, ErrorCode::invalid_request);
  EXPECT_THAT(error.cause, HasSubstr("'nope' means nothing in the query"));
  const Error hostile = unknown_key("\x1b[31m\n" + repeated("k", 10'000), "body");
  EXPECT_THAT(hostile.cause, Not(HasSubstr("\x1b")));
  EXPECT_THAT(hostile.cause, Not(HasSubstr("\n")));
  EXPECT_LT(hostile.cause.size(), 200u);
}

TEST(Answer, IsOneLineOfJson) {
  json::object body;
  body["id"] = "a";
  body["note"] = "x\ny";
  const Response response = answer(201, body);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.type, "application/json");
  EXPECT_EQ(response.body, "{\"id\":\"a\",\"note\":\"x\\ny\"}\n");
  EXPECT_TRUE(response.headers.empty());
}

TEST(Problem, EachErrorHasItsStatus) {
  const std::pair<ErrorCode, int> all[] = {
      {ErrorCode::invalid_request, 400},
      {ErrorCode::permission_denied, 403},
      {ErrorCode::policy_denied, 403},
      {ErrorCode::approval_required, 403},
      {ErrorCode::not_found, 404},
      {ErrorCode::conflict, 409},
      {ErrorCode::expired, 410},
      {ErrorCode::rate_limited, 429},
      {ErrorCode::internal, 500},
      {ErrorCode::output_failed, 500},
      {ErrorCode::authentication_failed, 502},
      {ErrorCode::unreachable, 502},
      {ErrorCode::certificate_invalid, 502},
      {ErrorCode::server_error, 502},
      {ErrorCode::cancelled, 503},
      {ErrorCode::timeout, 504},
  };
  for (const auto& [code, status] : all) {
    const std::string word(to_string(code));
    EXPECT_EQ(status_of(code), status) << word;
    const Error error{code, "scale the deployment", "it went wrong", "Do something else", nullptr, {}};
    const Response response = problem(error);
    EXPECT_EQ(response.status, status) << word;
    EXPECT_EQ(response.type, "application/problem+json");
    const json::value body = document(response);
    EXPECT_EQ(text_at(body, {"type"}), "about:blank");
    EXPECT_EQ(text_at(body, {"code"}), word);
    EXPECT_EQ(integer_at(body, {"status"}), status) << word;
    EXPECT_EQ(text_at(body, {"detail"}), "scale the deployment: it went wrong. Do something else.");
    EXPECT_EQ(text_at(body, {"remedy"}), "Do something else.");
    EXPECT_FALSE(text_at(body, {"title"}).empty());
    EXPECT_THAT(std::string(text_at(body, {"title"})), Not(HasSubstr("_")));
    EXPECT_EQ(body.get_object().size(), 6u) << response.body;
  }
  EXPECT_EQ(text_at(document(problem({ErrorCode::policy_denied, "", "no", "", nullptr, {}})), {"title"}),
            "policy denied");
}

TEST(Problem, NamesTheChangeThatItIsAbout) {
  const Error error{ErrorCode::approval_required, "", "change 17 waits for an approval", "", nullptr, {}};
  EXPECT_EQ(integer_at(document(problem(error, 17)), {"change"}), 17);
  EXPECT_EQ(find(document(problem(error)), "change"), nullptr);
  const Response other = problem_with_status(401, error);
  EXPECT_EQ(other.status, 401);
  EXPECT_EQ(other.type, "application/problem+json");
  EXPECT_EQ(integer_at(document(other), {"status"}), 401);
}

TEST(Problem, WhatOthersWroteStandsApartAndIsPlain) {
  const std::string hostile =
      std::string(
          "pods \"x\" \x1b[31mnot found\x1b[0m \xE2\x80\xAE\xE2\x80\x8B\n\r\x07 DB_PASSWORD=hunter2 \xff\xC3(") +
      std::string(1, '\0') + "\",\"status\":200,\"code\":\"done\",\"x\":\"";
  const Error error{ErrorCode::not_found, "GET /x", "the server answered 404", "", nullptr, hostile};
  const Response response = problem(error);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body.find('\n'), response.body.size() - 1) << "one line";
  EXPECT_TRUE(is_valid_utf8(response.body));
  for (const char* hidden : {"\x1b", "\r", "\x07", "\xE2\x80\xAE", "\xE2\x80\x8B", "hunter2"})
    EXPECT_THAT(response.body, Not(HasSubstr(hidden)));
  EXPECT_EQ(response.body.find('\0'), std::string::npos);
  const json::value body = document(response);
  EXPECT_EQ(integer_at(body, {"status"}), 404);
  EXPECT_EQ(text_at(body, {"code"}), "not_found");
  EXPECT_EQ(text_at(body, {"detail"}), "GET /x: the server answered 404.");
  const std::string foreign(text_at(body, {"foreign"}));
  EXPECT_THAT(foreign, HasSubstr("pods \"x\""));
  for (const char* hidden : {"\x1b", "\r", "\x07", "\xE2\x80\xAE", "\xE2\x80\x8B", "hunter2"})
    EXPECT_THAT(foreign, Not(HasSubstr(hidden)));
  EXPECT_EQ(body.get_object().size(), 6u) << response.body;
}

TEST(Problem, HoldsNoCredentialAndIsBounded) {
  const std::string token = "flt_0123456789abcdef_" + repeated("Ab3-x_9", 6) + "Q";
  const Error error{ErrorCode::server_error, "call " + token, "it was " + token,
                    "Use not " + token,      nullptr,         "they had " + token};
  EXPECT_THAT(problem(error).body, Not(HasSubstr("Ab3-x_9")));
  const std::string much(1 << 20, '\x1b');
  const Error long_one{ErrorCode::server_error, much, much, much, nullptr, much};
  EXPECT_LT(problem(long_one).body.size(), 20'000u);
  EXPECT_THAT(problem(long_one).body, Not(HasSubstr("\x1b")));
}

TEST(ReadRequest, ACommandComesWordByWord) {
  auto request = read_head(get("/x?command=sh&stdin=true&command=-c&command=echo+a%26b&command="));
  ASSERT_TRUE(request);
  EXPECT_THAT(request->command, ElementsAre("sh", "-c", "echo a&b", ""));
  EXPECT_THAT(request->query, ElementsAre(Pair("stdin", "true")));
  std::string many = "/x?command=a";
  for (int i = 0; i < 1000; ++i) many += "&command=a";
  EXPECT_FALSE(read_head(get(many)));
  auto nul = read_head(get("/x?command=%00"));
  EXPECT_FALSE(nul && check_characters(*nul, {}));
}

}  // namespace
}  // namespace fairlead::rest
