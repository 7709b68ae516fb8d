#include "fleet/impersonation.h"

#include <gmock/gmock.h>

namespace fairlead::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> sent(const Impersonation& impersonation, std::string_view caller) {
  std::vector<std::string> out;
  auto headers = headers_of(impersonation, caller);
  if (!headers) return {headers.error().cause};
  for (const auto& header : *headers) out.push_back(header.name + ": " + header.value);
  return out;
}

TEST(Impersonation, NamesTheCaller) {
  const Impersonation one{"fairlead:{name}", {"agents", "team a", "of {name}"}, {{"ticket", "of {name}"}}};
  ASSERT_TRUE(check(one));
  EXPECT_THAT(sent(one, "api:bot"), ElementsAre("Impersonate-User: fairlead:api:bot", "Impersonate-Group: agents",
                                                "Impersonate-Group: team a", "Impersonate-Group: of api:bot",
                                                "Impersonate-Extra-ticket: of api:bot"));
  EXPECT_THAT(sent({}, "api:bot"), ElementsAre());
  EXPECT_THAT(sent({"x:{name}", {}, {}}, "{name}{name}"), ElementsAre("Impersonate-User: x:{name}{name}"));
}

TEST(Impersonation, ANameThatIsNoHeaderIsRefused) {
  for (const std::string& name : {std::string("a\r\nImpersonate-Group: system:masters"), std::string("a\0b", 3),
                                  std::string(), std::string(300, 'a'), std::string("\xc3\xa9"), std::string(" a")})
    EXPECT_THAT(sent({"fairlead:{name}", {}, {}}, name), ElementsAre(HasSubstr("name is none")));
}

// Whatever a row holds that was not checked.
TEST(Impersonation, NobodyBecomesOneOfTheSystem) {
  EXPECT_THAT(sent({"f:{name}", {"{name}"}, {}}, "system:masters"), ElementsAre(HasSubstr("one of the system's own")));
  EXPECT_THAT(sent({"{name}", {}, {}}, "system:admin"), ElementsAre(HasSubstr("one of the system's own")));
}

TEST(Impersonation, WhatMayNotBeConfigured) {
  for (const Impersonation& one : std::vector<Impersonation>{
           {"", {"agents"}, {}},
           {"", {}, {{"a", "b"}}},
           {"everybody", {}, {}},
           {"system:{name}", {}, {}},
           {"system:serviceaccount:a:{name}", {}, {}},
           {"{name}", {}, {}},
           {"a\nb{name}", {}, {}},
           {"f:{name}", {"system:masters"}, {}},
           {"f:{name}", {"a\r\nb"}, {}},
           {"f:{name}", {"{name}"}, {}},
           {"f:{name}", {""}, {}},
           {"f:{name}", {}, {{"A b", "c"}}},
           {"f:{name}", {}, {{"a", 1}}},
           {"f:{name}", {}, {{"a", "b\nc"}}},
           {"f:{name}", std::vector<std::string>(33, "g"), {}},
       })
    EXPECT_FALSE(check(one)) << one.user;
}

}  // namespace
}  // namespace fairlead::fleet
