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

TEST(DescribeService, NamesAPortThatNothingServes) {
  using testing::Message;
  Message labels = Message().text(1, "kubernetes.io/service-name").text(2, "web");
  Message port = Message().text(1, "http").text(2, "TCP").number(3, 8080);
  Message slice = Message()
                      .message(1, testing::meta("shop", "web-1").message(11, labels))
                      .message(2, Message().text(1, "10.0.0.1"))
                      .message(3, port);
  testing::World world(
      {{"GET /api/v1/namespaces/shop/services/web",
        {.body = R"({"kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"type":"ClusterIP",
                            "ports":[{"name":"http","port":80,"targetPort":"http"},{"name":"admin","port":81,"targetPort":"admn"}]}})"}},
       {"GET /apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
        testing::list("discovery.k8s.io/v1", "EndpointSliceList", {slice})},
       {"GET /api/v1/namespaces/shop/events", testing::list("v1", "EventList", {})}});
  auto reply = world.call("describe_service", R"({"namespace":"shop","name":"web"})");
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->notes, ElementsAre("no endpoint serves port 81: its pods have no port named admn"));
}

TEST(GetEndpoints, OfMirroredOnesWhatWasWritten) {
  using testing::Message;
  Message service = Message().text(1, "kubernetes.io/service-name").text(2, "ext");
  Message manager =
      Message().text(1, "endpointslice.kubernetes.io/managed-by").text(2, "endpointslicemirroring-controller.k8s.io");
  Message slice = Message().message(1, testing::meta("shop", "ext-1").message(11, service).message(11, manager));
  for (auto address : {"10.9.0.1", "10.9.0.2"}) slice = std::move(slice).message(2, Message().text(1, address));
  Message subset = Message().message(1, Message().text(1, "10.9.0.1")).message(2, Message().text(1, "10.9.0.2"));
  testing::World world({{"GET /apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
                         testing::list("discovery.k8s.io/v1", "EndpointSliceList", {slice})},
                        {"GET /api/v1/namespaces/shop/endpoints",
                         testing::list("v1", "EndpointsList",
                                       {Message().message(1, testing::meta("shop", "ext")).message(2, subset)})}});
  EXPECT_EQ(world.text("get_endpoints", R"({"namespace":"shop","name":"ext"})"),
            "namespace: shop\nname: ext\nports: []\nready:\n- address: 10.9.0.1\nnot_ready:\n- address: 10.9.0.2\n");
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
