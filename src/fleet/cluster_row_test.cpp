#include "fleet/cluster_row.h"

#include <gmock/gmock.h>

#include "net/test_certificates.h"

namespace fairlead::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string& authority() {
  static const std::string pem = net::testing::Authority("an authority").certificate_pem();
  return pem;
}
// As it stands in a text of JSON.
std::string in_json(std::string_view text) { return compact(json::value(text)); }

json::object fields(std::string_view text) { return parse_json(text, "test").value().get_object(); }
ClusterChange made(std::string_view text) {
  auto out = new_cluster(fields(text));
  EXPECT_TRUE(out) << (out ? "" : out.error().sentence());
  return out ? *out : ClusterChange();
}
std::string refused(std::string_view text) {
  auto out = new_cluster(fields(text));
  EXPECT_FALSE(out) << text;
  if (out) return "";
  EXPECT_EQ(out.error().code, ErrorCode::invalid_request);
  return out.error().cause;
}

constexpr std::string_view kAks =
    R"({"id":"aks-eastus2","label":"AKS East US 2","provider":"aks","cluster_name":"nora-dns","kubeconfig":"apiVersion: v1"})";

TEST(ClusterRow, QuickValuesOfItsProvider) {
  const ClusterRow aks = made(kAks).row;
  EXPECT_EQ(aks.exposure.mode, Exposure::load_balancer);
  EXPECT_EQ(aks.mode, CredentialMode::kubeconfig);
  EXPECT_EQ(aks.exposure.load_balancer_timeout_ms, 1'200'000);
  EXPECT_EQ(aks.target(), "k8s:aks-eastus2");
  const ClusterRow k3s = made(R"({"id":"k3s-local","provider":"k3s"})").row;
  EXPECT_EQ(k3s.exposure.mode, Exposure::node_port);
  EXPECT_EQ(k3s.exposure.runtime_host, "host.docker.internal");
  EXPECT_EQ(k3s.path, "k3s-local") << "mounted under its id";
  const ClusterRow plain = made(R"({"id":"x1"})").row;
  EXPECT_EQ(plain.exposure.mode, Exposure::cluster_ip);
  EXPECT_EQ(plain.label, "x1");
  EXPECT_EQ(plain.namespaces.fallback, "default");
}

TEST(ClusterRow, EveryFieldIsShownButCredentials) {
  const auto made_of =
      made(R"({"id":"gke-1","provider":"gke","server":"https://10.0.0.1:6443","token":"hunter2canary",)"
           R"("certificate_authority":)" +
           in_json(authority()) +
           R"(,"namespace":"agents","openclaw_namespace":"oc",)"
           R"("hermes_namespace":"he","exposure":"load-balancer","service_annotations":{"example.com/a":"b"},)"
           R"("source_ranges":["10.0.0.0/8","2001:db8::/32"],"load_balancer_class":"example.com/internal",)"
           R"("load_balancer_timeout_ms":5000,"runtime_node_port":30909,"gateway_node_port":31879,"enabled":false})");
  EXPECT_EQ(made_of.credential.reveal(), "hunter2canary");
  const json::object out = shown(made_of.row);
  EXPECT_THAT(compact(out), Not(HasSubstr("hunter2")));
  for (const auto& parameter : cluster_parameters()) {
    const std::string name(parameter.name);
    const bool of_kubeconfig = name == "kubeconfig_path" || name == "context";
    EXPECT_EQ(out.contains(name), !parameter.secret && !of_kubeconfig) << name;
  }
  EXPECT_EQ(compact(fields_of(row_of(fields_of(made_of.row)).value())), compact(fields_of(made_of.row)))
      << "what is stored gives the row again";
}

TEST(ClusterRow, WhyItIsNoTarget) {
  ClusterRow row = made(kAks).row;
  EXPECT_THAT(row.unavailable(), ElementsAre(HasSubstr("was not tested")));
  row.last_test = LastTest{false, "no route to host", 1};
  row.enabled = false;
  EXPECT_THAT(row.unavailable(), ElementsAre("it is disabled", "its latest test failed: no route to host"));
  row.enabled = true;
  row.last_test->ok = true;
  EXPECT_THAT(row.unavailable(), IsEmpty());
}

TEST(ClusterRow, WhatIsWrongIsNamed) {
  EXPECT_THAT(refused("{}"), HasSubstr("id"));
  for (const char* id : {"A1", "a", "-a", "a_b", "a.b", "../a", "aé"})
    EXPECT_THAT(refused(R"({"id":")" + std::string(id) + R"("})"), HasSubstr("id: it")) << id;
  EXPECT_THAT(refused(R"({"id":")" + std::string(65, 'a') + R"("})"), HasSubstr("2 to 64"));
  const auto with = [](std::string_view more) { return refused(R"({"id":"aa",)" + std::string(more) + "}"); };
  EXPECT_THAT(with(R"("provider":"AKS")"), HasSubstr("it must be one of kind k3s aks"));
  EXPECT_THAT(with(R"("lable":"x")"), HasSubstr("lable"));
  EXPECT_THAT(with(R"("enabled":"yes")"), HasSubstr("enabled"));
  EXPECT_THAT(with(R"("runtime_node_port":70000)"), HasSubstr("runtime_node_port"));
  EXPECT_THAT(with(R"("load_balancer_timeout_ms":0)"), HasSubstr("load_balancer_timeout_ms"));
  EXPECT_THAT(with(R"("namespace":"Nope")"), HasSubstr("namespace"));
  EXPECT_THAT(with(R"("source_ranges":["10.0.0.1"])"), HasSubstr("one address is 10.0.0.1/32"));
  EXPECT_THAT(with(R"("source_ranges":["10.0.0.1/33"])"), HasSubstr("0 to 32"));
  EXPECT_THAT(with(R"("source_ranges":["x/8"])"), HasSubstr("holds no IP address"));
  EXPECT_THAT(with(R"("service_annotations":{"a b":"c"})"), HasSubstr("'a b'"));
  EXPECT_THAT(with(R"("load_balancer_class":"-x")"), HasSubstr("load_balancer_class"));
  for (const char* mode : {"node-port", "cluster-ip", "load-balancer"})
    for (const std::string& host : {std::string("http://x"), std::string("a b"), std::string("a\nb"),
                                    std::string("a\0b", 3), std::string(300, 'a')})
      EXPECT_THAT(with(R"("exposure":")" + std::string(mode) + R"(","runtime_host":)" + in_json(host)),
                  HasSubstr("runtime_host"));
  for (const std::string& range :
       {std::string("10.0.0.0\0evil/8", 15), std::string("10.0.0.0/08"), std::string("10.0.0.0/"), std::string("::/+8"),
        std::string("10.0.0.0/8\0", 11), std::string(" 10.0.0.0/8")})
    EXPECT_THAT(with(R"("source_ranges":[)" + in_json(range) + "]"), HasSubstr("source_ranges"));
  EXPECT_THAT(with(R"("service_annotations":{"a":)" + in_json(std::string("b\0c", 3)) + "}"), HasSubstr("NUL"));
  EXPECT_THAT(with(R"("service_annotations":"[1]")"), HasSubstr("no JSON object"));
  EXPECT_THAT(with(R"("service_annotations":"{\"a\":1}")"), HasSubstr("service_annotations"));
  for (const char* field : {"label", "cluster_name"})
    EXPECT_THAT(with(in_json(field) + ":" + in_json("a\nb")), HasSubstr(field));
}

// The form's field is text.
TEST(ClusterRow, AnnotationsMayComeAsText) {
  EXPECT_EQ(compact(made(R"({"id":"aa","service_annotations":"{\"example.com/a\": \"b\"}"})").row.exposure.annotations),
            R"({"example.com/a":"b"})");
  EXPECT_EQ(compact(made(R"({"id":"aa","service_annotations":"{}"})").row.exposure.annotations), "{}");
}

// A row is shown to whoever may see it.
TEST(ClusterRow, NothingSecretHidesInWhatIsShown) {
  const net::testing::Authority ca("ca");
  const auto identity = ca.issue({});
  const auto with_authority = [](const std::string& pem) {
    return R"({"id":"aa","server":"https://x","token":"t","certificate_authority":)" + in_json(pem) + "}";
  };
  EXPECT_THAT(refused(with_authority(authority() + identity.key_pem)), HasSubstr("private key"));
  EXPECT_THAT(refused(with_authority("-----BEGIN CERTIFICATE-----\n")), HasSubstr("certificate"));
  EXPECT_EQ(made(with_authority("password: CANARY\n" + authority())).row.certificate_authority, authority());
  for (const char* url :
       {"https://x/?access_token=CANARY", "https://x#CANARY", "https://CANARY@x", "https://x/@CANARY"}) {
    const std::string cause = refused(R"({"id":"aa","token":"t","server":)" + in_json(url) + "}");
    EXPECT_THAT(cause, HasSubstr("server"));
    EXPECT_THAT(cause, Not(HasSubstr("CANARY")));
  }
  // Such were stored once.
  json::object old = fields_of(made(with_authority(authority())).row);
  old["certificate_authority"] = authority() + identity.key_pem;
  EXPECT_EQ(shown(row_of(old).value())["certificate_authority"], json::value(authority()));
}

TEST(ClusterRow, ATokenIsOneWord) {
  for (const std::string& token : {std::string("a b"), std::string("a\r\nb"), std::string("a\0b", 3),
                                   std::string("\xc3\xa9"), std::string("  ")}) {
    const std::string cause = refused(R"({"id":"aa","server":"https://x","token":)" + in_json(token) + "}");
    EXPECT_THAT(cause, HasSubstr("token: "));
  }
  EXPECT_EQ(made(R"({"id":"aa","server":"https://x","token":" t\n"})").credential.reveal(), "t");
}

TEST(ClusterRow, OneWayOfComingByCredentials) {
  const auto with = [](std::string_view more) { return refused(R"({"id":"aa",)" + std::string(more) + "}"); };
  EXPECT_THAT(with(R"("credential_mode":"kubeconfig")"), HasSubstr("kubeconfig: it is missing"));
  EXPECT_THAT(with(R"("server":"https://x")"), HasSubstr("token: it is missing"));
  EXPECT_THAT(with(R"("token":"t")"), HasSubstr("server: it is missing"));
  EXPECT_THAT(with(R"("server":"http://x","token":"t")"), HasSubstr("https URL alone"));
  EXPECT_THAT(with(R"("server":"https://u:p@x","token":"t")"), HasSubstr("more than a host"));
  EXPECT_THAT(with(R"("kubeconfig":"x","token":"t")"), HasSubstr("token: it belongs to credential_mode token"));
  EXPECT_THAT(with(R"("credential_mode":"in-cluster","context":"c")"), HasSubstr("only a kubeconfig has contexts"));
  EXPECT_THAT(with(R"("kubeconfig_path":"../x")"), HasSubstr("leads upwards"));
  EXPECT_THAT(with(R"("server":"https://x","token":"t","certificate_authority":"pem")"), HasSubstr("no certificate"));
}

TEST(ClusterRow, WhatClearsTheTest) {
  ClusterRow row = made(kAks).row;
  row.last_test = LastTest{true, "fine", 7};
  const auto changed = [&](std::string_view text) { return changed_cluster(row, fields(text)).value(); };
  EXPECT_TRUE(changed(R"({"label":"other","enabled":false,"exposure":"cluster-ip"})").row.last_test);
  EXPECT_EQ(changed(R"({"label":"other"})").row.version, 2);
  EXPECT_EQ(changed(R"({"label":"other"})").row.connection_version, 1);
  EXPECT_FALSE(changed(R"({"context":"admin"})").row.last_test);
  for (const char* other : {R"({"namespace":"a"})", R"({"openclaw_namespace":"a"})", R"({"hermes_namespace":"a"})"})
    EXPECT_FALSE(changed(other).row.last_test) << "rights were tested elsewhere: " << other;
  EXPECT_FALSE(changed(R"({"kubeconfig":"other"})").row.last_test);
  EXPECT_EQ(changed(R"({"kubeconfig":"other"})").row.credential_version, 2);
  const auto mounted = changed(R"({"credential_mode":"path","kubeconfig_path":"aks"})");
  EXPECT_FALSE(mounted.row.last_test);
  EXPECT_EQ(mounted.row.credential_version, 0) << "what was sealed goes";
  EXPECT_EQ(changed(R"({"label":null})").row.label, "aks-eastus2");
  EXPECT_THAT(changed_cluster(row, fields(R"({"id":"other"})")).error().cause, HasSubstr("cannot be changed"));
}

TEST(ClusterRow, AsWhomTheClusterSeesACall) {
  const ClusterRow row =
      made(R"({"id":"aa","service_account":"agents/{name}","service_accounts":{"oidc:a":"people/a"}})").row;
  EXPECT_TRUE(row.tells_callers_apart());
  EXPECT_EQ(row.accounts.seconds, 600);
  EXPECT_EQ(compact(fields_of(row_of(fields_of(row)).value())), compact(fields_of(row)));
  const auto with = [](std::string_view more) { return refused(R"({"id":"aa",)" + std::string(more) + "}"); };
  EXPECT_THAT(with(R"("service_account":"agents/{name}","impersonate_user":"f:{name}")"),
              HasSubstr("one or the other"));
  EXPECT_THAT(with(R"("service_account":"agents/all")"), HasSubstr("no {name}"));
  EXPECT_THAT(with(R"("service_account_seconds":599)"), HasSubstr("service_account_seconds"));
  EXPECT_THAT(with(R"("service_accounts":{"api:a":null})"), HasSubstr("service_accounts"));
  for (const char* other :
       {R"({"service_account":"others/{name}"})", R"({"service_accounts":{}})", R"({"service_account_seconds":900})",
        R"({"service_account":null,"service_accounts":null})"})
    EXPECT_EQ(changed_cluster(row, fields(other))->row.connection_version, 2)
        << "tokens of before are no more: " << other;
  EXPECT_FALSE(
      changed_cluster(row, fields(R"({"service_account":null,"service_accounts":null})"))->row.tells_callers_apart());
}

// Whoever may edit a row does not get its token sent to a server of their own.
TEST(ClusterRow, ATokenStaysWithItsServer) {
  const ClusterRow row = made(R"({"id":"aa","server":"https://10.0.0.1","token":"t"})").row;
  for (const std::string& other :
       {std::string(R"({"server":"https://evil"})"), R"({"certificate_authority":)" + in_json(authority()) + "}"})
    EXPECT_THAT(changed_cluster(row, fields(other)).error().cause, HasSubstr("given for another server or authority"));
  EXPECT_TRUE(changed_cluster(row, fields(R"({"server":"https://other","token":"u"})")));
  EXPECT_TRUE(changed_cluster(row, fields(R"({"label":"x"})")));
}

}  // namespace
}  // namespace fairlead::fleet
