#include "sandbox/protobuf_encoder.h"

#include <gtest/gtest.h>

#include <protozero/pbf_reader.hpp>

#include "sandbox/protobuf_wire.h"
#include "sandbox/resources.h"
#include "sandbox/stored_form.h"

namespace fairlead::sandbox {
namespace {

const Message& message(std::string_view name) { return *Schema::builtin().message(name); }
json::value parse(std::string_view text) { return *parse_json(text, "test"); }

std::string bytes_of(std::string_view name, std::string_view text) {
  auto bytes = encode(message(name), parse(text));
  EXPECT_TRUE(bytes) << bytes.error();
  return bytes ? *bytes : "";
}

TEST(Encoder, WritesTheBytesThatTheApiServerWrites) {
  // ConfigMap: metadata=1 {name=1, namespace=3, labels=11}, data=2, by hand.
  std::string expected;
  std::string label(
      "\x0a\x01"
      "a"
      "\x12\x01"
      "b",
      6);
  std::string metadata = std::string(
                             "\x0a\x02"
                             "cm"
                             "\x1a\x01"
                             "n",
                             7) +
                         "\x5a\x06" + label;
  expected += '\x0a';
  expected += static_cast<char>(metadata.size());
  expected += metadata;
  expected += std::string("\x12\x06\x0a\x01k\x12\x01v", 8);
  EXPECT_EQ(bytes_of("ConfigMap", R"({"data":{"k":"v"},"metadata":{"name":"cm","labels":{"a":"b"},"namespace":"n"}})"),
            expected);
}

TEST(Encoder, SortsMapsAndKeepsEmptyMessages) {
  EXPECT_EQ(bytes_of("ConfigMap", R"({"data":{"b":"2","a":"1"}})"),
            bytes_of("ConfigMap", R"({"data":{"a":"1","b":"2"}})"));
  // emptyDir stands inside the inlined volumeSource and is there although it is empty.
  std::string volume = bytes_of("Volume", R"({"name":"tmp","emptyDir":{}})");
  EXPECT_EQ(volume, std::string("\x0a\x03tmp\x12\x02\x12\x00", 9));
  EXPECT_EQ(compact(*decode(message("Volume"), volume)), R"({"name":"tmp","emptyDir":{}})");
}

TEST(Encoder, WritesTheStoredForm) {
  const Message& pod = message("Pod");
  constexpr std::string_view sent =
      R"({"metadata":{"name":"x","labels":{}},"spec":{"containers":[{"name":"a","image":"","ports":null}],)"
      R"("hostNetwork":false,"priority":0,"nodeName":""},"status":null})";
  EXPECT_EQ(
      compact(*decode(pod, bytes_of("Pod", sent))),
      R"({"metadata":{"name":"x"},"spec":{"containers":[{"name":"a","resources":{}}],"priority":0},"status":{}})");
  Resources resources;
  for (const auto& resource : resources.all()) {
    if (resource->message->others()) continue;
    auto bytes = encode(*resource->message, json::object());
    ASSERT_TRUE(bytes) << resource->kind;
    EXPECT_EQ(*decode(*resource->message, *bytes), as_stored(*resource->message, json::object())) << resource->kind;
  }
}

TEST(Encoder, KnowsTheScalarsOfItsOwn) {
  EXPECT_EQ(bytes_of("ResourceRequirements", R"({"limits":{"cpu":"2"}})"), std::string("\x0a\x0a\x0a\x03"
                                                                                       "cpu"
                                                                                       "\x12\x03\x0a\x01"
                                                                                       "2",
                                                                                       12));
  EXPECT_EQ(bytes_of("ResourceRequirements", R"({"limits":{"cpu":2}})"),
            bytes_of("ResourceRequirements", R"({"limits":{"cpu":"2"}})"));
  EXPECT_EQ(bytes_of("ObjectMeta", R"({"creationTimestamp":"1970-01-01T00:02:00Z"})"),
            std::string("\x42\x04\x08\x78\x10\x00", 6));
  EXPECT_EQ(bytes_of("ServicePort", R"({"targetPort":80})"),
            std::string("\x18\x00\x22\x06\x08\x00\x10\x50\x1a\x00", 10));
  EXPECT_EQ(bytes_of("ServicePort", R"({"targetPort":"web"})"),
            std::string("\x18\x00\x22\x09\x08\x01\x10\x00\x1a\x03web", 13));
  EXPECT_EQ(bytes_of("Secret", R"({"data":{"k":"aGk="}})"), std::string("\x0a\x00\x12\x07\x0a\x01k\x12\x02hi", 11));
  EXPECT_EQ(bytes_of("ManagedFieldsEntry", R"({"fieldsV1":{"f:a":{}}})"), "\x3a\x0c\x0a\x0a{\"f:a\":{}}");
  std::string micro = bytes_of("Event", R"({"eventTime":"1970-01-01T00:00:01.000002Z"})");
  EXPECT_EQ(text_at(*decode(message("Event"), micro), {"eventTime"}), "1970-01-01T00:00:01.000002Z");
}

TEST(Encoder, CanBeReadByAnotherReader) {
  std::string pod = bytes_of(
      "Pod",
      R"({"metadata":{"name":"web-1"},"spec":{"containers":[{"name":"a"},{"name":"b"}],"terminationGracePeriodSeconds":30},
                                        "status":{"phase":"Running"}})");
  protozero::pbf_reader reader(pod);
  int containers = 0;
  std::string phase;
  while (reader.next()) {
    if (reader.tag() == 2) {
      auto spec = reader.get_message();
      while (spec.next()) {
        if (spec.tag() == 2) ++containers;
        if (spec.tag() == 4) {
          EXPECT_EQ(spec.get_int64(), 30);
          continue;
        }
        spec.skip();
      }
    } else if (reader.tag() == 3) {
      auto status = reader.get_message();
      while (status.next(1)) phase = status.get_string();
    } else {
      reader.skip();
    }
  }
  EXPECT_EQ(containers, 2);
  EXPECT_EQ(phase, "Running");
}

TEST(Encoder, RefusesWrongTypesInGosWords) {
  auto error = [](std::string_view name, std::string_view text) {
    auto bytes = encode(message(name), parse(text));
    return bytes ? "" : bytes.error();
  };
  EXPECT_EQ(error("Deployment", R"({"spec":{"replicas":"three"}})"),
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
  EXPECT_EQ(error("Deployment", R"({"spec":{"replicas":2.5}})"),
            "json: cannot unmarshal number 2.5 into Go struct field DeploymentSpec.spec.replicas of type int32");
  EXPECT_EQ(error("Deployment", R"({"spec":{"replicas":3000000000}})"),
            "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32");
  EXPECT_NE(error("Pod", R"({"spec":{"containers":{}}})"), "");
  EXPECT_NE(error("Pod", R"({"metadata":{"labels":[1]}})"), "");
  EXPECT_NE(error("Pod", R"({"metadata":{"labels":{"a":1}}})"), "");
  EXPECT_NE(error("Pod", R"({"metadata":{"creationTimestamp":"yesterday"}})"), "");
  EXPECT_NE(error("Secret", R"({"data":{"k":"%%"}})"), "");
  EXPECT_NE(error("ResourceRequirements", R"({"limits":{"cpu":"a lot"}})"), "");
  EXPECT_NE(error("Pod", "[]"), "");
  EXPECT_EQ(error("Pod", R"({"unknown":[1,2],"spec":null})"), "");
}

TEST(Decoder, GivesBackWhatWasEncoded) {
  constexpr std::string_view text =
      R"({"metadata":{"name":"x","labels":{"a":"b"},"ownerReferences":[{"kind":"ReplicaSet","name":"r","uid":"u","apiVersion":"apps/v1","controller":true}],)"
      R"("managedFields":[{"manager":"m","fieldsV1":{"f:spec":{}}}]},"spec":{"volumes":[{"name":"v","configMap":{"name":"c","items":[{"key":"k","path":"p"}]}}],)"
      R"("containers":[{"name":"a","ports":[{"containerPort":80}],"env":[{"name":"E","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],)"
      R"("resources":{"requests":{"cpu":"100m"}},"livenessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":3}}],"priority":0,"hostNetwork":false}})";
  std::string bytes = bytes_of("Pod", text);
  auto back = decode(message("Pod"), bytes);
  ASSERT_TRUE(back) << back.error();
  const json::value stored = as_stored(message("Pod"), parse(text));
  EXPECT_EQ(*back, stored);
  std::string direct;
  append_json(direct, message("Pod"), bytes);
  EXPECT_EQ(parse(direct), stored);
  auto brief = decode(message("Pod"), bytes, DecodeOptions{false});
  EXPECT_EQ(find(*brief, "metadata", "managedFields"), nullptr);
}

TEST(Decoder, LeavesOutTheZerosOfGoClients) {
  std::string spec;
  wire::put_integer(spec, 1, 0);  // replicas: a pointer, so 0 was meant
  wire::put_integer(spec, 5, 0);  // minReadySeconds: no pointer
  EXPECT_EQ(compact(*decode(message("DeploymentSpec"), spec, DecodeOptions{true, true})),
            R"({"replicas":0,"selector":null})");
  EXPECT_EQ(compact(*decode(message("DeploymentSpec"), spec)), R"({"replicas":0,"minReadySeconds":0,"selector":null})");
}

TEST(Decoder, SurvivesAnyBytes) {
  std::string pod = bytes_of(
      "Pod",
      R"({"metadata":{"name":"web-1","creationTimestamp":"2026-01-02T03:04:05Z"},"spec":{"containers":[{"name":"a","image":"b"}]}})");
  for (std::size_t length = 0; length < pod.size(); ++length)
    (void)decode(message("Pod"), std::string_view(pod).substr(0, length));
  std::uint64_t random = 7;
  for (int round = 0; round < 20'000; ++round) {
    std::string broken = pod;
    for (int i = 0; i < 3; ++i) {
      random = random * 6364136223846793005ull + 1442695040888963407ull;
      broken[(random >> 33) % broken.size()] = static_cast<char>(random >> 20);
    }
    (void)decode(message("Pod"), broken);
  }
  EXPECT_FALSE(decode(message("Pod"), "\x0a\xff"));
  EXPECT_FALSE(decode(message("Pod"), std::string_view("\x08\x01", 2)));  // metadata as a number
}

TEST(Envelope, WrapsAndUnwraps) {
  std::string wrapped = envelope("v1", "Pod", "raw");
  EXPECT_EQ(wrapped, std::string("k8s\0\x0a\x09\x0a\x02v1\x12\x03Pod\x12\x03raw\x1a\x00\x22\x00", 24));
  auto unwrapped = unwrap(wrapped);
  ASSERT_TRUE(unwrapped);
  EXPECT_EQ(unwrapped->api_version, "v1");
  EXPECT_EQ(unwrapped->kind, "Pod");
  EXPECT_EQ(unwrapped->raw, "raw");
  EXPECT_FALSE(unwrap("{}"));
  EXPECT_FALSE(unwrap(std::string_view("k8s\0\x0a\x7f", 6)));
}

}  // namespace
}  // namespace fairlead::sandbox
