// From a kubeconfig and a context to everything that is needed to talk to that cluster as that user.
//
// The rules are client-go's, made stricter where kubectl would send a credential in the clear or ask on a terminal:
// basic authentication and the legacy auth providers are refused, and so is a bearer token over plain HTTP to another
// machine. Files that the kubeconfig refers to (authorities, certificates, keys) are read here; tokens and exec plugins
// only when a request needs them. Nothing is sent.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/environment.h"
#include "kube/credentials.h"
#include "kube/exec_plugin.h"
#include "kube/kubeconfig.h"
#include "net/http_client.h"

namespace fairlead::kube {

// What a kubeconfig may do to this machine.
struct Policy {
  bool allow_exec = true;   // run exec plugins
  bool allow_files = true;  // refer to files at all; false also refuses exec plugins (for kubeconfigs that were pasted)
  std::string files_below;  // not empty: and then to such as lie below this directory alone (base/confined_file.h)
};

struct Surroundings {
  Environment environment;  // for HTTPS_PROXY and NO_PROXY; none: no proxies but the kubeconfig's
  ExecSurroundings exec;
  std::int64_t token_file_seconds = 10;  // a token file is read again at least this often
  std::shared_ptr<const Clock> clock;    // null: the system's
};

struct Connection {
  std::string context;
  std::string cluster_name;
  std::string user_name;
  std::string namespace_;  // "default" when the context names none
  net::Url server;         // scheme http or https; path without a slash at its end, no user_info
  net::ClientTls tls;      // of no use for http
  std::optional<net::ProxyServer> proxy;
  bool no_metadata = false;                  // as of net::HttpOrigin; resolve() leaves it
  std::shared_ptr<Credentials> credentials;  // never null
  bool impersonates = false;                 // another user than its own (as)
  std::vector<std::string> warnings;         // sentences for people, without credentials
  std::vector<SeenFile> files;               // that it was made from: when one has changed, it is out of date
};

// `context`: null takes the current one. Errors: invalid_request for what is wrong with the kubeconfig or its files,
// policy_denied for what `policy` forbids, authentication_failed for kinds of credentials that are refused.
Result<Connection> resolve(const Kubeconfig& config, std::optional<std::string> context, Policy policy,
                           Surroundings surroundings = {});

}  // namespace fairlead::kube
