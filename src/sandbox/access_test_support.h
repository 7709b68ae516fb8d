// For tests of who may do what: requests of named users, and the objects that let them.
#pragma once

#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {

constexpr std::string_view rbac_path = "/apis/rbac.authorization.k8s.io/v1";

struct AccessCluster : Cluster {
  AccessCluster() : Cluster(5, 1) {}

  // By a client certificate.
  Reply as(std::string user, std::string method, std::string target, std::string body = "",
           std::vector<std::string> groups = {}) {
    std::string type = method == "PATCH" ? "application/merge-patch+json" : "application/json";
    return ask_with(std::move(method), std::move(target), {{"Content-Type", type}, {"Accept", "application/json"}},
                    std::move(body), {std::move(user), std::move(groups)});
  }
  Reply with_token(std::string_view token, std::string target) {
    return ask_with("GET", std::move(target), {{"Authorization", "Bearer " + std::string(token)}});
  }
  // Impersonated by the administrator.
  Reply acting(std::vector<net::HttpHeader> headers, std::string method, std::string target, std::string body = "") {
    headers.push_back({"Authorization", "Bearer the-token"});
    headers.push_back({"Content-Type", "application/json"});
    return ask_with(std::move(method), std::move(target), std::move(headers), std::move(body));
  }

  void make(std::string_view path, std::string body) {
    Reply reply = ask("POST", std::string(path), std::move(body));
    EXPECT_EQ(reply.status, 201) << reply.body;
    access->run();
  }
  // Rules and subjects as JSON lists.
  void role(std::string_view name, std::string_view rules, std::string_view space = "shop",
            std::string_view labels = "{}") {
    std::string path = space.empty() ? "/clusterroles" : "/namespaces/" + std::string(space) + "/roles";
    make(std::string(rbac_path) + path, R"({"metadata":{"name":")" + std::string(name) + R"(","labels":)" +
                                            std::string(labels) + R"(},"rules":)" + std::string(rules) + "}");
  }
  void bind(std::string_view name, std::string_view kind, std::string_view role, std::string_view subjects,
            std::string_view space = "shop") {
    std::string path = space.empty() ? "/clusterrolebindings" : "/namespaces/" + std::string(space) + "/rolebindings";
    make(std::string(rbac_path) + path, binding(name, kind, role, subjects));
  }
  static std::string binding(std::string_view name, std::string_view kind, std::string_view role,
                             std::string_view subjects) {
    return R"({"metadata":{"name":")" + std::string(name) + R"("},"subjects":)" + std::string(subjects) +
           R"(,"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":")" + std::string(kind) + R"(","name":")" +
           std::string(role) + R"("}})";
  }
  static std::string user_subject(std::string_view name) {
    return R"([{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":")" + std::string(name) + R"("}])";
  }
  std::string token_of(std::string_view account, std::string_view spec = "{}", std::string_view space = "default") {
    Reply reply =
        ask("POST", "/api/v1/namespaces/" + std::string(space) + "/serviceaccounts/" + std::string(account) + "/token",
            R"({"spec":)" + std::string(spec) + "}");
    EXPECT_EQ(reply.status, 201) << reply.body;
    return std::string(text_at(reply.value(), {"status", "token"}));
  }
};

}  // namespace fairlead::sandbox
