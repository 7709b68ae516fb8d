#include "redact/phrases.h"

#include <gmock/gmock.h>

#include "redact/redact.h"

namespace fairlead::redact {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Said {
  std::string text;
  std::string secret;  // must go
  std::string kept;    // must stay
};

TEST(Phrases, TakesOutWhatIsAnnounced) {
  for (const Said& said : {
           Said{"the admin password is hunter2-x", "hunter2-x", "the admin password is"},
           Said{"Password was reset to Xk9#mQ2p.", "Xk9#mQ2p", "was reset to"},
           Said{"your new password has been set to 'aB3dE5gH'", "aB3dE5gH", "has been set to '"},
           Said{"A temporary password is generated for root@localhost: qk+Xr2fa,PzW", "qk+Xr2fa,PzW",
                "root@localhost: "},
           Said{"Password for the elastic user (reset with `bin/elasticsearch-reset-password -u elastic`):\n  "
                "C*5ZtGSXnYvQzWvW0b9y\n",
                "C*5ZtGSX", "(reset with"},
           Said{"Generated password for admin: \"s3cr3t-9\"", "s3cr3t-9", "for admin"},
           Said{"Unseal Key 1: 4jYbl2CBIv6SpkKj6Hos9iD32k5RfGkLzlosrrq\nInitial Root Token: x", "4jYbl2CBI",
                "Unseal Key 1: "},
           Said{"got token canary-token-7f3a9b1c5d", "7f3a9b1c5d", "got token "},
           Said{"refresh token 's3cr3tvalue99' is expired", "s3cr3tvalue99", "refresh token '"},
           Said{"invalid bearer token abcXYZ0123456789; token abcXYZ0123456789 expired", "XYZ0123", "expired"},
           Said{"Recovery Key 12: abc", ": abc", "Recovery Key 12: "},
           Said{"machine git.example.com login ann password plainword", "plainword", "login ann password "},
           Said{"machine h\nlogin ann\npassword\tplainword\n", "plainword", "login ann"},
           Said{"proxy creds=ann:wordword ok", "wordword", "creds=ann:<redacted> ok"},
           Said{"run --user ann:wordword now", "wordword", "--user ann:<redacted> now"},
           Said{"run --auth=ann:wordword", "wordword", "--auth=ann:"},
           Said{"git clone https://abcdefGHIJKLmnop@github.com/a/b", "GHIJKL", "@github.com/a/b"},
           Said{"git clone https://0123456789abcdef@github.com/a/b", "6789abc", "@github.com/a/b"},
           Said{"<password type=\"PLAIN\">wordword</password>", "wordword", "</password>"},
           Said{"POST /login?user%3Dann%26password%3Dwordword", "wordword", "password%3D"},
           Said{"kubectl create secret generic s --from-literal=a=wordword", "wordword", "--from-literal=a=<redacted>"},
           Said{"SET PASSWORD FOR bob = PASSWORD('wordword')", "wordword", "PASSWORD('"},
           Said{"ALTER USER bob IDENTIFIED BY wordword;", "wordword", "IDENTIFIED BY "},
           Said{"password is " + std::string(300, 'a') + "9tail", "9tail", "password is "},
           Said{"password rotated; passphrase is hunter2X and note: Abc123x", "hunter2X", "passphrase is "},
           Said{"password rotated; passphrase is hunter2X and note: Abc123x", "Abc123x", "and note: "},
           Said{"pass\u200eword=hunter2x", "hunter2x", "password="},
           Said{"Passwort: wordword", "wordword", "Passwort: "},
           Said{"password for https://u:firstpw@h/ is here: Xk9mQ2pL", "firstpw", "password for https://u:"},
           Said{"password for https://u:firstpw@h/ is here: Xk9mQ2pL", "Xk9mQ2pL", "is here: "},
       }) {
    const std::string out = text(said.text);
    EXPECT_THAT(out, Not(HasSubstr(said.secret))) << said.text;
    EXPECT_THAT(out, HasSubstr(said.kept)) << out;
    EXPECT_THAT(out, HasSubstr(kRedacted)) << out;
  }
}

TEST(Phrases, ProseStays) {
  for (const std::string said : {
           "password is required",
           "the password was changed to something else",
           "password authentication failed for user \"ann\"",
           "credentials are valid until 2026-01-01T00:00:00Z: all good",
           "password policy for realm main: minimum length is twelve",
           "Password for user ann rejected: try again",
           "docker run --user 1000:1000 image",
           "chown --user nobody file",
           "auth=none:",
           "auth: ok",
           "exec: \"--password\": executable file not found in $PATH",
           "the primary key 1: unique",
           "https://git@github.com/a/b",
           "ssh://ann.long-name.of-ours@host/x",
           "<passwordPolicy strict=\"yes\">",
           "login with your password please",
           "no password",
           "password",
           "password ",
           "password is",
           "password is ",
           "password:",
           "Unseal Key",
           "token expired at 2026-01-01T00:00:00Z",
           "using token default-token-x7k2p",
           "token authentication-for-everybody",
           "token 127.0.0.1:8080",
           "token",
           "Unseal Key 1:",
       })
    EXPECT_EQ(text(said), said);
}

TEST(Phrases, ArgumentsOfContainers) {
  json::value object = {{"args", {"--user", "ann:wordword", "--user", "1000:1000", "--creds", "x:y"}}};
  redact::object(object);
  EXPECT_EQ(object,
            (json::value{{"args", {"--user", "ann:<redacted>", "--user", "1000:1000", "--creds", "x:<redacted>"}}}));
}

TEST(CutOut, WhereverItStands) {
  std::string said = "tokentoken x token-y";
  cut_out(said, "token");
  EXPECT_EQ(said, "<redacted><redacted> x <redacted>-y");
  cut_out(said, "x");
  cut_out(said, "");
  EXPECT_EQ(said, "<redacted><redacted> x <redacted>-y");
}

}  // namespace
}  // namespace fairlead::redact
