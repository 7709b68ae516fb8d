#include "kube/status.h"

#include <gmock/gmock.h>

#include "kube/decode_testing.h"

namespace fairlead::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Error error_of(int status, std::string_view body, std::string type = "application/json") {
  return error_from_answer(net::HttpHead{status, {{"Content-Type", std::move(type)}}}, body, "GET /x");
}

TEST(Status, EveryCode) {
  struct Case {
    int status;
    ErrorCode code;
  };
  for (const Case& c : {Case{400, ErrorCode::invalid_request},
                        {401, ErrorCode::authentication_failed},
                        {403, ErrorCode::permission_denied},
                        {404, ErrorCode::not_found},
                        {405, ErrorCode::invalid_request},
                        {406, ErrorCode::invalid_request},
                        {409, ErrorCode::conflict},
                        {410, ErrorCode::expired},
                        {413, ErrorCode::invalid_request},
                        {415, ErrorCode::invalid_request},
                        {422, ErrorCode::invalid_request},
                        {429, ErrorCode::rate_limited},
                        {500, ErrorCode::server_error},
                        {503, ErrorCode::server_error},
                        {504, ErrorCode::timeout},
                        {302, ErrorCode::server_error},
                        {599, ErrorCode::server_error}}) {
    EXPECT_EQ(error_of(c.status, R"({"kind":"Status","message":"so it is"})").code, c.code) << c.status;
    for (std::string_view body :
         {"", "plain", "<html></html>", "{", "{}", "[]", "null", R"({"kind":"Status"})",
          R"({"kind":"Status","message":5})", R"({"kind":"Pod","message":"x"})", "\xff\xfe", "k8s"}) {
      Error error = error_of(c.status, body);
      EXPECT_EQ(error.code, c.code) << c.status << body;
      EXPECT_FALSE(error.cause.empty());
      EXPECT_EQ(error.step, "GET /x");
    }
  }
}

TEST(Status, IsKeptWhole) {
  const std::string body =
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Deployment \"web\" is invalid","reason":"Invalid","details":{"name":"web","causes":[{"reason":"FieldValueInvalid","message":"must be >= 0","field":"spec.replicas"},{"reason":"x"}]},"code":422})";
  Error error = error_of(422, body);
  EXPECT_EQ(error.cause, "the server answered 422");
  EXPECT_EQ(error.foreign, "Deployment \"web\" is invalid");
  ASSERT_TRUE(error.status);
  EXPECT_EQ(compact(*error.status), body);
}

TEST(Status, InProtobuf) {
  using testing::Message;
  Error error =
      error_of(404,
               testing::envelope(
                   "v1", "Status",
                   Message().text(2, "Failure").text(3, "pods \"x\" not found").text(4, "NotFound").number(6, 404)),
               "application/vnd.kubernetes.protobuf");
  EXPECT_EQ(error.code, ErrorCode::not_found);
  EXPECT_EQ(error.foreign, "pods \"x\" not found");
  ASSERT_TRUE(error.status);
  EXPECT_EQ(text_at(json::value(*error.status), {"reason"}), "NotFound");
  error = error_of(404, testing::envelope("v1", "Pod", Message().text(3, "x")));
  EXPECT_FALSE(error.status);
  EXPECT_FALSE(error_of(500, std::string("k8s\0\xff\xff\xff", 7)).status);
}

TEST(Status, OtherBodies) {
  EXPECT_THAT(error_of(502, "<html><body>Bad Gateway password=x</body></html>", "text/html").cause,
              HasSubstr("HTML page"));
  EXPECT_THAT(error_of(502, "<!DOCTYPE html>x").cause, HasSubstr("HTML page"));
  EXPECT_EQ(error_of(500, "etcd is down\n", "text/plain").sentence(), error_of(500, R"({"kind":"Status"})").sentence());
  EXPECT_EQ(error_of(500, "etcd is down\n", "text/plain").foreign, "etcd is down");
  EXPECT_EQ(error_of(500, "").cause, "the server answered 500 without a reason");
  EXPECT_EQ(error_of(500, "\xff\xfe\x1f\x8b").cause, "the server answered 500 without a reason");
  EXPECT_THAT(error_of(302, "Found").cause, HasSubstr("redirection"));
  std::string cause = error_of(500, std::string(199, 'x') + "éé").foreign;
  EXPECT_LT(cause.size(), 240u);
  EXPECT_THAT(cause, HasSubstr("x…"));
  EXPECT_EQ(error_of(500, "a b").cause, "the server answered 500");
}

TEST(Status, RetryAfter) {
  auto seconds = [](std::string header, std::string_view body = "") {
    net::HttpHead head{429, {}};
    if (!header.empty()) head.headers.push_back({"Retry-After", header});
    return retry_after_seconds(head, error_from_answer(head, body, ""));
  };
  EXPECT_EQ(seconds(""), -1);
  EXPECT_EQ(seconds("0"), 0);
  EXPECT_EQ(seconds(" 7 "), 7);
  EXPECT_EQ(seconds("7.5"), -1);
  EXPECT_EQ(seconds("-7"), -1);
  EXPECT_EQ(seconds("99999999999"), INT32_MAX);
  EXPECT_EQ(seconds("99999999999x"), -1);
  EXPECT_EQ(seconds("Wed, 21 Oct 2065 07:28:00 GMT"), -1);
  auto from = [](std::string date, std::string now) {
    net::HttpHead head{429, {{"Retry-After", std::move(date)}, {"Date", std::move(now)}}};
    return retry_after_seconds(head, Error{});
  };
  EXPECT_EQ(from("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"), 60);
  EXPECT_EQ(from("Sat, 31 Dec 1994 23:59:59 GMT", "Sun, 01 Jan 1995 00:00:00 GMT"), 0);
  EXPECT_EQ(from("Wed, 21 Oct 2965 07:28:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"), INT32_MAX);
  for (std::string bad :
       {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 anF 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET"})
    EXPECT_EQ(from(bad, "Sun, 06 Nov 1994 08:49:37 GMT"), -1) << bad;
  EXPECT_EQ(seconds("", R"({"kind":"Status","details":{"retryAfterSeconds":3}})"), 3);
  EXPECT_EQ(seconds("", R"({"kind":"Status","details":{"retryAfterSeconds":4294967299}})"), INT32_MAX);
  EXPECT_EQ(seconds("", R"({"kind":"Status","details":{"retryAfterSeconds":-9223372036854775808}})"), -1);
  EXPECT_EQ(seconds("", R"({"kind":"Status","details":5})"), -1);
  EXPECT_EQ(seconds("5", R"({"kind":"Status","details":{"retryAfterSeconds":3}})"), 5);
}

}  // namespace
}  // namespace fairlead::kube
