#include "fleet/mounted.h"

#include <filesystem>
#include <set>

#include "base/confined_file.h"
#include "base/digest.h"
#include "kube/kubeconfig.h"

namespace fairlead::fleet {
namespace {

constexpr std::string_view kStep = "look at the mounted kubeconfig";

// Whether it may name files: reading it as a kubeconfig takes long, where there are many.
bool may_name_files(std::string_view text) {
  for (std::string_view field : {"certificate-authority", "client-certificate", "client-key"})
    for (std::size_t at = 0; (at = text.find(field, at)) != std::string_view::npos;) {
      at += field.size();
      if (!text.substr(at).starts_with("-data")) return true;
    }
  return false;
}

std::set<std::string> files_in(std::string_view text) {
  std::set<std::string> out;
  auto config = kube::parse_kubeconfig(text, "the mounted kubeconfig");
  if (!config) return out;
  for (const auto& [name, cluster] : config->clusters) out.insert(cluster.certificate_authority);
  for (const auto& [name, user] : config->users) out.insert({user.client_certificate, user.client_key});
  out.erase("");
  return out;
}

}  // namespace

std::string files_digest(const ClusterRow& row, const ConnectOptions& options) {
  if (row.mode != CredentialMode::path) return "";
  const std::filesystem::path path = (std::filesystem::path(options.kubeconfigs) / row.path).lexically_normal();
  auto read = read_file_below(options.kubeconfigs, path.string(), kStep, kube::kubeconfig_limit);
  if (!read) return sha256_hex("none");
  const Secret text(std::move(*read));
  std::string digest = sha256_hex(text.reveal());
  if (!may_name_files(text.reveal())) return digest;
  const std::string directory = path.parent_path().string();
  for (const auto& file : files_in(text.reveal())) {
    auto content = read_file_below(directory, file, kStep, 1 << 20);
    const Secret bytes(content ? std::move(*content) : std::string());
    digest = sha256_hex(digest + sha256_hex(file) + sha256_hex(bytes.reveal()));
  }
  return digest;
}

void forget_test_of_other_files(ClusterRow& row, const ConnectOptions& options) {
  if (!row.last_test || row.mode != CredentialMode::path || options.kubeconfigs.empty()) return;
  if (row.last_test->of != files_digest(row, options)) row.last_test.reset();
}

}  // namespace fairlead::fleet
