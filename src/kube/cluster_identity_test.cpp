#include "kube/cluster_identity.h"

#include <gtest/gtest.h>

#include "kube/fake_api.h"

namespace fairlead::kube {
namespace {

using net::testing::patience;
using testing::Answer;
using testing::FakeApi;
using testing::refusal;

TEST(ClusterIdentity, IsAskedOnceAndByWhatTheServerSays) {
  int asked = 0;
  FakeApi api([&](const net::HttpRequest& request) {
    EXPECT_EQ(request.target, "/api/v1/namespaces/kube-system");
    ++asked;
    return Answer{.body = R"({"kind":"Namespace","metadata":{"uid":"u-1"}})"};
  });
  Client& client = api.client();
  const auto first = api.run(identify(client, patience()));
  const auto second = api.run(identify(client, patience()));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->uid, "u-1");
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(asked, 1);
}

TEST(ClusterIdentity, WhatMayNotBeReadLeavesThePlace) {
  FakeApi api([](const net::HttpRequest&) { return refusal(403, "Forbidden", "no"); });
  const auto identity = api.run(identify(api.client(), patience()));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->uid, "");
  EXPECT_EQ(identity->place.size(), 64U);
  FakeApi broken([](const net::HttpRequest&) { return refusal(401, "Unauthorized", "no"); });
  EXPECT_FALSE(broken.run(identify(broken.client(), patience())));
}

TEST(ClusterIdentity, IsTheSameByItsUidOrElseByItsPlace) {
  const ClusterIdentity here{"p1", "u1"};
  EXPECT_TRUE(here.is({"p2", "u1"}));
  EXPECT_FALSE(here.is({"p1", "u2"}));
  EXPECT_TRUE(here.is({"p1", ""}));
  EXPECT_FALSE(here.is({"p2", ""}));
  EXPECT_FALSE(ClusterIdentity{}.is(here));
}

}  // namespace
}  // namespace fairlead::kube
