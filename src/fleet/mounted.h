// Mounted kubeconfigs are replaced by whoever mounts them. What was tested was the connection that its files made then.
#pragma once

#include <string>

#include "fleet/connect.h"

namespace fairlead::fleet {

// A digest of the kubeconfig of a row with CredentialMode::path and of the authorities, certificates and keys that it
// names; files with tokens are not looked at, since they change by themselves. Empty for other rows.
std::string files_digest(const ClusterRow& row, const ConnectOptions& options);

// The row's latest test is taken from it where its files are others than those that were tested. Where no directory is
// configured, nobody knows, and it stays.
void forget_test_of_other_files(ClusterRow& row, const ConnectOptions& options);

}  // namespace fairlead::fleet
