#include "redact/structures.h"

#include <gmock/gmock.h>

#include "redact/redact.h"

namespace fairlead::redact {
namespace {

TEST(Structures, UnderACredentialsName) {
  for (const auto& [said, shown] : std::vector<std::pair<std::string, std::string>>{
           {R"(x "tokens":{"a":"hunter2","b":{"c":"hunter3"}}, "d": 1)",
            R"(x "tokens":{"a":"<redacted>","b":{"c":"<redacted>"}}, "d": 1)"},
           {R"(x {"credentials":{"value":"hunter2","name":"x"}})",
            R"(x {"credentials":{"value":"<redacted>","name":"x"}})"},
           {"\"passwords\": [\n  \"hunter2\",\n  \"hunter3\"\n]\n",
            "\"passwords\": [\n  \"<redacted>\",\n  \"<redacted>\"\n]\n"},
           {R"(x {\"tokens\":{\"a\":\"hunter2\"}})", R"(x {\"tokens\":{\"a\":\"<redacted>\"}})"},
           {"tokens: {a: hunter2}\nb: c", "tokens: {a: <redacted>}\nb: c"},
           {"passwords:\n  alice: hunter2\n  bob: 'hunter3' # old\nport: 5",
            "passwords:\n  alice: <redacted>\n  bob: '<redacted>' # old\nport: 5"},
           {"tokens:\n- id: 5\n  secret: hunter2\nport: 5", "tokens:\n- id: 5\n  secret: <redacted>\nport: 5"},
       })
    EXPECT_EQ(text(said), shown) << said;
}

TEST(Structures, PairsOfNameAndValue) {
  for (const auto& [said, shown] : std::vector<std::pair<std::string, std::string>>{
           {"- name: DB_PASSWORD\n  description: of the db\n  value: hunter2\n- name: x",
            "- name: DB_PASSWORD\n  description: of the db\n  value: <redacted>\n- name: x"},
           {R"(x {"key":"password","type":"text","stringValue":"hunter2"})",
            R"(x {"key":"password","type":"text","stringValue":"<redacted>"})"}})
    EXPECT_EQ(text(said), shown) << said;
  for (std::string_view said : {"- name: DB_PASSWORD\n  optional: true\n- name: b\n  value: c\n",
                                "key: password\nname: db\nvalue: c\n", "name: password reset\nsays: nothing\n"})
    EXPECT_EQ(text(said), said);
}

TEST(Structures, ReferencesAndOthersStay) {
  for (std::string_view said :
       {R"(x "imagePullSecrets":[{"name":"regcred"}] y)", R"(x "password":{"name":"db","key":"password"} y)",
        "password: {name: db, key: password}", "token:\n  valueFrom:\n    secretKeyRef:\n      name: db\n",
        "secrets:\n- name: db\n- name: pull\n", "credentials:\n  name: db\n  key: password\n",
        R"(x "token":{"type":"string","description":"of the user"} y)", "secret:\n  enabled: true\n  name: web-tls\n",
        "the tokens [of all\nusers] are gone", "failed secrets:\n  could not be read: why\n"})
    EXPECT_EQ(text(said), said);
}

}  // namespace
}  // namespace fairlead::redact
