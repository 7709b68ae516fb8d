#include "sandbox/faults.h"

#include <gtest/gtest.h>

namespace fairlead::sandbox {
namespace {

FaultRule rule(std::string_view text) {
  auto read = Faults::read(parse_json(text, "test").value());
  EXPECT_TRUE(read) << (read ? "" : read.error());
  return read.value_or(FaultRule{});
}

std::string problem(std::string_view text) {
  auto read = Faults::read(parse_json(text, "test").value());
  return read ? "" : read.error();
}

TEST(Faults, PatternsMatch) {
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("/api/v1/*pods*", "/api/v1/namespaces/shop/pods/web-0"));
  EXPECT_FALSE(matches_pattern("/api/v1/pods", "/api/v1/pods/web-0"));
  EXPECT_FALSE(matches_pattern("/api", "/api/"));
  EXPECT_TRUE(matches_pattern("*a*b*", "xxaxxbxx"));
  EXPECT_FALSE(matches_pattern("*a*b", "xxbxxa"));
  EXPECT_TRUE(matches_pattern(std::string(500, '*') + "a", std::string(10'000, 'b') + "a"));
}

TEST(Faults, HitWhatFits) {
  Faults faults;
  faults.set(rule(
      R"({"name":"busy","match":{"methods":["GET"],"path":"/api/v1/*pods","watch":false,"userAgent":"kubectl"},"status":429,"retryAfter":2,"delayMs":50})"));
  auto hit = faults.hit("GET", "/api/v1/pods", false, "kubectl/v1.32");
  ASSERT_TRUE(hit.error);
  EXPECT_EQ(hit.error->code, 429);
  EXPECT_EQ(hit.error->reason, "TooManyRequests");
  EXPECT_EQ(hit.retry_after, 2);
  EXPECT_EQ(hit.delay_ms, 50);
  EXPECT_FALSE(faults.hit("POST", "/api/v1/pods", false, "kubectl/v1.32").error);
  EXPECT_FALSE(faults.hit("GET", "/api/v1/pods", true, "kubectl/v1.32").error);
  EXPECT_FALSE(faults.hit("GET", "/api/v1/nodes", false, "kubectl/v1.32").error);
  EXPECT_FALSE(faults.hit("GET", "/api/v1/pods", false, "curl").error);
  EXPECT_EQ(integer_at(faults.show().at(0), {"hits"}), 1);
  EXPECT_TRUE(faults.remove("busy"));
  EXPECT_FALSE(faults.remove("busy"));
  EXPECT_FALSE(faults.hit("GET", "/api/v1/pods", false, "kubectl/v1.32").error);
}

TEST(Faults, CountAndSpreadTheirHits) {
  Faults faults;
  faults.set(rule(R"({"name":"some","percent":30,"skip":1,"times":6,"drop":true})"));
  std::string seen;
  for (int i = 0; i < 31; ++i) seen += faults.hit("GET", "/x", false, "").drop ? 'x' : '.';
  EXPECT_EQ(seen, "....x..x..x...x..x..x..........");
}

TEST(Faults, AddTheirDelaysAndTheFirstDecides) {
  Faults faults;
  faults.set(rule(R"({"name":"slow","delayMs":100})"));
  faults.set(rule(R"({"name":"torn","delayMs":20,"tearAfter":10})"));
  faults.set(rule(R"({"name":"error","status":503})"));
  auto hit = faults.hit("GET", "/x", false, "");
  EXPECT_EQ(hit.delay_ms, 120);
  EXPECT_EQ(hit.tear_after, 10);
  EXPECT_FALSE(hit.error);
}

TEST(Faults, RefuseWhatTheyDoNotUnderstand) {
  EXPECT_EQ(problem("[]"), "a fault: it must be an object");
  EXPECT_EQ(problem(R"({"status":500})"), "a fault: it needs a name");
  EXPECT_EQ(problem(R"({"name":"x"})"), "a fault: it needs an effect: delayMs, status, drop or tearAfter");
  EXPECT_EQ(problem(R"({"name":"x","status":200})"), "a fault: status must be a number from 400 to 599");
  EXPECT_EQ(problem(R"({"name":"x","status":500,"drop":true})"),
            "a fault: status, drop and tearAfter exclude each other");
  EXPECT_EQ(problem(R"({"name":"x","drop":true,"stauts":500})"), "a fault: there is no member 'stauts'");
  EXPECT_EQ(problem(R"({"name":"x","drop":true,"match":{"method":"GET"}})"),
            "a fault's match: there is no member 'method'");
  EXPECT_EQ(problem(R"({"name":"x","drop":"yes"})"), "a fault: drop must be true or false");
}

TEST(Faults, AreShownAsTheyAreRead) {
  FaultRule read = rule(
      R"({"name":"x","match":{"methods":["GET","PUT"],"path":"/api*","watch":true},"percent":20,"skip":1,"times":3,"tearAfter":0})");
  json::object shown = Faults::show(read);
  EXPECT_EQ(Faults::show(rule(compact(shown))), shown);
}

TEST(Faults, HaveALimit) {
  Faults faults;
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(faults.set(rule(R"({"name":"n)" + std::to_string(i) + R"(","drop":true})")));
  EXPECT_FALSE(faults.set(rule(R"({"name":"more","drop":true})")));
  EXPECT_TRUE(faults.set(rule(R"({"name":"n5","delayMs":1})")));
}

}  // namespace
}  // namespace fairlead::sandbox
