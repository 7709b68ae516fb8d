// What somebody who writes into a log could make redaction spend.
#include <gtest/gtest.h>

#include <ctime>

#include "redact/redact.h"

namespace fairlead::redact {
namespace {

// CPU time.
double seconds(std::string_view piece, std::size_t size) {
  std::string text;
  text.reserve(size + piece.size());
  while (text.size() < size) text += piece;
  const std::clock_t begin = std::clock();
  redact::text(text);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// Eight times the text may take eight times as long, and thrice that for the noise of a busy machine; where time is
// quadratic it is 64 times.
bool is_linear(std::string_view piece, std::size_t size) {
  return seconds(piece, size) < 24 * seconds(piece, size / 8) + 0.02;
}

TEST(RedactText, TakesLinearTime) {
  constexpr std::size_t size = 1 << 17;
  for (std::string_view piece : {"eyJ/",
                                 "eyJ.",
                                 "eyJ=",
                                 "eyJ/eyJ.a ",
                                 "sk-",
                                 "-s",
                                 "AKIA",
                                 "-----BEGIN PRIVATE KEY",
                                 "-----BEGIN PRIVATE KEY-----\n",
                                 "-----BEGIN ",
                                 "-----END ",
                                 "-----END PRIVATE KEY",
                                 "A\n-----END PRIVATE KEY",
                                 "://",
                                 "://a:b",
                                 "://a:b@",
                                 "a@tcp(",
                                 "password",
                                 "password ",
                                 "password=",
                                 "password=\"",
                                 "password=\\\"",
                                 "password='",
                                 "password:",
                                 "/token:",
                                 "token:1.1",
                                 "token.go:1",
                                 "tokens:1",
                                 "token=[ ",
                                 "token=[{",
                                 "token={",
                                 "token=,",
                                 "--password ",
                                 "\"password\":[",
                                 "name value",
                                 "password, value ",
                                 "Bearer ",
                                 "bearer a",
                                 "basic dXNl",
                                 "cookie: ",
                                 "\\",
                                 "\"",
                                 "'",
                                 " ",
                                 "a",
                                 "=",
                                 "<token>",
                                 "LS0tLS1CRUdJTi",
                                 "LS0tLS1CRUdJTiBDRVJU",
                                 "token: a b",
                                 "\n",
                                 "password=,,,,\"\"\"\"",
                                 "password\\\\\\\\",
                                 "auth=",
                                 "auth:YWE6",
                                 "\"auth\":\"",
                                 "APP_KEY:",
                                 "APP_KEY=",
                                 "password: |\n",
                                 "password: |\n  ",
                                 "password: |\\n ",
                                 "password:\n ",
                                 " x password:\n",
                                 "stringData:{",
                                 "stringData:\n ",
                                 "kind: Secret\ndata:{",
                                 "kind: Secret data: {\"",
                                 "kind",
                                 "kind: ",
                                 "://a:",
                                 "://a:1/@",
                                 "/webhook/",
                                 "://h/hook/",
                                 "mysql -p",
                                 "mysql -p'",
                                 " -p\"a",
                                 "curl -u ",
                                 "password:\n- a\n- b",
                                 "tokens:\n- a\n",
                                 "- a\n",
                                 "by '",
                                 "identified by ",
                                 "echo a | x --stdin ",
                                 "| chpasswd ",
                                 "htpasswd -b a b ",
                                 "aws config token ",
                                 "\\\n",
                                 "\n\r",
                                 "\n- ",
                                 "-u a:",
                                 "|",
                                 "H4sI",
                                 "http://a:b/",
                                 "password is ",
                                 "password is the ",
                                 "password for x:\n ",
                                 "password a: ",
                                 "password:a:",
                                 "Unseal Key 1: ",
                                 "key ",
                                 "login a password b ",
                                 "creds=a:",
                                 "--user a:b ",
                                 "password%3D",
                                 "<password a ",
                                 "<password a=>",
                                 "auth=a:$(",
                                 "auth=a://",
                                 "creds=a:<redacted",
                                 "password: a\n  b\n",
                                 "password: a\n",
                                 "password=\"\n",
                                 "password=\"a\n b='",
                                 "password=\"a\" + ",
                                 "password='a'\"",
                                 "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB",
                                 "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n",
                                 "616161616161616161616161616161616161616161 ",
                                 "eJxLTBwFo2AUDHcAALV3Yag= ",
                                 "token: [\n",
                                 "token: {a: [",
                                 "tokens:\n a: b\n",
                                 "tokens:\n- a: b\n",
                                 "name: password ",
                                 "name: password\n a: b\n",
                                 "jdbc:oracle:",
                                 "jdbc:oracle:a/b@",
                                 "user,password\n",
                                 "a,password,",
                                 "|password|a|\n",
                                 "form-data; name=\"password\"\n\n",
                                 "chpasswd <<EOF\na:b\n",
                                 "chpasswd <<<",
                                 "\x1b]",
                                 "\x1b]a"}) {
    EXPECT_TRUE(is_linear(piece, size) || is_linear(piece, size)) << piece;
  }
}

}  // namespace
}  // namespace fairlead::redact
