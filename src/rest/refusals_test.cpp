#include "rest/refusals.h"

#include <gtest/gtest.h>

namespace fairlead::rest {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

Refusal wrong_token(std::string address, std::string method = "GET") {
  return {"", std::move(address), std::move(method), "/api/v1/whoami", ErrorCode::authentication_failed};
}
Refusal denied(std::string who, std::string_view route) {
  return {std::move(who), "10.0.0.1", "POST", route, ErrorCode::policy_denied};
}

TEST(Refusals, TheFirstAtOnceAndTheOthersAsANumber) {
  Refusals refusals;
  const auto first = refusals.note(wrong_token("10.0.0.1"), kNow);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->who, "");
  EXPECT_EQ(first->operation, "request");
  EXPECT_EQ(first->outcome, "authentication_failed");
  EXPECT_EQ(first->arguments, (json::object{{"address", "10.0.0.1"}, {"method", "GET"}, {"route", "/api/v1/whoami"}}));
  for (int i = 1; i <= 10'000; ++i) EXPECT_FALSE(refusals.note(wrong_token("10.0.0.1"), kNow + i));
  EXPECT_TRUE(refusals.take(kNow + 59'999).empty());
  const auto rest = refusals.take(kNow + 60'000);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].arguments,
            (json::object{{"address", "10.0.0.1"}, {"count", 10'000}, {"since", "2027-01-15T08:00:00Z"}}));
  EXPECT_EQ(rest[0].time, kNow + 60'000);
  EXPECT_TRUE(refusals.note(wrong_token("10.0.0.1"), kNow + 60'001)) << "a new minute";
  EXPECT_TRUE(refusals.take(kNow + 200'000).empty()) << "one alone has its record already";
}

TEST(Refusals, OfAKnownCallerEachThing) {
  Refusals refusals;
  const auto first = refusals.note(denied("api:agent", "/api/v1/tokens"), kNow);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->who, "api:agent");
  EXPECT_EQ(first->decision, "deny");
  EXPECT_EQ(first->rule, "roles");
  EXPECT_TRUE(refusals.note(denied("api:agent", "/api/v1/clusters"), kNow));
  EXPECT_TRUE(refusals.note(denied("api:other", "/api/v1/tokens"), kNow));
  EXPECT_FALSE(refusals.note(denied("api:agent", "/api/v1/tokens"), kNow));
  const auto rest = refusals.take(kNow, true);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(text_at(rest[0].arguments, {"route"}), "/api/v1/tokens");
  EXPECT_EQ(integer_at(rest[0].arguments, {"count"}), 1);
}

TEST(Refusals, NothingThatAClientHasMadeUp) {
  Refusals refusals;
  const auto record = refusals.note(wrong_token("10.0.0.1", std::string(60'000, 'X')), kNow);
  EXPECT_EQ(text_at(record->arguments, {"method"}), "other");
}

TEST(Refusals, ManyAddressesFloodNothing) {
  Refusals refusals;
  std::size_t records = 0;
  for (int i = 0; i < 100'000; ++i)
    records +=
        refusals.note(wrong_token("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250)), kNow) ? 1 : 0;
  EXPECT_EQ(records, Refusals::kMostKinds + 1);
  EXPECT_TRUE(refusals.note(denied("api:agent", "/api/v1/tokens"), kNow)) << "who is known is still told";
  EXPECT_FALSE(refusals.note(denied("api:agent", "/api/v1/audit"), kNow));
  const auto rest = refusals.take(kNow + 60'000);
  std::int64_t counted = 0;
  for (const auto& one : rest) counted += integer_at(one.arguments, {"count"});
  EXPECT_EQ(counted, 100'000 - static_cast<std::int64_t>(records) + 1);
  EXPECT_TRUE(refusals.take(kNow + 60'000, true).empty());
}

TEST(Refusals, OneNetworkOfIpv6IsOneSender) {
  Refusals refusals;
  EXPECT_EQ(text_at(refusals.note(wrong_token("2001:db8::1"), kNow)->arguments, {"address"}), "2001:db8::/64");
  EXPECT_FALSE(refusals.note(wrong_token("2001:db8::2"), kNow));
}

TEST(Refusals, AClockThatIsSetBackHoldsNothingForEver) {
  Refusals refusals;
  EXPECT_TRUE(refusals.note(wrong_token("10.0.0.1"), kNow));
  EXPECT_FALSE(refusals.note(wrong_token("10.0.0.1"), kNow));
  EXPECT_EQ(refusals.take(kNow - 5000).size(), 1u);
}

}  // namespace
}  // namespace fairlead::rest
