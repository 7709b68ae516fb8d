// A kubeconfig that somebody pasted, and what an exec plugin printed: any bytes end in a value or an Error, with
// nothing of the bytes that could be a credential in its sentence.
#include <cstdint>
#include <cstdlib>

#include "kube/connection.h"

namespace {

using namespace fairlead;

// A known secret is planted where the input asks for it; no sentence may hold it.
constexpr std::string_view planted = "cAnArY0123456789cAnArY";

void check(const std::string& text) {
  if (text.find(planted) != std::string::npos) std::abort();
}
void check(const Error& error) {
  check(error.sentence());
  if (error.sentence().size() > 100'000) std::abort();
}

std::string with_planted(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\x01')
      out += planted;
    else
      out += c;
  }
  return out;
}

void resolve_all(const kube::Kubeconfig& config) {
  for (const auto& [name, context] : config.contexts) {
    // Names are shown; a secret in their place is no secret.
    if (name.find(planted) != std::string::npos || context.cluster.find(planted) != std::string::npos ||
        context.user.find(planted) != std::string::npos)
      continue;
    auto connection = kube::resolve(config, name, {.allow_exec = true, .allow_files = false});
    if (!connection) {
      if (auto user = config.users.find(context.user); user != config.users.end() && user->second.auth_provider)
        continue;  // its name is shown
      check(connection.error());
      continue;
    }
    if (!connection->credentials) std::abort();
    for (const auto& warning : connection->warnings)
      if (connection->server.host.find(planted) == std::string::npos) check(warning);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = with_planted(std::string_view(reinterpret_cast<const char*>(data), size));
  auto config = kube::parse_kubeconfig(text, "the input");
  if (config) resolve_all(*config);
  auto answer = kube::parse_exec_credential(text, "client.authentication.k8s.io/v1", "run the plugin");
  if (!answer) check(answer.error());
  return 0;
}
