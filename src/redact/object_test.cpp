#include <gmock/gmock.h>

#include "base/text.h"
#include "redact/redact.h"

namespace fairlead::redact {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(NamesACredential, KnowsTheSpellings) {
  for (std::string_view name : {"password",
                                "PASSWORD",
                                "Db_PassWord",
                                "db-password",
                                "dbPassword",
                                "passwd",
                                "PGPASS",
                                "SMTP_PASS",
                                "pwd",
                                "DB_PWD",
                                "API_KEY",
                                "apiKey",
                                "x-api-key",
                                "token",
                                "authToken",
                                "GITHUB_TOKEN",
                                "secret",
                                "CLIENT_SECRET",
                                "aws_secret_access_key",
                                "AWS_ACCESS_KEY_ID",
                                "privateKey",
                                "PRIVATE-KEY",
                                "credentials",
                                "Authorization",
                                "signing_key",
                                "ENCRYPTION_KEY",
                                "connectionString",
                                "DATABASE_DSN",
                                "jwt",
                                "set-cookie",
                                "AccountKey",
                                ".dockerconfigjson",
                                "DOCKER_AUTH_CONFIG",
                                "ROOT_PW",
                                "BASIC_AUTH"})
    EXPECT_TRUE(names_a_credential(name)) << name;
  for (std::string_view name : {"",
                                "name",
                                "user",
                                "PWD",
                                "OLDPWD",
                                "tokenFile",
                                "SECRET_NAME",
                                "secretKeyRef",
                                "password_path",
                                "PASSWORD_POLICY",
                                "token_ttl",
                                "key",
                                "keys",
                                "monkey",
                                "path",
                                "compass",
                                "secretProviderClass",
                                "secretary",
                                "tokenizer",
                                "authorization-mode",
                                "bypass"})
    EXPECT_FALSE(names_a_credential(name)) << name;
}

TEST(MayNameACredential, TakesMoreOfVariables) {
  for (std::string_view name : {"GITHUB_PAT", "GITHUB_PAT_1", "DB_PASS2", "DB_CRED_1", "APP_DSN_1", "AUTH_1",
                                "WIFI_PSK", "UNSEAL_KEY_1", "MNEMONIC", "SEED_PHRASE", "CARD_PIN", "STRIPE_KEY",
                                "APP_KEY", "FERNET_KEYS", "SMTP_AUTH", "AWS_CREDS", "HASH_SALT", "password"})
    EXPECT_TRUE(may_name_a_credential(name)) << name;
  for (std::string_view name : {"KEY", "key", "PUBLIC_KEY", "PARTITION_KEY", "SORT_KEY", "ROUTING_KEY", "PRIMARY_KEYS",
                                "FOREIGN_KEY", "CACHE_KEY", "AUTH_URL", "KEY_FILE", "HOME", ""})
    EXPECT_FALSE(may_name_a_credential(name)) << name;
}

json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

TEST(RedactObject, APod) {
  json::value pod = parsed(
      R"({"kind":"Pod","metadata":{"name":"web-0","uid":"123e4567-e89b-12d3-a456-426614174000","managedFields":[{"manager":"kubectl"}],
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
  redact::object(pod);
  const std::string out = compact(pod);
  EXPECT_THAT(out, Not(HasSubstr("hunter2")));
  EXPECT_THAT(out, Not(HasSubstr("hvsecret")));
  EXPECT_THAT(out, Not(HasSubstr("-abc")));
  EXPECT_THAT(out, Not(HasSubstr("\"pw\"")));
  EXPECT_THAT(out, Not(HasSubstr("managedFields")));
  EXPECT_THAT(out, Not(HasSubstr("last-applied")));
  for (std::string_view kept :
       {"web-0", "123e4567-e89b-12d3-a456-426614174000",
        "token-service:v1.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "\"team\":\"shop\"", "regcred", "web-tls", "{\"name\":\"db\",\"key\":\"password\"}", "\"value\":\"yes\"",
        "/root", "--verbose", "-uroot", "postgres://a:<redacted>@db/x", "\"app\":\"token-service\""})
    EXPECT_THAT(out, HasSubstr(kept));
}

TEST(RedactObject, Secrets) {
  json::value secret = parsed(
      R"({"kind":"Secret","type":"Opaque","metadata":{"name":"db","annotations":{"tool.example/original":"{\"data\":{\"x\":\"aHVudGVyMg==\"}}","team":"shop"}},
    "data":{"x":"aHVudGVyMg==","n":5},"stringData":{"y":"hunter2"}})");
  redact::object(secret);
  EXPECT_EQ(
      compact(secret),
      R"({"kind":"Secret","type":"Opaque","metadata":{"name":"db","annotations":{"tool.example/original":"<redacted>","team":"shop"}},"data":{"x":"<redacted>","n":"<redacted>"},"stringData":{"y":"<redacted>"}})");
  json::value list = parsed(
      R"({"kind":"List","items":[{"kind":"Secret","metadata":{},"data":{"x":"aHVudGVyMg=="}},{"kind":"Secret","data":"aHVudGVyMg=="}]})");
  redact::object(list);
  EXPECT_THAT(compact(list), Not(HasSubstr("aHVu")));
  json::value reference = parsed(R"({"targetRef":{"kind":"Secret","name":"db"},"status":{"token":"abc"}})");
  redact::object(reference);
  EXPECT_EQ(compact(reference), R"({"targetRef":{"kind":"Secret","name":"db"},"status":{"token":"<redacted>"}})");
}

// What people put into environments, arguments and annotations, and what other appliers leave there.
TEST(RedactObject, WhereCredentialsHide) {
  for (
      std::string_view text :
      {R"({"env":[{"name":"DOCKER_AUTH_CONFIG","value":"{\"auths\":{\"r\":{\"auth\":\"hunter2\"}}}"}]})",
       R"({"env":[{"name":"APP_KEY","value":"hunter2"}]})",
       R"({"env":[{"name":"STRIPE_KEY","value":"hunter2"}]})",
       R"({"env":[{"name":"DB_PASSWORD","value":"/hunter2/a"}]})",
       R"({"env":[{"name":"SMTP_AUTH","value":"hunter2"}]})",
       R"({"env":[{"name":"CONFIG","value":"{\"a\":{\"password\":\"hunter2\"}}"}]})",
       R"({"data":{".dockerconfigjson":"hunter2"}})",
       R"({"data":{"JWT_KEY":"hunter2"}})",
       R"({"data":{"settings":"db:\n  password: |\n    hunter2\n  user: bob\n"}})",
       R"({"command":["mysql"],"args":["-phunter2"]})",
       R"({"args":["-phunter2"],"command":["mysqldump"]})",
       R"({"command":["curl","-u","bob:hunter2"]})",
       R"({"command":["curl","-ubob:hunter2"]})",
       R"({"command":["redis-cli","-a","hunter2"]})",
       R"({"command":["sshpass","-p","hunter2","ssh"]})",
       R"({"command":["openssl","rsa","-passin","pass:hunter2"]})",
       R"({"command":["sh","-c","curl -u bob:hunter2 https://x && mysqldump -phunter2"]})",
       R"({"metadata":{"annotations":{"objectset.rio.cattle.io/applied":"H4sIAAAAhunter2"}}})",
       R"({"metadata":{"annotations":{"x/last-applied":"{\"spec\":\"hunter2\"}"}}})",
       R"({"metadata":{"annotations":{"x/original":"{\"kind\":\"Secret\",\"data\":{\"x\":\"hunter2\"}}"}}})",
       R"({"metadata":{"annotations":{"x/original":"{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\",\"stringData\":{\"x\":\"hunter2\"}}]}"}}})",
       R"({"metadata":{"annotations":{"x/original":"kind: Secret\nstringData:\n  x: hunter2\n"}}})",
       R"({"metadata":{"annotations":{"x.example/api_auth":"hunter2"}}})",
       R"({"data":{"manifest":"[{\"kind\":\"Secret\",\"data\":{\"x\":\"hunter2\"}}]"}})",
       R"({"kind":"List","items":[{"kind":"List","items":[{"kind":"Secret","metadata":{},"data":{"x":"hunter2"}}]}]})"}) {
    json::value value = parsed(text);
    redact::object(value);
    EXPECT_THAT(compact(value), Not(HasSubstr("hunter2"))) << text;
    EXPECT_THAT(compact(value), HasSubstr("<redacted>")) << text;
  }
  for (
      std::string_view text :
      {R"({"env":[{"name":"PRIMARY_KEY","value":"id"},{"name":"TOKEN_FILE","value":"/a/b"},{"name":"DB_PASSWORD","value":"/run/secrets/db"},{"name":"CONFIG","value":"{\"a\": {\"b\": 1}}"}]})",
       R"({"metadata":{"annotations":{"x/last-restart":"2026-01-01T00:00:00Z","checksum/config":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","x/json":"[1, 2]"}}})",
       R"({"command":["nginx"],"args":["-p8080","-g","daemon off;"]})",
       R"({"topologyKey":"kubernetes.io/hostname","key":"node-role","operator":"Exists"})"}) {
    json::value value = parsed(text);
    redact::object(value);
    EXPECT_EQ(compact(value), text);
  }
}

TEST(RedactObject, ValuesOfASecretInItsOwnMetadata) {
  json::value secret = parsed(
      R"({"kind":"Secret","metadata":{"name":"db-hunter2x","namespace":"kube-system","labels":{"pw":"hunter2x","app":"shop","by":"admin","ns":"kube-system"},
      "annotations":{"plain":"hunter2x","note":"pw is aHVudGVyMng= or aHVudGVyMng","word":"saysbluebird","text":"wordword"}},
      "data":{"password":"aHVudGVyMng=","namespace":"a3ViZS1zeXN0ZW0=","user":"YWRtaW4=","color":"Ymx1ZWJpcmQ="},"stringData":{"token":"word"}})");
  redact::object(secret);
  EXPECT_EQ(
      compact(secret.at("metadata")),
      R"({"name":"db-hunter2x","namespace":"kube-system","labels":{"pw":"<redacted>","app":"shop","by":"admin","ns":"kube-system"},)"
      R"("annotations":{"plain":"<redacted>","note":"pw is <redacted>= or <redacted>","word":"says<redacted>","text":"<redacted><redacted>"}})");
}

TEST(RedactObject, WhatLiesUnderACredentialsName) {
  for (std::string_view text : {R"({"passwords":["hunter2"]})",
                                R"({"passwords":[7352]})",
                                R"({"tokens":{"a":"hunter2"}})",
                                R"({"tokens":[{"a":{"b":"hunter2"}}]})",
                                R"({"credentials":{"value":"hunter2"}})",
                                R"({"secretKey":{"plaintext":"hunter2"}})",
                                R"({"password":{"type":"string","value":"hunter2"}})",
                                R"({"numericPassword":7352})",
                                R"({"params":[{"key":"DB_PASSWORD","value":"hunter2"}]})",
                                R"({"params":[{"Key":"DB_PASSWORD","Value":"hunter2"}]})",
                                R"({"match":[{"header":"Authorization","value":"hunter2"}]})",
                                R"({"params":[{"name":"password","default":"hunter2"}]})",
                                R"({"params":[{"name":"password","val":"hunter2"}]})",
                                R"({"params":[{"name":"password","stringValue":"hunter2"}]})",
                                R"({"params":[{"name":"db-password","value":["hunter2"]}]})",
                                R"({"params":[{"name":"db-password","value":7352}]})",
                                R"({"headers":{"X-Api-Key":["hunter2"]}})",
                                R"({"kind":"SecretList","items":[{"metadata":{"name":"x"},"data":{"a":"hunter2"}}]})",
                                R"({"secretTemplate":{"stringData":{"a":"hunter2"}}})",
                                R"({"secretGenerator":[{"name":"x","literals":["a=hunter2"]}]})",
                                R"({"data":{"x":"{\"tokens\":{\"a\":\"hunter2\"}}"}})"}) {
    json::value value = parsed(text);
    redact::object(value);
    EXPECT_THAT(compact(value), Not(HasSubstr("hunter2"))) << text;
    EXPECT_THAT(compact(value), Not(HasSubstr("7352"))) << text;
    EXPECT_THAT(compact(value), HasSubstr("<redacted>")) << text;
  }
}

TEST(RedactObject, WhatOnlySaysWhereCredentialsLie) {
  for (
      std::string_view text :
      {R"({"imagePullSecrets":[{"name":"regcred"}],"secrets":[{"name":"x"}],"pullSecrets":["reg-cred2"]})",
       R"({"password":{"name":"db","key":"password"},"token":{"valueFrom":{"secretKeyRef":{"name":"db","key":"x"}}}})",
       R"({"secret":{"secretName":"web-tls","defaultMode":420,"items":[{"key":"tls.crt","path":"a"}]}})",
       R"({"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"secret":{"name":"x","optional":true}}]})",
       R"({"tokenRequests":[{"audience":"vault","expirationSeconds":600}]})",
       R"({"privateKey":{"algorithm":"RSA","size":2048,"encoding":"PKCS1"}})",
       R"({"credentials":{"source":"Secret","secretRef":{"name":"a","namespace":"b","key":"c"}}})",
       R"({"properties":{"password":{"type":"string","description":"of the user","minLength":8},"tokens":{"type":"array","items":{"type":"string"}}}})",
       R"({"tokens":{"prompt":12,"completion":34},"maxTokens":4096,"password":null,"token":true})",
       R"({"basicAuth":{"username":{"name":"a","key":"b"},"password":{"name":"a","key":"c"}}})",
       R"({"tolerations":[{"key":"token","operator":"Exists","effect":"NoSchedule"}]})"}) {
    json::value value = parsed(text);
    redact::object(value);
    EXPECT_EQ(compact(value), text);
  }
}

TEST(RedactObject, TakesAnyShape) {
  for (std::string_view text :
       {"null", "5", "\"password=hunter2\"", "[]", "{}", R"({"metadata":5})", R"({"metadata":{"annotations":[]}})",
        R"({"command":[5,null,"--password",5,"x"]})", R"({"name":"TOKEN","value":5})", R"({"name":5,"value":"x"})",
        R"({"kind":5,"data":{}})"}) {
    json::value value = parsed(text);
    redact::object(value);
    EXPECT_THAT(compact(value), Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace fairlead::redact
