#include "diagnosis/network_policies.h"
#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using namespace testing;

std::string policy(std::string_view spec, std::string_view name = "p", std::string_view ns = "shop") {
  return "{kind: NetworkPolicy, metadata: {name: " + std::string(name) + ", namespace: " + std::string(ns) +
         "}, spec: " + std::string(spec) + "}";
}
bool admitted(std::string_view spec, Direction direction, const Peer& peer, std::string_view protocol,
              std::int64_t port) {
  const json::value one = manifest(policy(spec));
  const json::object labels{{"app", "web"}};
  return judge({&one}, labels, direction, peer, protocol, port, nullptr).admitted;
}

TEST(Judge, NetworkPolicies) {
  const Peer db{"data", "10.0.0.9", {{"app", "db"}}, {{"name", "data"}}};
  const auto out = Direction::egress, in = Direction::ingress;
  EXPECT_TRUE(admitted("{podSelector: {matchLabels: {app: other}}, policyTypes: [Egress]}", out, db, "TCP", 80));
  EXPECT_FALSE(admitted("{podSelector: {}, policyTypes: [Egress]}", out, db, "TCP", 80));
  EXPECT_TRUE(admitted("{podSelector: {}, policyTypes: [Egress]}", in, db, "TCP", 80));
  EXPECT_FALSE(admitted("{podSelector: {}}", in, db, "TCP", 80));  // ingress, where no type is named
  EXPECT_TRUE(admitted("{podSelector: {}, policyTypes: [Egress], egress: [{}]}", out, db, "TCP", 80));
  EXPECT_FALSE(admitted("{podSelector: {}, egress: [{ports: [{port: 443}]}]}", out, db, "TCP", 80));
  EXPECT_FALSE(
      admitted("{podSelector: {}, egress: [{ports: [{port: 53}]}]}", out, db, "UDP", 53));  // TCP is what it means
  EXPECT_TRUE(
      admitted("{podSelector: {}, egress: [{ports: [{port: 50, endPort: 60, protocol: UDP}]}]}", out, db, "UDP", 53));
  // Pods of its own namespace, unless one is selected.
  EXPECT_FALSE(
      admitted("{podSelector: {}, egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}", out, db, "TCP", 80));
  EXPECT_TRUE(
      admitted("{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {name: data}}, podSelector: "
               "{matchLabels: {app: db}}}]}]}",
               out, db, "TCP", 80));
  EXPECT_TRUE(admitted("{podSelector: {}, egress: [{to: [{namespaceSelector: {}}]}]}", out, db, "TCP", 80));
  EXPECT_TRUE(admitted("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}", out, db, "TCP", 80));
  EXPECT_FALSE(admitted("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/24]}}]}]}",
                        out, db, "TCP", 80));
  EXPECT_FALSE(admitted("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 192.168.0.0/16}}]}]}", out, db, "TCP", 80));
  // What cannot be judged is not blamed.
  EXPECT_TRUE(admitted("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 'fd00::/8'}}]}]}", out, db, "TCP", 80));
}

constexpr auto kNamespace = "{kind: Namespace, metadata: {name: shop}}";
constexpr auto kSystem =
    "{kind: Namespace, metadata: {name: kube-system, labels: {kubernetes.io/metadata.name: kube-system}}}";
constexpr auto kNameServer =
    "{kind: Pod, metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}, status: {phase: Running, "
    "podIP: 10.1.0.2, conditions: [{type: "
    "Ready, status: 'True'}]}}";
constexpr auto kNameService =
    "{kind: Service, metadata: {name: kube-dns, namespace: kube-system}, spec: {clusterIP: 10.96.0.10, selector: "
    "{k8s-app: kube-dns}}}";
std::string web(std::string_view spec = "{dnsPolicy: ClusterFirst}") {
  return "{kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: " + std::string(spec) +
         ", status: {phase: Running, podIP: 10.1.0.3}}";
}

std::vector<Cause> ask(std::vector<std::string> others, bool names = true, const std::string& pod = web()) {
  FakeSource source({kNamespace, kSystem, kNameServer, kNameService});
  source.add(pod);
  for (const auto& text : others) source.add(text);
  const json::value object = manifest(pod);
  return diagnose(source, [&](Trail trail) { return explain_network_policies(trail, object, names); });
}

TEST(ExplainNetworkPolicies, LetDnsThrough) {
  EXPECT_EQ(codes(ask({})), "");
  EXPECT_EQ(
      codes(ask(
          {policy("{podSelector: {}, policyTypes: [Egress]}", "deny"),
           policy("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}", "dns")})),
      "");
}

TEST(ExplainNetworkPolicies, BlockDns) {
  const auto causes =
      ask({policy("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}", "deny")});
  EXPECT_EQ(first(causes),
            "network_policy_blocks: NetworkPolicies of namespace shop let no DNS query (port 53) out of Pod shop/web");
  EXPECT_EQ(causes[0].certainty, Certainty::inferred);
  const auto inside =
      ask({policy("{podSelector: {matchLabels: {k8s-app: kube-dns}}, ingress: [{from: [{podSelector: {}}]}]}", "own",
                  "kube-system")});
  EXPECT_EQ(first(inside),
            "network_policy_blocks: NetworkPolicies of kube-system do not let DNS queries of Pod shop/web in to the "
            "name servers");
}

TEST(ExplainNetworkPolicies, LetNothingOut) {
  EXPECT_EQ(codes(ask({policy("{podSelector: {}, policyTypes: [Egress]}")}, false)), "network_policy_blocks");
  EXPECT_EQ(codes(ask({policy("{podSelector: {}, egress: [{ports: [{port: 443}]}]}")}, false)),
            "");  // where it wants to go is not known
  EXPECT_EQ(codes(ask({policy("{podSelector: {}, policyTypes: [Ingress]}")}, false)), "");
}

TEST(ExplainNetworkPolicies, LookAtTheDnsPolicy) {
  EXPECT_EQ(codes(ask({}, true, web("{dnsPolicy: Default}"))), "dns_policy");
  EXPECT_EQ(codes(ask({}, true, web("{hostNetwork: true, dnsPolicy: ClusterFirst}"))), "dns_policy");
  EXPECT_EQ(codes(ask({}, true, web("{hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet}"))), "");
  EXPECT_EQ(first(ask({}, true, web("{dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1]}}"))),
            "dns_policy: Pod shop/web has dnsPolicy None and asks the name server 1.1.1.1, which is not the cluster's");
  EXPECT_EQ(codes(ask({}, true, web("{dnsPolicy: None, dnsConfig: {nameservers: [10.96.0.10]}}"))), "");
}

TEST(ExplainBlockedConnection, InOrOut) {
  const std::string data = "{kind: Namespace, metadata: {name: data}}";
  const std::string service =
      "{kind: Service, metadata: {name: db, namespace: data}, spec: {selector: {app: db}, ports: [{port: 5432, "
      "targetPort: pg}]}}";
  const std::string db =
      "{kind: Pod, metadata: {name: db-0, namespace: data, labels: {app: db}}, spec: {containers: [{name: c, ports: "
      "[{name: pg, "
      "containerPort: 15432}]}]}, status: {phase: Running, podIP: 10.1.0.9}}";
  const auto blocked = [&](const std::string& rule) {
    FakeSource source({kNamespace, data, service, db, rule});
    const json::value object = manifest(web());
    const Ref to{"Service", "data", "db"};
    return diagnose(source, [&](Trail trail) { return explain_blocked_connection(trail, object, to, 5432); });
  };
  EXPECT_EQ(first(blocked(policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}", "own", "data"))),
            "network_policy_blocks: NetworkPolicies of namespace data do not let Pod shop/web in to the pods of "
            "Service data/db (port 15432)");
  EXPECT_EQ(first(blocked(policy("{podSelector: {}, egress: [{ports: [{port: 443}]}]}"))),
            "network_policy_blocks: NetworkPolicies of namespace shop do not let Pod shop/web out to Service data/db "
            "(port 15432)");
  EXPECT_EQ(codes(blocked(policy("{podSelector: {}, ingress: [{ports: [{port: pg}]}]}", "own", "data"))), "");
}

std::string ingress(std::string_view spec, std::string_view more = "") {
  return "{kind: Ingress, metadata: {name: front, namespace: shop" + std::string(more) +
         "}, spec: " + std::string(spec) + "}";
}
std::string route(std::string_view service, std::string_view port) {
  return "{ingressClassName: nginx, rules: [{host: shop.example.com, http: {paths: [{path: /cart, backend: {service: "
         "{name: " +
         std::string(service) + ", port: " + std::string(port) + "}}}]}}]}";
}
std::vector<Cause> ask_ingress(const std::string& text, std::set<std::string> hidden = {}) {
  FakeSource source({"{kind: IngressClass, metadata: {name: nginx}}",
                     "{kind: Service, metadata: {name: cart, namespace: shop}, spec: {selector: {app: cart}, ports: "
                     "[{name: http, port: 80, targetPort: 8080}]}}",
                     "{kind: Secret, metadata: {name: cert, namespace: shop}, type: kubernetes.io/tls, data: {tls.crt: "
                     "eA==, tls.key: eA==}}",
                     "{kind: Secret, metadata: {name: half, namespace: shop}, data: {tls.crt: eA==}}"});
  source.add(
      "{kind: Pod, metadata: {name: cart-1, namespace: shop, labels: {app: cart}}, spec: {containers: [{name: c, "
      "ports: "
      "[{containerPort: 8080}]}]}, status: {phase: Running, conditions: [{type: Ready, status: 'True'}], "
      "containerStatuses: [{name: c, ready: true, state: {running: {}}}]}}");
  source.add(text);
  source.hidden = std::move(hidden);
  const json::value object = manifest(text);
  return diagnose(source, [&](Trail trail) { return explain_ingress(trail, object); });
}

TEST(ExplainIngress, LeadsSomewhere) {
  EXPECT_EQ(codes(ask_ingress(ingress(route("cart", "{number: 80}")))), "");
  EXPECT_EQ(codes(ask_ingress(ingress(route("cart", "{name: http}")))), "");
  EXPECT_EQ(codes(ask_ingress(ingress("{ingressClassName: nginx, tls: [{secretName: cert}, {hosts: [a]}], "
                                      "defaultBackend: {resource: {kind: StorageBucket, name: b}}}"))),
            "");
  EXPECT_EQ(codes(ask_ingress(ingress("{}", ", annotations: {kubernetes.io/ingress.class: other}"))), "");
}

TEST(ExplainIngress, LeadsNowhere) {
  const auto absent = ask_ingress(ingress(route("carts", "{number: 80}")));
  EXPECT_EQ(first(absent),
            "ingress_backend_absent: The Ingress shop/front sends shop.example.com/cart to Service \"carts\", which "
            "does not exist in namespace shop");
  EXPECT_NE(absent[0].next.find("near it is \"cart\""), std::string::npos);
  EXPECT_EQ(codes(ask_ingress(ingress(route("carts", "{number: 80}")), {"Service"})), "");
  const auto port = ask_ingress(ingress(route("cart", "{number: 8080}")));
  EXPECT_EQ(first(port),
            "ingress_port: The Ingress shop/front sends shop.example.com/cart to port 8080 of Service \"cart\", which "
            "has 80 (http)");
  EXPECT_EQ(port[0].evidence[0], "8080 is the targetPort of port 80: an Ingress names the port, not the targetPort");
  EXPECT_EQ(codes(ask_ingress(ingress("{ingressClassName: nginx, backend: {serviceName: cart, servicePort: web}}"))),
            "ingress_port");  // v1beta1
}

TEST(ExplainIngress, HasNoClassOrCertificate) {
  const auto absent = ask_ingress(ingress("{ingressClassName: ngnix}"));
  EXPECT_EQ(codes(absent), "ingress_class_absent");
  EXPECT_EQ(codes(ask_ingress(ingress("{ingressClassName: ngnix}"), {"IngressClass"})), "");
  const auto none = ask_ingress(ingress("{}"));
  ASSERT_EQ(codes(none), "ingress_class_missing");
  EXPECT_EQ(none[0].certainty, Certainty::suspicious);
  EXPECT_EQ(
      first(ask_ingress(ingress("{ingressClassName: nginx, tls: [{hosts: [a.example.com], secretName: certs}]}"))),
      "tls_secret_absent: The Ingress shop/front takes its certificate for a.example.com from Secret \"certs\", which "
      "does not exist");
  EXPECT_EQ(codes(ask_ingress(ingress("{ingressClassName: nginx, tls: [{secretName: half}]}"))), "tls_secret_invalid");
  EXPECT_EQ(codes(ask_ingress(ingress("{ingressClassName: nginx, tls: [{secretName: certs}]}"), {"Secret"})), "");
}

}  // namespace
}  // namespace fairlead::diagnosis
