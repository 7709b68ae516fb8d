// Kubeconfig files (kind Config, v1): clusters, users, contexts and which context is current.
//
// They are read as kubectl reads them: YAML or JSON, unknown fields ignored, values of the wrong type refused with
// their path ("users[0].user.token is a number, but must be text"). Nothing here opens a connection, runs a program or
// reads a file that a kubeconfig refers to: resolve() in connection.h does. No Error or warning ever quotes a value of
// the file other than kinds, versions and names (of clusters, users, contexts, files, programs). Values; safe to copy
// and to hand between threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/json.h"
#include "base/secret.h"

namespace fairlead::kube {

struct Cluster {
  std::string server;
  std::string tls_server_name;
  bool insecure_skip_tls_verify = false;
  std::string certificate_authority;       // a path
  std::string certificate_authority_data;  // base64, not yet checked
  std::string proxy_url;                   // may carry a password: never show it
  bool disable_compression = false;
  json::value exec_config;  // the extension client.authentication.k8s.io/exec, or null
  std::string directory;    // of the file that it came from, absolute; empty: it came from no file
};

struct ExecConfig {
  struct Variable {
    std::string name;
    Secret value;
  };
  std::string api_version;
  std::string command;
  std::vector<std::string> args;  // may hold secrets: never show them
  std::vector<Variable> env;
  std::string install_hint;
  std::string interactive_mode;  // Never, IfAvailable, Always; v1beta1 defaults to IfAvailable
  bool provide_cluster_info = false;
};

struct User {
  Secret token;
  std::string token_file;               // a path
  std::string client_certificate;       // a path
  std::string client_certificate_data;  // base64, not yet checked
  std::string client_key;               // a path
  Secret client_key_data;               // base64, not yet checked
  std::string username;
  Secret password;
  std::string impersonate;  // "as"
  std::string impersonate_uid;
  std::vector<std::string> impersonate_groups;
  std::map<std::string, std::vector<std::string>> impersonate_user_extra;
  std::optional<std::string> auth_provider;  // its name; the rest of it is not kept
  std::optional<ExecConfig> exec;
  std::string directory;
};

struct Context {
  std::string cluster;
  std::string user;
  std::string namespace_;
  std::string directory;
};

struct Kubeconfig {
  template <class T>
  using Named = std::map<std::string, T, std::less<>>;

  Named<Cluster> clusters;
  Named<User> users;
  Named<Context> contexts;
  std::string current_context;
  std::string pinned_context;  // KUBECONFIG_CONTEXT: whoever set it wants no other one to be used
  std::string source;  // where it was found, for people: "/home/ann/.kube/config", "KUBECONFIG_CONTENTS", "in-cluster"
  std::vector<SeenFile> files;  // that it was read from, or would be if they were there
  std::vector<std::string> warnings;

  bool empty() const { return clusters.empty() && users.empty() && contexts.empty() && current_context.empty(); }
};

inline constexpr std::size_t kubeconfig_limit = 16 << 20;

// `origin` names the text in errors. An empty text is an empty Kubeconfig. Errors: invalid_request.
Result<Kubeconfig> parse_kubeconfig(std::string_view text, std::string origin);

// One file; relative paths in it will be taken from its directory. /dev/null is an empty one. Errors: invalid_request.
Result<Kubeconfig> load_kubeconfig_file(const std::string& path);

// kubectl's rules: for each cluster, user and context of the same name the first file wins as a whole, and so it does
// for current-context.
Kubeconfig merge_kubeconfigs(std::vector<Kubeconfig> configs);

// Where to look. `server` and what belongs to it stand for themselves, without any kubeconfig.
struct Sources {
  Environment environment;
  std::string kubeconfig;  // --kubeconfig

  std::string server;  // --api-server: the URL
  Secret token;
  std::string token_file;
  std::string certificate_authority;  // a path
  bool insecure_skip_tls_verify = false;
  std::string tls_server_name;

  std::string service_account_directory = "/var/run/secrets/kubernetes.io/serviceaccount";
};

// The first of these that is there: `server`; `kubeconfig`; the files that KUBECONFIG lists, merged;
// KUBECONFIG_CONTENTS with KUBECONFIG_CONTEXT; $HOME/.kube/config; the pod's service account. Files that KUBECONFIG
// lists may be missing, but not all of them: another cluster than the one that was meant would be talked to. Errors:
// invalid_request, and not_found when there is none of all.
Result<Kubeconfig> load_kubeconfig(const Sources& sources);

}  // namespace fairlead::kube
