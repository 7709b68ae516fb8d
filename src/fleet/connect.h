// From a registered cluster to everything that is needed to talk to it. A stored kubeconfig may not refer to any file
// of this host and may run no program; a mounted one may refer to files below its own directory alone. Nothing is sent.
#pragma once

#include <string>

#include "base/secret.h"
#include "fleet/cluster_row.h"
#include "kube/connection.h"

namespace fairlead::fleet {

struct ConnectOptions {
  std::string kubeconfigs;        // the directory of mounted kubeconfigs; empty: there is none
  bool allow_exec = false;        // exec plugins of mounted ones
  bool allow_link_local = false;  // servers at addresses where clouds hand out credentials (net::HttpOrigin)
  kube::Surroundings surroundings;
  std::string service_account_directory = "/var/run/secrets/kubernetes.io/serviceaccount";
};

// `credential`: what is sealed for the row, opened; empty where nothing is. Errors: of kube::resolve; policy_denied for
// a path that leads out of the directory.
Result<kube::Connection> connect(const ClusterRow& row, const Secret& credential, const ConnectOptions& options);

// Whether a kubeconfig that is to be stored could be used: it is one document, can be read, has clusters and the
// context, and nothing in it refers to anything outside, whichever context is chosen later: every cluster and every
// user has to pass. invalid_request or policy_denied.
Result<void> check_kubeconfig(const Secret& text, const std::string& context);

// The same of one that is handed on, so that whoever gets it connects to what is in it: no server and no proxy is at an
// address where clouds hand out credentials, unless `allow_link_local`; what names lead to is not looked up.
Result<void> check_whole_kubeconfig(const Secret& text, const std::string& context, bool allow_link_local);

}  // namespace fairlead::fleet
