#include "sandbox/list_options.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

std::string message_of(std::string_view query, bool watches) {
  auto target = parse_target("/x?" + std::string(query));
  auto checked = check_list_options(target->query, watches);
  return checked ? "" : checked.error().message;
}

TEST(ListOptions, RefusesWhatContradictsItself) {
  EXPECT_EQ(message_of("limit=5&resourceVersion=7&resourceVersionMatch=Exact", false), "");
  EXPECT_EQ(message_of("resourceVersionMatch=Exact", false),
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is "
            "forbidden unless resourceVersion is provided");
  EXPECT_EQ(message_of("resourceVersion=0&resourceVersionMatch=Exact", false),
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" "
            "is forbidden for resourceVersion \"0\"");
  EXPECT_EQ(message_of("resourceVersion=1&resourceVersionMatch=NotOlderThan", true),
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is "
            "forbidden for watch unless sendInitialEvents is provided");
  EXPECT_EQ(message_of("sendInitialEvents=true&resourceVersionMatch=NotOlderThan", true), "");
  EXPECT_EQ(message_of("timeoutSeconds=x", true), "strconv.ParseInt: parsing \"x\": invalid syntax");
  EXPECT_EQ(message_of("limit=99999999999999999999", false),
            "strconv.ParseInt: parsing \"99999999999999999999\": value out of range");
}

TEST(ListOptions, TellsWhatIsWrongWithAToken) {
  auto problem = [](std::string_view text) {
    auto token = decode_token(text);
    return token ? std::string() : token.error().message;
  };
  EXPECT_EQ(decode_token(encode_token({7, std::string("a/b\0", 4)}))->start, std::string("a/b\0", 4));
  EXPECT_EQ(problem("e30"),
            "invalid continue token: continue key is not valid: server does not recognize this encoded version \"\"");
  EXPECT_EQ(problem("abc"),
            "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value");
  EXPECT_EQ(problem("a!c"), "invalid continue token: continue key is not valid: illegal base64 data at input byte 1");
  EXPECT_EQ(problem(encode_token({7, ""})),
            "invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
}

TEST(ListOptions, AVersionToComeIsATimeout) {
  Cluster cluster;
  for (std::string path : {"/api/v1/namespaces/shop", "/api/v1/namespaces"}) {
    EXPECT_EQ(cluster.get(path + "?resourceVersion=999999999").status, 504);
    EXPECT_EQ(cluster.get(path + "?resourceVersion=abc").message(),
              "resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax");
  }
}

TEST(Writes, NameTheirObjectAsThePathDoes) {
  Cluster cluster;
  std::string maps = "/api/v1/namespaces/shop/configmaps";
  ASSERT_EQ(cluster.ask("POST", maps, R"({"metadata":{"name":"a"}})").status, 201);
  std::string merge = "application/merge-patch+json";
  EXPECT_EQ(cluster.ask("PUT", maps + "/a", "{}").message(),
            "the name of the object (a based on URL) was undeterminable: name must be provided");
  EXPECT_EQ(cluster.patch(maps + "/a", R"({"metadata":{"namespace":"default"}})", merge).status, 400);
  EXPECT_EQ(cluster.patch(maps + "/a", R"({"metadata":{"uid":"x"}})", merge).message(),
            "ConfigMap \"a\" is invalid: metadata.uid: Invalid value: \"x\": field is immutable");
  EXPECT_EQ(cluster.patch(maps + "/a", R"({"kind":"Secret"})", merge).status, 422);
  EXPECT_EQ(
      cluster.ask("PUT", maps + "/a", R"({"metadata":{"name":"a","resourceVersion":"0"},"data":{"k":"v"}})").status,
      200)
      << "0 is any version";
  EXPECT_EQ(cluster.ask("PUT", maps + "/a", R"({"metadata":{"name":"a","resourceVersion":"x"}})").status, 500);
  EXPECT_EQ(cluster.ask("PUT", maps + "/b", R"({"metadata":{"name":"b","uid":"u"}})").message(),
            "Operation cannot be fulfilled on configmaps \"b\": StorageError: invalid object, Code: 4, Key: "
            "/registry/configmaps/shop/b, ResourceVersion: 0, "
            "AdditionalErrorMsg: Precondition failed: UID in precondition: u, UID in object meta: ");
}

TEST(Reads, AskForTheMetadataOfWhatIsThere) {
  Cluster cluster;
  std::string one = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
              many = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop", one).status, 200);
  EXPECT_EQ(cluster.get("/api/v1/namespaces", many).status, 200);
  EXPECT_EQ(cluster.get("/api/v1/namespaces/shop", many).message(),
            "you requested PartialObjectMetadataList, but the requested object is not a list (*core.Namespace)");
  EXPECT_EQ(cluster.get("/api/v1/namespaces", one).message(),
            "you requested PartialObjectMetadata, but the requested object is a list (*core.NamespaceList)");
}

}  // namespace
}  // namespace fairlead::sandbox
