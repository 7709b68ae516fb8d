#include "ops/object_document.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace fairlead::ops {
namespace {

json::value document(std::string_view object) { return object_document(parse_json(object, "test").value(), 0); }

// Whom a policy is about and whom it lets in hangs on what is empty and what is left out.
TEST(ObjectDocument, WhatWasWrittenAsEmptyStays) {
  for (std::string_view spec :
       {R"({"podSelector":{},"policyTypes":["Ingress"]})", R"({"podSelector":{},"ingress":[{}]})",
        R"({"podSelector":{},"ingress":[]})", R"({"ingress":[{"from":[{"podSelector":{}}]}]})",
        R"({"ingress":[{"from":[{"namespaceSelector":{}}]}]})",
        R"({"ingress":[{"from":[{"namespaceSelector":{},"podSelector":{"matchLabels":{"app":"web"}}}]}]})",
        R"({"volumes":[{"name":"cache","emptyDir":{}}]})"})
    EXPECT_EQ(document(R"({"spec":)" + std::string(spec) + "}").at("spec"), parse_json(spec, "test").value());
}

TEST(ObjectDocument, WhatNobodyWroteIsLeftOut) {
  EXPECT_EQ(
      document(R"({"spec":{"strategy":{},"containers":[{"resources":{},"securityContext":{},"name":"a","args":null}],
                        "inner":{"nothing":null,"word":""}},"status":{"loadBalancer":{},"list":[]}})"),
      parse_json(R"({"spec":{"containers":[{"name":"a"}]}})", "test").value());
}

}  // namespace
}  // namespace fairlead::ops
