#include "ops/redact.h"

#include <gmock/gmock.h>

#include <chrono>

#include "base/text.h"

namespace fairlead::ops {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kJwt =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50Iiwic3ViIjoieCJ9.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU";
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
      {"-----BEGIN PRIVATE KEY-----\n" + kBody + "\n" + kBody + "\nAbc=\n-----END PRIVATE KEY-----\nnext", kBody.substr(0, 8), "next"},
      {"-----BEGIN RSA PRIVATE KEY-----\r\n" + kBody + "\r\n-----END RSA PRIVATE KEY-----\r\nnext", kBody.substr(0, 8), "next"},
      {"{\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n" + kBody + "\\n-----END PRIVATE KEY-----\\n\",\"n\":1}", kBody.substr(0, 8), "\"n\":1"},
      {"T1 -----BEGIN EC PRIVATE KEY-----\nT1 " + kBody + "\nT1 -----END EC PRIVATE KEY-----\nnext", kBody.substr(0, 8), "next"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\n" + kBody + "\nstarted the server\n", kBody.substr(0, 8), "started the server"},
      {"old line of log\n" + kBody + "\n" + kBody + "\nAbc=\n-----END PRIVATE KEY-----\nnext", kBody.substr(0, 8), "old line of log"},
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
      {"https://acme.webhook.office.com/webhookb2/0a1b2c3d-0000-4000-8000-0123456789ab@1/IncomingWebhook/x", "0a1b2c3d", "acme.webhook.office.com"},
      {"https://a.blob.core.windows.net/c?sv=2020&sig=abc%2Bdef%3D&se=1", "abc%2Bdef", "&se=1"},
      {"pat " + std::string(26, 'a') + "b2" + std::string(24, 'c') + " end", "aaab2c", "end"},
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
      {"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n" + kBody + "\n-----END PRIVATE KEY-----", kBody.substr(0, 8), "CERTIFICATE"},
  };
}

TEST(RedactText, TakesCredentialsOut) {
  for (const Leak& leak : leaks()) {
    const std::string out = redact_text(leak.text);
    EXPECT_THAT(out, Not(HasSubstr(leak.secret))) << leak.text;
    EXPECT_THAT(out, HasSubstr(leak.kept)) << leak.text;
    EXPECT_THAT(out, HasSubstr(kRedacted)) << leak.text;
    if (leak.text.find("-----") == std::string::npos) {
      EXPECT_EQ(redact_text(out), out) << "a second time: " << leak.text;
    }
  }
}

TEST(RedactText, LeavesHarmlessTextAsItIs) {
  for (std::string_view text : {
           "", "token bucket", "the token bucket: 5 per second", "secretName: web-tls", "tokenFile=/var/run/token", "passwords: 0", "passwords=12, users=3", "max_tokens: 4096",
           "prompt_tokens=15234", "automountServiceAccountToken: false", "token: null", "token=none", "\"token\": null,", "password=\"\"", "PASSWORD=$(DB_PASSWORD)",
           "PASSWORD=${DB_PASSWORD}", "password: {{ .Values.password }}",
           "image ghcr.io/acme/token-service:v1.2.3@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "token-service:v1.2", "vault-secrets:1.0.3",
           "nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "123e4567-e89b-12d3-a456-426614174000", "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
           "/var/run/secrets/kubernetes.io/serviceaccount/token", "token=/var/run/secrets/kubernetes.io/serviceaccount/token", "--token-auth-file=/etc/tokens.csv", "--authorization-mode=Node,RBAC",
           "secret \"web-tls\" not found", "MountVolume.SetUp failed for volume \"certs\" : secret \"web-tls\" not found", "secret/web-tls created",
           "failed to fetch anonymous token: unexpected status from GET request", "I0101 12:00:00.000000 1 token.go:45] starting", "main_secret.py:12: error",
           "\"imagePullSecrets\":[{\"name\":\"regcred\"}]", "secretKeyRef: {name: db, key: password}", "tokenizer: bpe", "secretary=bob", "passwordless: ready",
           "PASS: TestLogin (0.00s)", "--- PASS: TestLogin", "PWD=/app", "OLDPWD=/", "bypass=cache", "proxy_pass: backend", "kube-root-ca.crt", "http://host:8080/path@2x.png",
           "ssh://git@github.com/x/y", "https://example.com:443/a?b=c", "mail bob@example.com now", "Basic authentication is off", "Bearer authentication-required here",
           "sk-some-deployment-name-7d9f8b6c5-x2x4z-and-more", "eyJ", "eyJhbGciOi.x", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "arn:aws:secretsmanager:us-east-1:1:x",
           "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t", "error: unexpected token } in JSON at position 4", "a-----b", "key: value", "keys=5", "token_ttl=30s", "x\ny\tz",
           "PRIMARY_KEY=id", "PARTITION_KEY=user", "CACHE_KEY: a", "SSH_PUBLIC_KEY=ssh-rsa", "ERROR_KEY: no such key in the map", "KEY=5", "public_key: abc", "sort_key=name", "key: value of it", "oauth: failed",
           "auth: ok", "auth=ldap", "auth: deadbeef", "{\"auth\":\"ldap\"}", "docker-pullable://registry.example:5000/x@sha256:9f86d081884c7d65", "oci://registry.example:5000/chart@sha256:9f86d081",
           "failed calling webhook \"v.example\": Post \"https://svc.ns.svc:443/mutate-apps-v1-deployment?timeout=10s\"", "https://api:6443/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/x-1-20",
           "docker run -p 8080:80 nginx", "failed to list *v1.Secret: secrets is forbidden", "mysql -p$DB_PASSWORD", "curl -u \"$USER:$PASSWORD\" x", "curl -u bob:$(PASSWORD) x", "mysql -p shop", "mysql -P3306 -uroot", "ssh -p 22 h", "curl -u bob https://x.example", "mkdir -p /a/b", "nginx -phunter2", "SECRET=/var/run/secrets/x",
           "PASSWORD=/run/secrets/db", "description: |\n  words\n", "INVALID_KEY: 5", "ORDER BY 'a'", "echo hunter2 | grep x", "git config user.name bob", "aws s3 ls token", "htpasswd -c file bob", "tokens:\n- name: a\n  value: 5\n", "secrets:\n- name: db\n",
           "kind: SecretStore\ndata:\n  a: b\n", "kind: ConfigMap\ndata:\n  a: b\n", "{\"kind\":\"ConfigMap\",\"data\":{\"a\":\"b\"}}",
           "token:\n  secretKeyRef:\n    name: db\n", "could not read the token:\n  at java.lang.Thread (Thread.java)\n", "http://host:8080/a#b@c", "data: 5", "sha512 cf83e1357eefb8bdf1542850d66d8007d620e4050b57"}) {
    EXPECT_EQ(redact_text(text), text);
  }
}

// Log lines which somebody writes on purpose must not hide what comes after them.
TEST(RedactText, AKeyWithoutEndHidesOnlyWhatLooksLikeItsBody) {
  EXPECT_EQ(redact_text("-----BEGIN PRIVATE KEY-----\nall is well\nline 2\n"), "<redacted>\nall is well\nline 2\n");
  const std::string far = "-----BEGIN PRIVATE KEY-----\nall is well\n" + std::string(70000, '.') + "\n-----END PRIVATE KEY-----\nend";
  EXPECT_THAT(redact_text(far), HasSubstr("all is well"));
}

TEST(RedactText, TakesLinearTime) {
  constexpr std::size_t size = 1 << 19;
  for (std::string_view piece :
       {"eyJ/", "eyJ.", "eyJ=", "eyJ/eyJ.a ", "sk-", "-s", "AKIA", "-----BEGIN PRIVATE KEY", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN ", "-----END ", "-----END PRIVATE KEY", "A\n-----END PRIVATE KEY",
        "://", "://a:b", "://a:b@", "a@tcp(", "password", "password ", "password=", "password=\"", "password=\\\"", "password='", "password:", "/token:", "token:1.1", "token.go:1", "tokens:1", "token=[ ",
        "token=[{", "token={", "token=,", "--password ", "\"password\":[", "name value", "password, value ", "Bearer ", "bearer a", "basic dXNl", "cookie: ", "\\", "\"", "'", " ", "a", "=", "<token>", "LS0tLS1CRUdJTi",
        "LS0tLS1CRUdJTiBDRVJU", "token: a b", "\n", "password=,,,,\"\"\"\"", "password\\\\\\\\", "auth=", "auth:YWE6", "\"auth\":\"", "APP_KEY:", "APP_KEY=", "password: |\n", "password: |\n  ",
        "password: |\\n ", "password:\n ", " x password:\n", "stringData:{", "stringData:\n ", "kind: Secret\ndata:{", "kind: Secret data: {\"", "kind", "kind: ", "://a:", "://a:1/@", "/webhook/", "://h/hook/", "mysql -p", "mysql -p'", " -p\"a",
        "curl -u ", "password:\n- a\n- b", "tokens:\n- a\n", "- a\n", "by '", "identified by ", "echo a | x --stdin ", "| chpasswd ", "htpasswd -b a b ", "aws config token ", "\\\n", "\n\r", "\n- ", "-u a:", "|", "H4sI", "http://a:b/"}) {
    std::string text;
    text.reserve(size + piece.size());
    while (text.size() < size) text += piece;
    const auto begin = std::chrono::steady_clock::now();
    redact_text(text);
    // Quadratic time would be minutes; this is generous for a slow, busy machine with sanitizers.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << piece;
  }
}

TEST(NamesACredential, KnowsTheSpellings) {
  for (std::string_view name : {"password", "PASSWORD", "Db_PassWord", "db-password", "dbPassword", "passwd", "PGPASS", "SMTP_PASS", "pwd", "DB_PWD", "API_KEY", "apiKey", "x-api-key", "token", "authToken",
                                "GITHUB_TOKEN", "secret", "CLIENT_SECRET", "aws_secret_access_key", "AWS_ACCESS_KEY_ID", "privateKey", "PRIVATE-KEY", "credentials", "Authorization", "signing_key",
                                "ENCRYPTION_KEY", "connectionString", "DATABASE_DSN", "jwt", "set-cookie", "AccountKey", ".dockerconfigjson", "DOCKER_AUTH_CONFIG", "ROOT_PW", "BASIC_AUTH"})
    EXPECT_TRUE(names_a_credential(name)) << name;
  for (std::string_view name : {"", "name", "user", "PWD", "OLDPWD", "tokenFile", "SECRET_NAME", "secretKeyRef", "password_path", "PASSWORD_POLICY", "token_ttl", "key", "keys", "monkey", "path", "compass",
                                "secretProviderClass", "secretary", "tokenizer", "authorization-mode", "bypass"})
    EXPECT_FALSE(names_a_credential(name)) << name;
}

TEST(MayNameACredential, TakesMoreOfVariables) {
  for (std::string_view name : {"STRIPE_KEY", "APP_KEY", "FERNET_KEYS", "SMTP_AUTH", "AWS_CREDS", "HASH_SALT", "password"}) EXPECT_TRUE(may_name_a_credential(name)) << name;
  for (std::string_view name : {"KEY", "key", "PUBLIC_KEY", "PARTITION_KEY", "SORT_KEY", "ROUTING_KEY", "PRIMARY_KEYS", "FOREIGN_KEY", "CACHE_KEY", "AUTH_URL", "KEY_FILE", "HOME", ""})
    EXPECT_FALSE(may_name_a_credential(name)) << name;
}

json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

TEST(RedactObject, APod) {
  json::value pod = parsed(R"({"kind":"Pod","metadata":{"name":"web-0","uid":"123e4567-e89b-12d3-a456-426614174000","managedFields":[{"manager":"kubectl"}],
    "labels":{"app":"token-service"},
    "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"x\":1}","vault.io/token":"hvsecret","note":"password=hunter2","team":"shop"}},
    "spec":{"automountServiceAccountToken":false,"imagePullSecrets":[{"name":"regcred"}],
    "containers":[{"name":"web","image":"ghcr.io/acme/token-service:v1.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "command":["/bin/app","--password","hunter2","--token","-abc","--verbose","--api-key=hunter2"],
      "args":["sh","-c","mysql --password hunter2"],
      "env":[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"PIN_TOKEN","value":"pw"},{"name":"URL","value":"postgres://a:hunter2@db/x"},{"name":"ALLOW_EMPTY_PASSWORD","value":"yes"},
             {"name":"REF","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}},{"name":"HOME","value":"/root"}],
      "livenessProbe":{"exec":{"command":["mysqladmin","ping","-uroot","-phunter2"]}},
      "readinessProbe":{"httpGet":{"path":"/","httpHeaders":[{"name":"X-Api-Key","value":"hunter2"}]}}}],
    "initContainers":[{"name":"init","env":[{"name":"TOKEN","value":"hunter2"}]}],
    "volumes":[{"name":"tls","secret":{"secretName":"web-tls"}}]}})");
  redact_object(pod);
  const std::string out = compact(pod);
  EXPECT_THAT(out, Not(HasSubstr("hunter2")));
  EXPECT_THAT(out, Not(HasSubstr("hvsecret")));
  EXPECT_THAT(out, Not(HasSubstr("-abc")));
  EXPECT_THAT(out, Not(HasSubstr("\"pw\"")));
  EXPECT_THAT(out, Not(HasSubstr("managedFields")));
  EXPECT_THAT(out, Not(HasSubstr("last-applied")));
  for (std::string_view kept : {"web-0", "123e4567-e89b-12d3-a456-426614174000", "token-service:v1.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "\"team\":\"shop\"", "regcred",
                                "web-tls", "{\"name\":\"db\",\"key\":\"password\"}", "\"value\":\"yes\"", "/root", "--verbose", "-uroot", "postgres://a:<redacted>@db/x", "\"app\":\"token-service\""})
    EXPECT_THAT(out, HasSubstr(kept));
}

TEST(RedactObject, Secrets) {
  json::value secret = parsed(R"({"kind":"Secret","type":"Opaque","metadata":{"name":"db","annotations":{"tool.example/original":"{\"data\":{\"x\":\"aHVudGVyMg==\"}}","team":"shop"}},
    "data":{"x":"aHVudGVyMg==","n":5},"stringData":{"y":"hunter2"}})");
  redact_object(secret);
  EXPECT_EQ(compact(secret),
            R"({"kind":"Secret","type":"Opaque","metadata":{"name":"db","annotations":{"tool.example/original":"<redacted>","team":"shop"}},"data":{"x":"<redacted>","n":"<redacted>"},"stringData":{"y":"<redacted>"}})");
  json::value list = parsed(R"({"kind":"List","items":[{"kind":"Secret","metadata":{},"data":{"x":"aHVudGVyMg=="}},{"kind":"Secret","data":"aHVudGVyMg=="}]})");
  redact_object(list);
  EXPECT_THAT(compact(list), Not(HasSubstr("aHVu")));
  json::value reference = parsed(R"({"targetRef":{"kind":"Secret","name":"db"},"status":{"token":"abc"}})");
  redact_object(reference);
  EXPECT_EQ(compact(reference), R"({"targetRef":{"kind":"Secret","name":"db"},"status":{"token":"<redacted>"}})");
}

// What people put into environments, arguments and annotations, and what other appliers leave there.
TEST(RedactObject, WhereCredentialsHide) {
  for (std::string_view text : {
           R"({"env":[{"name":"DOCKER_AUTH_CONFIG","value":"{\"auths\":{\"r\":{\"auth\":\"hunter2\"}}}"}]})", R"({"env":[{"name":"APP_KEY","value":"hunter2"}]})",
           R"({"env":[{"name":"STRIPE_KEY","value":"hunter2"}]})", R"({"env":[{"name":"DB_PASSWORD","value":"/hunter2/a"}]})", R"({"env":[{"name":"SMTP_AUTH","value":"hunter2"}]})",
           R"({"env":[{"name":"CONFIG","value":"{\"a\":{\"password\":\"hunter2\"}}"}]})", R"({"data":{".dockerconfigjson":"hunter2"}})", R"({"data":{"JWT_KEY":"hunter2"}})",
           R"({"data":{"settings":"db:\n  password: |\n    hunter2\n  user: bob\n"}})", R"({"command":["mysql"],"args":["-phunter2"]})", R"({"args":["-phunter2"],"command":["mysqldump"]})",
           R"({"command":["curl","-u","bob:hunter2"]})", R"({"command":["curl","-ubob:hunter2"]})", R"({"command":["redis-cli","-a","hunter2"]})", R"({"command":["sshpass","-p","hunter2","ssh"]})",
           R"({"command":["openssl","rsa","-passin","pass:hunter2"]})", R"({"command":["sh","-c","curl -u bob:hunter2 https://x && mysqldump -phunter2"]})",
           R"({"metadata":{"annotations":{"objectset.rio.cattle.io/applied":"H4sIAAAAhunter2"}}})", R"({"metadata":{"annotations":{"x/last-applied":"{\"spec\":\"hunter2\"}"}}})",
           R"({"metadata":{"annotations":{"x/original":"{\"kind\":\"Secret\",\"data\":{\"x\":\"hunter2\"}}"}}})",
           R"({"metadata":{"annotations":{"x/original":"{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\",\"stringData\":{\"x\":\"hunter2\"}}]}"}}})",
           R"({"metadata":{"annotations":{"x/original":"kind: Secret\nstringData:\n  x: hunter2\n"}}})", R"({"metadata":{"annotations":{"x.example/api_auth":"hunter2"}}})",
           R"({"data":{"manifest":"[{\"kind\":\"Secret\",\"data\":{\"x\":\"hunter2\"}}]"}})", R"({"kind":"List","items":[{"kind":"List","items":[{"kind":"Secret","metadata":{},"data":{"x":"hunter2"}}]}]})"}) {
    json::value value = parsed(text);
    redact_object(value);
    EXPECT_THAT(compact(value), Not(HasSubstr("hunter2"))) << text;
    EXPECT_THAT(compact(value), HasSubstr("<redacted>")) << text;
  }
  for (std::string_view text : {
           R"({"env":[{"name":"PRIMARY_KEY","value":"id"},{"name":"TOKEN_FILE","value":"/a/b"},{"name":"DB_PASSWORD","value":"/run/secrets/db"},{"name":"CONFIG","value":"{\"a\": {\"b\": 1}}"}]})",
           R"({"metadata":{"annotations":{"x/last-restart":"2026-01-01T00:00:00Z","checksum/config":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","x/json":"[1, 2]"}}})",
           R"({"command":["nginx"],"args":["-p8080","-g","daemon off;"]})", R"({"topologyKey":"kubernetes.io/hostname","key":"node-role","operator":"Exists"})"}) {
    json::value value = parsed(text);
    redact_object(value);
    EXPECT_EQ(compact(value), text);
  }
}

TEST(RedactObject, TakesAnyShape) {
  for (std::string_view text : {"null", "5", "\"password=hunter2\"", "[]", "{}", R"({"metadata":5})", R"({"metadata":{"annotations":[]}})", R"({"command":[5,null,"--password",5,"x"]})",
                                R"({"name":"TOKEN","value":5})", R"({"name":5,"value":"x"})", R"({"kind":5,"data":{}})"}) {
    json::value value = parsed(text);
    redact_object(value);
    EXPECT_THAT(compact(value), Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace fairlead::ops
