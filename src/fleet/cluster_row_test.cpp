#include "fleet/cluster_row.h"

#include <gmock/gmock.h>

namespace fairlead::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

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
  const auto made_of = made(
      R"({"id":"gke-1","provider":"gke","server":"https://10.0.0.1:6443","token":"hunter2canary",)"
      R"("certificate_authority":"-----BEGIN CERTIFICATE-----\nx\n","namespace":"agents","openclaw_namespace":"oc",)"
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
  EXPECT_THAT(with(R"("exposure":"node-port","runtime_host":"http://x")"), HasSubstr("runtime_host"));
}

TEST(ClusterRow, OneWayOfComingByCredentials) {
  const auto with = [](std::string_view more) { return refused(R"({"id":"aa",)" + std::string(more) + "}"); };
  EXPECT_THAT(with(R"("credential_mode":"kubeconfig")"), HasSubstr("kubeconfig: it is missing"));
  EXPECT_THAT(with(R"("server":"https://x")"), HasSubstr("token: it is missing"));
  EXPECT_THAT(with(R"("token":"t")"), HasSubstr("server: it is missing"));
  EXPECT_THAT(with(R"("server":"http://x","token":"t")"), HasSubstr("https URL alone"));
  EXPECT_THAT(with(R"("server":"https://u:p@x","token":"t")"), HasSubstr("holds a user or a password"));
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
  for (const char* other :
       {R"({"server":"https://evil"})", R"({"certificate_authority":"-----BEGIN CERTIFICATE-----\nx"})"})
    EXPECT_THAT(changed_cluster(row, fields(other)).error().cause, HasSubstr("given for another server or authority"));
  EXPECT_TRUE(changed_cluster(row, fields(R"({"server":"https://other","token":"u"})")));
  EXPECT_TRUE(changed_cluster(row, fields(R"({"label":"x"})")));
}

}  // namespace
}  // namespace fairlead::fleet
