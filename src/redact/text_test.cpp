#include "base/text.h"

#include <gmock/gmock.h>

#include "redact/redact.h"

namespace fairlead::redact {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kJwt =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50Iiwic3ViIjoieCJ9."
    "c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU";
const std::string kBody = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

struct Leak {
  std::string text;
  std::string secret;  // must not be in the answer
  std::string kept;    // must be
};

std::vector<Leak> leaks() {
  return {
      {"token is " + kJwt + " ok", kJwt.substr(40), "ok"},
      {"x=" + kJwt, "c2lnbmF0", "x="},
      {"/path/" + kJwt, "c2lnbmF0", "/path/"},
      {"key-" + kJwt, "c2lnbmF0", "key-"},
      {"GET /?access_token=" + kJwt + "&x=1", "eyJ", "&x=1"},
      {"Authorization: Bearer abcdef0123456789", "abcdef0123456789", "Authorization"},
      {"authorization: bearer abcdefghijklmno", "abcdefghijklmno", "authorization"},
      {"Authorization: Basic dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy", ""},
      {"Authorization: Token 9944b09199c62bcf", "9944b09199c62bcf", ""},
      {"Authorization: Digest username=\"bob\", response=\"6629fae49393a05397450978507c4ef1\"", "bob", ""},
      {"curl -H 'Authorization: Bearer s3cr3t' https://x.example", "s3cr3t", "https://x.example"},
      {"sent header bearer Abcdefghijklmnop done", "Abcdefghijklmnop", "done"},
      {"got basic dXNlcjpodW50ZXIy done", "dXNlcjpodW50ZXIy", "done"},
      {"Set-Cookie: session=abc; token=def", "abc", "Set-Cookie"},
      {"Cookie: a=b; c=hunter2", "hunter2", "Cookie"},
      {"id AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE", "used"},
      {"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalr", "AWS_SECRET_ACCESS_KEY="},
      {"aws_session_token = FwoGZXIvYXdzEBYaD", "FwoGZ", "aws_session_token = "},
      {"ghp_0123456789abcdefghijklmnopqrstuvwxyz", "0123456789abc", ""},
      {"https://ghp_0123456789abcdefghijklmnopqrstuvwxyz@github.com/x", "ghp_", "@github.com/x"},
      {"glpat-abcdefghijklmnopqrst end", "glpat-", "end"},
      {"xoxb-1234567890-abcdefghij end", "xoxb-", "end"},
      {"sk-proj-Abcdefghij0123456789Abcdefghij0123456789", "Abcdefghij", ""},
      {"hvs.CAESIJ0123456789abcdef", "CAESIJ", ""},
      {"key AIzaSyA1234567890abcdefghijklmnopqrstuv", "AIzaSy", "key"},
      {"postgres://app:hunter2@db:5432/shop", "hunter2", "postgres://app:"},
      {"redis://:hunter2@cache:6379/0", "hunter2", "@cache:6379/0"},
      {"amqp://guest:p%40ss@mq", "p%40ss", "@mq"},
      {"mongodb+srv://u:p:w@h1,h2/db", "p:w", "@h1,h2/db"},
      {"https://user:pa@ss@host/x", "pa@ss", "@host/x"},
      {"dial app:hunter2@tcp(db:3306)/shop", "hunter2", "@tcp(db:3306)/shop"},
      {"PASSWORD=hunter2", "hunter2", "PASSWORD="},
      {"export DB_PASSWORD=hunter2; run", "hunter2", "; run"},
      {"DB_PWD=hunter2", "hunter2", ""},
      {"MYSQL_PASS=hunter2", "hunter2", ""},
      {"api-key: abc123", "abc123", "api-key: "},
      {"apiKey=abc123,user=bob", "abc123", ",user=bob"},
      {"X-Api-Key:abc123", "abc123", ""},
      {"spring.datasource.password=hunter2", "hunter2", ""},
      {"client_secret = 'hunter2'", "hunter2", "client_secret = '"},
      {"password := \"hunter2\"", "hunter2", ""},
      {"'password' => 'hunter2',", "hunter2", "',"},
      {"password == hunter2", "hunter2", ""},
      {"config['password'] = 'hunter2'", "hunter2", ""},
      {"password=b'hunter2'", "hunter2", ""},
      {"password=ab\"cd ef", "cd", "ef"},
      {"password=ab,cd)ef user=bob", "cd", "user=bob"},
      {"{Password:hunter2 User:bob}", "hunter2", "User:bob}"},
      {"{User:bob Password:hunter2}", "hunter2", "}"},
      {"map[password:hunter2]", "hunter2", "]"},
      {"host=db user=app password=hunter2 dbname=x", "hunter2", "dbname=x"},
      {"AccountName=x;AccountKey=abcd/efg==;EndpointSuffix=core", "abcd", "EndpointSuffix=core"},
      {"{\"password\":\"hunter2\",\"user\":\"bob\"}", "hunter2", "\"user\":\"bob\"}"},
      {"{\"password\" : \"ab\\\"cd\", \"user\":\"bob\"}", "cd", "bob"},
      {"{\"password\":\"ab\\\\\", \"user\":\"bob\"}", "ab", "bob"},
      {"{\"msg\":\"{\\\"password\\\":\\\"hunter2\\\",\\\"user\\\":\\\"bob\\\"}\"}", "hunter2", "bob"},
      {"{\"msg\":\"{\\\"password\\\":\\\"ab\\\\\\\"cd\\\",\\\"user\\\":\\\"bob\\\"}\"}", "cd", "bob"},
      {"{\"msg\":\"login password=hunter2\",\"level\":\"info\"}", "hunter2", "\",\"level\":\"info\"}"},
      {"{\"passwords\":[\"one1\",\"two2\"],\"n\":1}", "two2", "],\"n\":1}"},
      {"{\"name\":\"DB_PASSWORD\",\"value\":\"hunter2\"}", "hunter2", "DB_PASSWORD"},
      {"- name: DB_PASSWORD\n  value: hunter2\n", "hunter2", "value: "},
      {"<password>hunter2</password>", "hunter2", "<password>"},
      {"run --password hunter2 --verbose", "hunter2", "--verbose"},
      {"run --password=hunter2 --verbose", "hunter2", "--verbose"},
      {"args: [\"--password\", \"hunter2\", \"-v\"]", "hunter2", "\"-v\"]"},
      {"password: hunter for user bob", "hunter", "bob"},
      {"token: 'it''s'", "s'", "token"},
      {"PASSWORD=${PW:-hunter2}", "hunter2", ""},
      {"token=/Ab/cD0123", "Ab/cD", ""},
      {"bearer: abc", "abc", ""},
      {"?X-Amz-Signature=0123456789abcdef&x=1", "0123456789abcdef", "&x=1"},
      {"client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo=", "LS0t", ""},
      {"key LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCg== end", "LS0t", "end"},
      {std::string(200, 'a') + "_password=hunter2", "hunter2", "aaa"},
      {"-----BEGIN PRIVATE KEY-----\n" + kBody + "\n" + kBody + "\nAbc=\n-----END PRIVATE KEY-----\nnext",
       kBody.substr(0, 8), "next"},
      {"-----BEGIN RSA PRIVATE KEY-----\r\n" + kBody + "\r\n-----END RSA PRIVATE KEY-----\r\nnext", kBody.substr(0, 8),
       "next"},
      {"{\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n" + kBody + "\\n-----END PRIVATE KEY-----\\n\",\"n\":1}",
       kBody.substr(0, 8), "\"n\":1"},
      {"T1 -----BEGIN EC PRIVATE KEY-----\nT1 " + kBody + "\nT1 -----END EC PRIVATE KEY-----\nnext", kBody.substr(0, 8),
       "next"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\n" + kBody + "\nstarted the server\n", kBody.substr(0, 8),
       "started the server"},
      {"old line of log\n" + kBody + "\n" + kBody + "\nAbc=\n-----END PRIVATE KEY-----\nnext", kBody.substr(0, 8),
       "old line of log"},
      {kBody + "\\n-----END PRIVATE KEY-----\\n\"}", kBody.substr(0, 8), "\"}"},
      {R"(DOCKER_AUTH_CONFIG={"auths":{"r.example":{"auth":"dXNlcjpodW50ZXIy"}}})", "dXNlcjpodW50ZXIy", "r.example"},
      {R"({"auths":{"r.example":{"auth": "dXNlcjpodW50ZXIy","email":"a"}}})", "dXNlcjpodW50ZXIy", "\"email\":\"a\""},
      {R"({"msg":"{\"auth\":\"dXNlcjpodW50ZXIy\"}"})", "dXNlcjpodW50ZXIy", "auth"},
      {"//registry.npmjs.org/:_auth=dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy", "_auth="},
      {"export STRIPE_KEY=hunter2", "hunter2", "STRIPE_KEY="},
      {"APP_KEY=base64:aHVudGVyMg==", "aHVudGVy", "APP_KEY="},
      {"JWT_KEY: hunter2\nuser: bob", "hunter2", "user: bob"},
      {"\"OPENAI_KEY\":\"hunter2\",\"a\":1", "hunter2", "\"a\":1"},
      {"- name: AES_KEY\n  value: hunter2\n", "hunter2", "AES_KEY"},
      {"ROOT_PW=hunter2", "hunter2", "ROOT_PW="},
      {"db_pw: hunter2", "hunter2", "db_pw"},
      {"BASIC_AUTH=bob:hunter2 x", "hunter2", " x"},
      {"SMTP_AUTH=hunter2", "hunter2", "SMTP_AUTH"},
      {"HTPASSWD=bob:$apr1$x$y", "apr1", "HTPASSWD"},
      {"posting to https://hooks.slack.com/services/T000/B000/XXXXabc failed", "XXXXabc", "hooks.slack.com/services/"},
      {"https://discord.com/api/webhooks/123/abcDEF", "abcDEF", "webhooks/"},
      {"https://api.telegram.org/bot123:abc/sendMessage", "123:abc", "api.telegram.org"},
      {"https://x.example/webhook/0123456789abcdef0123", "0123456789abcdef", "x.example/webhook/"},
      {"https://acme.webhook.office.com/webhookb2/0a1b2c3d-0000-4000-8000-0123456789ab@1/IncomingWebhook/x", "0a1b2c3d",
       "acme.webhook.office.com"},
      {"https://a.blob.core.windows.net/c?sv=2020&sig=abc%2Bdef%3D&se=1", "abc%2Bdef", "&se=1"},
      {"pat " + std::string(26, 'a') + "b2" + std::string(24, 'c') + " end", "aaab2c", "end"},
      {"login sha256~" + std::string(43, 'x') + " end", "xxxx", "end"},
      {"join --token abcdef.0123456789abcdef --ca", "0123456789abcdef", "--ca"},
      {"the bootstrap token abcdef.0123456789abcdef was made", "0123456789abcdef", "was made"},
      {"glrt-abcdefghij0123456789 end", "abcdefghij", "end"},
      {"dckr_pat_abcdefghij0123456789 end", "abcdefghij", "end"},
      {"a gzip H4sIAAAAAAAA" + std::string(60, 'x') + " end", "xxxx", "end"},
      {"password: |\n  hunter2\n  hunter3\nuser: bob", "hunter", "user: bob"},
      {"- password: >-\n    hunter2\n\n    hunter3\n  user: bob", "hunter", "  user: bob"},
      {"  token: |2 # two\n     hunter2\n  user: bob", "hunter2", "user: bob"},
      {R"({"x":"password: |\n  hunter2\nuser: bob"})", "hunter2", "user: bob"},
      {"password:\n  hunter2\nuser: bob", "hunter2", "user: bob"},
      {"postgres://u:pa#ss@h/db", "pa#ss", "@h/db"},
      {"postgres://u:pa/ss@h/db", "pa/ss", "@h/db"},
      {"postgres://u:pa@ss/w@h/db", "ss/w", "@h/db"},
      {"redis://u:12/34@h", "12/34", "@h"},
      {"amqp://u:pa?ss@h1,amqp://v:pw/x@h2", "pw/x", "@h2"},
      {"PASSWORD=/a/b", "/a/b", "PASSWORD="},
      {"client-secret: /ab/cd", "/ab/cd", "client-secret"},
      {"+ mysql -uroot -phunter2 shop", "hunter2", " shop"},
      {"mysqldump --all -p'hunter 2' shop", "hunter 2", " shop"},
      {"sh -c \"mysql -phunter2\"", "hunter2", "-p"},
      {R"(["/usr/bin/mysql","-uroot","-phunter2","shop"])", "hunter2", "\"shop\"]"},
      {"args:\n- curl\n- -u\n- bob:hunter2\n- x", "hunter2", "- x"},
      {"args:\n- mysql\n- -phunter2\n- shop", "hunter2", "shop"},
      {"curl -fsS -u bob:hunter2 https://x.example", "hunter2", "-u bob:"},
      {"curl -su bob:hunter2 https://x.example", "hunter2", "https://x.example"},
      {"curl --user bob:hunter2 https://x.example", "hunter2", "https://x.example"},
      {"curl --user=bob:hunter2 https://x.example", "hunter2", "https://x.example"},
      {"curl -u \"bob:hunter2\" https://x.example", "hunter2", "https://x.example"},
      {R"(["curl","-u","bob:hunter2","https://x.example"])", "hunter2", "https://x.example"},
      {"redis-cli -h cache -a hunter2 ping", "hunter2", "ping"},
      {"sshpass -p hunter2 ssh bob@h", "hunter2", "ssh bob@h"},
      {"sshpass -phunter2 ssh bob@h", "hunter2", "ssh bob@h"},
      {"docker login -u bob -p hunter2 r.example", "hunter2", "r.example"},
      {"aws configure set aws_secret_access_key hunter2 --profile x", "hunter2", "--profile x"},
      {R"(["aws","configure","set","aws_secret_access_key","hunter2"])", "hunter2", "configure"},
      {"git config --global http.password hunter2 && x", "hunter2", "&& x"},
      {"bind 0.0.0.0\nrequirepass hunter2\nmaxmemory 1gb", "hunter2", "maxmemory 1gb"},
      {"redis-server --requirepass hunter2 --port 6379", "hunter2", "--port 6379"},
      {"htpasswd -bc /etc/htpasswd bob hunter2", "hunter2", "bob"},
      {"htpasswd -nbB bob hunter2", "hunter2", "bob"},
      {"echo hunter2 | docker login -u bob --password-stdin r.example", "hunter2", "r.example"},
      {"echo 'bob:hunter 2' | chpasswd", "hunter 2", "chpasswd"},
      {"CREATE USER bob IDENTIFIED BY 'hunter2';", "hunter2", "IDENTIFIED BY '"},
      {"create user bob identified with mysql_native_password by 'hunter2' require ssl", "hunter2", "require ssl"},
      {"passwords:\n- hunter2\n- hunter3\nusers: 2", "hunter3", "users: 2"},
      {"  tokens:\n    - hunter2\n    - hunter3\n    - hunter4\n  n: 1", "hunter4", "n: 1"},
      {"ALTER USER bob WITH PASSWORD 'hunter2';", "hunter2", "WITH PASSWORD '"},
      {"PGPASSWORD=hunter2 psql -h db", "hunter2", "psql -h db"},
      {"openssl rsa -in k.pem -passin pass:hunter2 -out x", "hunter2", "-out x"},
      {R"({"kind":"Secret","data":{"x":"aHVudGVyMg=="},"type":"Opaque"})", "aHVu", "Opaque"},
      {R"({"msg":"{\"kind\":\"Secret\",\"data\":{\"x\":\"aHVudGVyMg==\"},\"type\":\"Opaque\"}"})", "aHVu", "Opaque"},
      {"apiVersion: v1\nkind: Secret\ndata:\n  x: aHVudGVyMg==\nmetadata:\n  name: db\n", "aHVu", "name: db"},
      {R"({"stringData":{"x":"hun}ter2","y":"z"},"a":1})", "ter2", "\"a\":1"},
      {"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n" + kBody +
           "\n-----END PRIVATE KEY-----",
       kBody.substr(0, 8), "CERTIFICATE"},
  };
}

TEST(RedactText, TakesCredentialsOut) {
  for (const Leak& leak : leaks()) {
    const std::string out = redact::text(leak.text);
    EXPECT_THAT(out, Not(HasSubstr(leak.secret))) << leak.text;
    EXPECT_THAT(out, HasSubstr(leak.kept)) << leak.text;
    EXPECT_THAT(out, HasSubstr(kRedacted)) << leak.text;
    if (leak.text.find("-----") == std::string::npos) {
      EXPECT_EQ(redact::text(out), out) << "a second time: " << leak.text;
    }
  }
}

TEST(RedactText, LeavesHarmlessTextAsItIs) {
  for (std::string_view text :
       {"",
        "token bucket",
        "the token bucket: 5 per second",
        "secretName: web-tls",
        "tokenFile=/var/run/token",
        "passwords: 0",
        "passwords=12, users=3",
        "max_tokens: 4096",
        "prompt_tokens=15234",
        "automountServiceAccountToken: false",
        "token: null",
        "token=none",
        "\"token\": null,",
        "password=\"\"",
        "PASSWORD=$(DB_PASSWORD)",
        "password: $(DB_PASSWORD)\n",
        "PASSWORD=${DB_PASSWORD}",
        "password: {{ .Values.password }}",
        "image "
        "ghcr.io/acme/token-service:v1.2.3@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "token-service:v1.2",
        "vault-secrets:1.0.3",
        "nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "123e4567-e89b-12d3-a456-426614174000",
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
        "token=/var/run/secrets/kubernetes.io/serviceaccount/token",
        "--token-auth-file=/etc/tokens.csv",
        "--authorization-mode=Node,RBAC",
        "secret \"web-tls\" not found",
        "MountVolume.SetUp failed for volume \"certs\" : secret \"web-tls\" not found",
        "secret/web-tls created",
        "failed to fetch anonymous token: unexpected status from GET request",
        "I0101 12:00:00.000000 1 token.go:45] starting",
        "main_secret.py:12: error",
        "\"imagePullSecrets\":[{\"name\":\"regcred\"}]",
        "secretKeyRef: {name: db, key: password}",
        "tokenizer: bpe",
        "secretary=bob",
        "passwordless: ready",
        "PASS: TestLogin (0.00s)",
        "--- PASS: TestLogin",
        "PWD=/app",
        "OLDPWD=/",
        "bypass=cache",
        "proxy_pass: backend",
        "kube-root-ca.crt",
        "http://host:8080/path@2x.png",
        "ssh://git@github.com/x/y",
        "https://example.com:443/a?b=c",
        "mail bob@example.com now",
        "Basic authentication is off",
        "Bearer authentication-required here",
        "sk-some-deployment-name-7d9f8b6c5-x2x4z-and-more",
        "eyJ",
        "eyJhbGciOi.x",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "arn:aws:secretsmanager:us-east-1:1:x",
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
        "error: unexpected token } in JSON at position 4",
        "a-----b",
        "key: value",
        "keys=5",
        "token_ttl=30s",
        "x\ny\tz",
        "PRIMARY_KEY=id",
        "PARTITION_KEY=user",
        "CACHE_KEY: a",
        "SSH_PUBLIC_KEY=ssh-rsa",
        "ERROR_KEY: no such key in the map",
        "KEY=5",
        "public_key: abc",
        "sort_key=name",
        "key: value of it",
        "oauth: failed",
        "auth: ok",
        "auth=ldap",
        "auth: deadbeef",
        "{\"auth\":\"ldap\"}",
        "docker-pullable://registry.example:5000/x@sha256:9f86d081884c7d65",
        "oci://registry.example:5000/chart@sha256:9f86d081",
        "failed calling webhook \"v.example\": Post \"https://svc.ns.svc:443/mutate-apps-v1-deployment?timeout=10s\"",
        "https://api:6443/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/x-1-20",
        "docker run -p 8080:80 nginx",
        "failed to list *v1.Secret: secrets is forbidden",
        "mysql -p$DB_PASSWORD",
        "curl -u \"$USER:$PASSWORD\" x",
        "curl -u bob:$(PASSWORD) x",
        "mysql -p shop",
        "mysql -P3306 -uroot",
        "ssh -p 22 h",
        "curl -u bob https://x.example",
        "mkdir -p /a/b",
        "nginx -phunter2",
        "SECRET=/var/run/secrets/x",
        "PASSWORD=/run/secrets/db",
        "description: |\n  words\n",
        "INVALID_KEY: 5",
        "ORDER BY 'a'",
        "echo hunter2 | grep x",
        "git config user.name bob",
        "aws s3 ls token",
        "htpasswd -c file bob",
        "tokens:\n- name: a\n  value: 5\n",
        "secrets:\n- name: db\n",
        "kind: SecretStore\ndata:\n  a: b\n",
        "kind: ConfigMap\ndata:\n  a: b\n",
        "{\"kind\":\"ConfigMap\",\"data\":{\"a\":\"b\"}}",
        "token:\n  secretKeyRef:\n    name: db\n",
        "could not read the token:\n  at java.lang.Thread (Thread.java)\n",
        "http://host:8080/a#b@c",
        "data: 5",
        "sha512 cf83e1357eefb8bdf1542850d66d8007d620e4050b57"}) {
    EXPECT_EQ(redact::text(text), text);
  }
}

// Log lines which somebody writes on purpose must not hide what comes after them.
TEST(RedactText, SeesThroughColoursAndWhatHasNoWidth) {
  EXPECT_EQ(redact::text("\x1b[36mpassword\x1b[0m=hunter2hunter2 ok"), "password=<redacted> ok");
  EXPECT_EQ(redact::text("\x1b[36mtoken=\x1b[0;1mSecret456x ok"), "token=<redacted> ok");
  EXPECT_EQ(redact::text("pass\u200bword=hunter2"), "password=<redacted>");
  EXPECT_EQ(redact::text("\x1b[01;31m\x1b[Kpassword\x1b[m\x1b[K=hunter2secret"), "password=<redacted>");
  EXPECT_EQ(redact::text("password\u00a0=\u00a0hunter2secret"), "password = <redacted>");
  EXPECT_EQ(redact::text("pass\x1b]8;;http://x\aword\x1b]8;;\x1b\\=hunter2secret"), "password=<redacted>");
  EXPECT_EQ(redact::text("\x1b]0;token=Secret456x\a ok"), "\x1b]0;token=<redacted>\a ok");
  EXPECT_EQ(redact::text("\x1b[2J plain \u2713"), "\x1b[2J plain \u2713");
}

TEST(RedactText, AKeyWithoutEndHidesOnlyWhatLooksLikeItsBody) {
  EXPECT_EQ(redact::text("-----BEGIN PRIVATE KEY-----\nall is well\nline 2\n"), "<redacted>\nall is well\nline 2\n");
  const std::string far =
      "-----BEGIN PRIVATE KEY-----\nall is well\n" + std::string(70000, '.') + "\n-----END PRIVATE KEY-----\nend";
  EXPECT_THAT(redact::text(far), HasSubstr("all is well"));
}

}  // namespace
}  // namespace fairlead::redact
