#include "cli/options.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "redact/redact.h"

namespace fairlead::cli {

void ConnectionOptions::add_to(CLI::App& app, const std::string& context_flags, bool with_namespace) {
  app.add_option("--kubeconfig", kubeconfig,
                 "Kubeconfig file (else KUBECONFIG, KUBECONFIG_CONTENTS, ~/.kube/config, in-cluster)");
  app.add_option(context_flags, context, "Context of the kubeconfig: the cluster to work on");
  if (with_namespace)
    app.add_option("-n,--namespace", ns, "Namespace where none is given; for lists: only this one")
        ->check(CLI::Validator(refuse_value, ""));
  app.add_option("--api-server", api_server,
                 "URL of an API server, without any kubeconfig; the token comes from FAIRLEAD_TOKEN or --token-file");
  app.add_option("--token-file", token_file, "File with a bearer token, read again when it changes")
      ->needs("--api-server");
  app.add_option("--certificate-authority", certificate_authority, "File with the CA of --api-server")
      ->needs("--api-server");
  app.add_option("--tls-server-name", tls_server_name, "Name to expect in the certificate of --api-server")
      ->needs("--api-server");
  app.add_flag("--insecure-skip-tls-verify", insecure,
               "Do not check the certificate of --api-server: anybody in between can read and change everything")
      ->needs("--api-server");
  for (const char* name :
       {"--kubeconfig", "--context", "--api-server", "--token-file", "--certificate-authority", "--tls-server-name"})
    app.get_option(name)->check(CLI::Validator(refuse_value, ""));
}

Result<std::int64_t> parse_span(const std::string& text, std::string_view option) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  const std::int64_t unit = stop + 1 != end ? 0 : *stop == 'd' ? 86'400 : *stop == 'h' ? 3'600 : *stop == 'm' ? 60 : 0;
  if (error != std::errc() || unit == 0 || count < 1 || count > 3'660 * 86'400 / unit)
    return fail(ErrorCode::invalid_request, "read " + std::string(option), "it is no span of time",
                "Such as 30d, 12h or 45m; at most ten years");
  return count * unit;
}

std::vector<std::string> without_credentials(std::vector<std::string> variables) {
  // Whoever is given no token, password or key is not told either where to bring one.
  constexpr std::array<std::string_view, 6> ours{"KUBECONFIG_CONTENTS=", "FAIRLEAD_TOKEN=",    "FAIRLEAD_SERVER=",
                                                 "ENCRYPTION_KEY=",      "FAIRLEAD_DATABASE=", "PGPASSWORD="};
  std::erase_if(variables, [&](const std::string& variable) {
    return std::any_of(ours.begin(), ours.end(), [&](std::string_view name) { return variable.starts_with(name); });
  });
  return variables;
}

gate::KubeconfigOptions ConnectionOptions::make(World& world, bool terminal_is_ours) const {
  gate::KubeconfigOptions options;
  options.sources.environment = world.environment;
  options.sources.kubeconfig = kubeconfig;
  options.sources.server = api_server;
  options.sources.token_file = token_file;
  options.sources.certificate_authority = certificate_authority;
  options.sources.tls_server_name = tls_server_name;
  options.sources.insecure_skip_tls_verify = insecure;
  if (!api_server.empty())
    if (auto token = world.environment("FAIRLEAD_TOKEN")) options.sources.token = Secret(std::move(*token));
  options.surroundings.environment = world.environment;
  options.surroundings.clock = world.clock;
  options.surroundings.exec.environment = without_credentials(world.variables);
  options.surroundings.exec.clock = world.clock;
  options.surroundings.exec.terminal = terminal_is_ours && world.input_is_terminal;
  // To a person at a terminal as it comes; into a file or a log only with what redaction leaves of it, in an error.
  options.surroundings.exec.show_diagnostics = terminal_is_ours && world.error_is_terminal;
  options.context = context;
  options.default_namespace = ns;
  options.user_agent = "fairlead/" FAIRLEAD_VERSION;
  options.jitter = [&world] { return jitter(world); };
  options.warn = [&world](const std::string& warning) { note(world, "warning: " + redact::text(warning)); };
  return options;
}

namespace {

std::string refuse_timeout(const std::string& text) {
  const char* end = text.data() + text.size();
  double seconds = 0;
  auto [stop, error] = std::from_chars(text.data(), end, seconds);
  return error == std::errc() && stop == end && seconds >= 0.001 && seconds <= 86400
             ? ""
             : "it must be a number of seconds from 0.001 to 86400";
}

}  // namespace

void add_timeout(CLI::App& app, double& seconds, const std::string& meaning) {
  app.add_option("--timeout", seconds, meaning)
      ->check(CLI::Validator(refuse_timeout, "SECONDS"))
      ->capture_default_str();
}

Duration seconds(double count) { return std::chrono::milliseconds(static_cast<std::int64_t>(count * 1000)); }

void GrantOption::add_to(CLI::App& app) {
  app.add_option("--allow", allow, "The most that may be done: read, write or destructive")
      ->check(CLI::IsMember({"read", "write", "destructive"}))
      ->capture_default_str();
}

std::string refuse_value(const std::string& value) {
  if (value.empty()) return "the value is empty: give one, or leave the option out";
  return value.starts_with("--") ? "the value '" + value.substr(0, value.find('=')) + "' looks like another option"
                                 : "";
}

gate::Grant GrantOption::grant() const { return {ops::parse_trust(allow).value_or(ops::Trust::read)}; }

}  // namespace fairlead::cli
