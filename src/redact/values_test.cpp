#include "redact/values.h"

#include <gmock/gmock.h>

#include "redact/lines.h"
#include "redact/redact.h"

namespace fairlead::redact {
namespace {

struct Shown {
  std::string text, shown;
};

TEST(Values, GoOnInTheLinesBelow) {
  for (const Shown& one : {
           Shown{"  password: abc\n    ZxCvBn987654\n  user: bob", "  password: <redacted>\n  user: bob"},
           Shown{"- password: abc # old\n  user: bob", "- password: <redacted> # old\n  user: bob"},
           Shown{"password: abc\n  def\n  ghi", "password: <redacted>"},
           Shown{"10:15 password: abc\n  ZxCvBn987654\n  for nobody", "10:15 password: <redacted>\n  for nobody"},
           Shown{R"({"a":"password: abc\n    ZxCvBn987654\nuser: bob"})", R"({"a":"password: <redacted>\nuser: bob"})"},
           Shown{"password: \"abc\n  HjKl246\"\nuser: \"bob\"", "password: \"<redacted>\"\nuser: \"bob\""},
           Shown{"password: 'abc\n\n  it''s'\nuser: 'bob'", "password: '<redacted>'\nuser: 'bob'"},
           Shown{"export DB_PASSWORD=\"abc\nHjKlZx246802\"\nexport X=\"y\"",
                 "export DB_PASSWORD=\"<redacted>\"\nexport X=\"y\""},
           Shown{"PASSWORD = (\"abc\"\n   \"HjKlZx\")\nx = \"y\"", "PASSWORD = (\"<redacted>\")\nx = \"y\""},
           Shown{"password := \"abc\" + \"HjKlZx246\"\nx", "password := \"<redacted>\"\nx"},
           Shown{"password = \"abc\" +\n  \"HjKlZx246\";", "password = \"<redacted>\";"},
           Shown{"DB_PASSWORD='abc'\"HjKl\"'foo' run", "DB_PASSWORD='<redacted>' run"},
       })
    EXPECT_EQ(text(one.text), one.shown) << one.text;
}

TEST(Values, EndWhereAnotherOneBegins) {
  for (const Shown& one : {
           Shown{"I01 bad password: \"abc\nI02 user=\"bob\" and \"x\"",
                 "I01 bad password: \"<redacted>\nI02 user=\"bob\" and \"x\""},
           Shown{"password: 'abc\nit's fine", "password: '<redacted>\nit's fine"},
           Shown{"token: \"abc\" \"GET / HTTP/1.1\" 200", "token: \"<redacted>\" \"GET / HTTP/1.1\" 200"},
           Shown{"password: \"abc\"\n\"user\": \"bob\"", "password: \"<redacted>\"\n\"user\": \"bob\""},
           Shown{"token: EOF\n    at java.lang.Thread (x.java)\n",
                 "token: <redacted>\n    at java.lang.Thread (x.java)\n"},
           Shown{"token: expired\n  reason: x", "token: <redacted>\n  reason: x"},
           Shown{"password: required\n  use twelve letters", "password: <redacted>\n  use twelve letters"},
       })
    EXPECT_EQ(text(one.text), one.shown) << one.text;
}

TEST(Values, LeaveLinesTheirPlaces) {
  EXPECT_EQ(text_by_lines("password: abc\n  ZxCvBn987654\nend"), "password: <redacted>\n\nend");
  EXPECT_EQ(text_by_lines("A_PASSWORD=\"abc\nZxCvBn\" b\nend"), "A_PASSWORD=\"<redacted>\n\" b\nend");
}

}  // namespace
}  // namespace fairlead::redact
