// Credentials from another program: client-go credential plugins, client.authentication.k8s.io/v1 and v1beta1.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
//
// The program is run without a shell, with the variables of the kubeconfig and KUBERNETES_EXEC_INFO added to its
// environment, and killed when nobody waits for it any more. What it answers is cached until shortly before it expires
// or until it is rejected; calls that overlap share one run. A failed run is not cached. Its answer, its arguments and
// its variables never show up in an Error; what it wrote to standard error does, bounded, escaped, and without the
// values of the kubeconfig's variables, arguments that look like secrets, and what redact::text() finds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "kube/credentials.h"
#include "kube/kubeconfig.h"
#include "net/process.h"

namespace fairlead::kube {

using ProcessRunner = std::function<awaitable<Result<net::ProcessResult>>(net::ProcessOptions, Deadline)>;

// What a plugin finds around it.
struct ExecSurroundings {
  std::vector<std::string> environment;  // NAME=value; PATH is looked up here
  bool terminal = false;                 // our standard input is a terminal that a plugin may read from
  bool show_diagnostics = false;         // its standard error goes to ours (for a CLI) and not into errors
  std::shared_ptr<const Clock> clock;    // null: the system's
  ProcessRunner runner;                  // null: net::run_process
};

// The cluster as a plugin is told about it (spec.cluster), when the kubeconfig says provideClusterInfo.
struct ExecCluster {
  std::string server;
  std::string tls_server_name;
  bool insecure_skip_tls_verify = false;
  std::string certificate_authority_pem;
  std::string proxy_url;
  bool disable_compression = false;
  json::value config;
};

// What is wrong with the entry as it stands: invalid_request.
Result<void> check_exec_config(const ExecConfig& config, std::string_view user);

// The command of `config` is a name that PATH is searched for or an absolute path; check_exec_config() passed.
std::shared_ptr<Credentials> exec_credentials(ExecConfig config, ExecCluster cluster, ExecSurroundings surroundings);

// ---- parts, for tests

struct ExecAnswer {
  Authorization authorization;
  std::optional<std::int64_t> expires;  // Unix time
};

// The value of KUBERNETES_EXEC_INFO.
std::string exec_info(const ExecConfig& config, const ExecCluster& cluster, bool interactive);

// What a plugin printed. Errors: authentication_failed, without any of the text.
Result<ExecAnswer> parse_exec_credential(std::string_view text, std::string_view api_version, const std::string& step);

// Standard error of a plugin, made fit for an Error: without its arguments, and what it printed as a credential.
std::string presentable_diagnostics(std::string text, const ExecConfig& config, std::string_view printed);

}  // namespace fairlead::kube
