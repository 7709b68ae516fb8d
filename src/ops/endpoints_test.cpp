#include "ops/endpoints.h"

#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using ::testing::ElementsAre;

json::value of(std::string_view text) { return parse_json(text, "test").value(); }

TEST(ServiceEndpoints, AnAddressInTwoSlicesCountsOnce) {
  ServiceEndpoints all;
  all.add_slice(of(R"({"ports":[{"name":"http","port":8080}],"endpoints":[
      {"addresses":["10.0.0.1"],"conditions":{"ready":false}},{"addresses":["10.0.0.2"]}]})"),
                10);
  all.add_slice(of(R"({"ports":[{"name":"admin","port":9090}],"endpoints":[
      {"addresses":["10.0.0.1"],"conditions":{"ready":true}},{"addresses":["10.0.0.2"],"conditions":{"ready":false}}]})"),
                10);
  EXPECT_EQ(all.ready, 2u);
  EXPECT_EQ(all.not_ready, 0u);
  ASSERT_EQ(all.addresses.size(), 2u);
  EXPECT_TRUE(all.addresses[0].ready);
  EXPECT_THAT(all.ports, ElementsAre("http 8080/TCP", "admin 9090/TCP"));
}

TEST(ServiceEndpoints, OfSubsets) {
  ServiceEndpoints all;
  all.add_subsets(of(R"({"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"notReadyAddresses":[{"ip":"10.0.0.2"}],
      "ports":[{"port":80,"protocol":"UDP"}]},{"addresses":[{"ip":"10.0.0.1"}]}]})"),
                  1);
  EXPECT_EQ(all.ready, 1u);
  EXPECT_EQ(all.not_ready, 1u);
  EXPECT_EQ(all.addresses.size(), 1u) << "so many are kept";
}

TEST(GetEndpoints, TellsOfAddressesThatAreLeftOut) {
  using testing::Message;
  Message labels = Message().text(1, "kubernetes.io/service-name").text(2, "web");
  Message slice = Message().message(1, testing::meta("shop", "web-1").message(11, labels));
  for (int i = 0; i < 10'001; ++i) slice = std::move(slice).message(2, Message().text(1, std::to_string(i)));
  testing::World world({{"GET /apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
                         testing::list("discovery.k8s.io/v1", "EndpointSliceList", {slice})}});
  auto reply = world.call("get_endpoints", R"({"namespace":"shop","name":"web"})");
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->notes, ElementsAre("1 more addresses are left out"));
}

}  // namespace
}  // namespace fairlead::ops
