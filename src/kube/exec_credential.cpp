// The ExecCredential messages: what a plugin is told, and what it answers.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "kube/exec_plugin.h"
#include "redact/redact.h"

namespace fairlead::kube {
namespace {

constexpr std::string_view group = "client.authentication.k8s.io/";
constexpr std::size_t longest_diagnostics = 600;

bool is_known_version(std::string_view version) {
  return version == "client.authentication.k8s.io/v1" || version == "client.authentication.k8s.io/v1beta1";
}

// A version may be shown when it has the form of one; anything else could be a credential in the wrong place.
std::string shown_version(std::string_view version) {
  if (version.empty()) return "none";
  bool fit = version.starts_with(group) && version.size() <= group.size() + 12;
  return fit ? std::string(version) : "another one";
}

json::value cluster_json(const ExecCluster& cluster) {
  json::object out;
  out["server"] = cluster.server;
  if (!cluster.tls_server_name.empty()) out["tls-server-name"] = cluster.tls_server_name;
  if (cluster.insecure_skip_tls_verify) out["insecure-skip-tls-verify"] = true;
  if (!cluster.certificate_authority_pem.empty())
    out["certificate-authority-data"] = base64_encode(cluster.certificate_authority_pem);
  if (!cluster.proxy_url.empty()) out["proxy-url"] = cluster.proxy_url;
  if (cluster.disable_compression) out["disable-compression"] = true;
  out["config"] = cluster.config;
  return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// Texts anywhere in it.
void add_texts(const json::value& value, std::vector<std::string>& to) {
  if (value.is_string()) to.emplace_back(value.get_string());
  if (value.is_array())
    for (const auto& item : value.get_array()) add_texts(item, to);
  if (value.is_object())
    for (const auto& [name, item] : value.get_object()) add_texts(item, to);
}

// "get-token": what a program is told to do stands first, and in such letters.
bool is_subcommand(std::string_view argument) {
  return argument.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
}

// Whose values help to see what is wrong.
bool is_harmless_flag(std::string_view flag) {
  static const std::set<std::string_view> all{"--region",  "--cluster",     "--cluster-name", "--cluster-id",
                                              "--profile", "--project",     "--zone",         "--location",
                                              "--output",  "--environment", "--server-id",    "--login"};
  return all.contains(flag);
}

// Whatever may be one: of the arguments all but flags and what stands before them.
std::vector<std::string> secrets_of(const ExecConfig& config, std::string_view printed) {
  constexpr std::size_t shortest = 4;
  std::vector<std::string> out;
  for (const auto& variable : config.env) out.emplace_back(variable.value.reveal());
  bool after_flag = false;
  std::string_view flag;  // right before
  for (const std::string& argument : config.args) {
    const bool is_flag = argument.starts_with('-');
    const std::size_t cut = argument.find_first_of("=:");
    if (cut != std::string::npos && !(is_flag && is_harmless_flag(argument.substr(0, cut))))
      out.emplace_back(trim(std::string_view(argument).substr(cut + 1)));
    if (!is_flag && !is_harmless_flag(flag) && (after_flag || !is_subcommand(argument))) out.push_back(argument);
    after_flag = after_flag || is_flag;
    flag = is_flag ? std::string_view(argument) : std::string_view();
  }
  // It may have printed a credential before it failed.
  if (auto answer = parse_json(printed, "read what the plugin printed"))
    if (const json::value* status = find(*answer, "status")) add_texts(*status, out);
  std::erase_if(out, [](const std::string& text) { return text.size() < shortest; });
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return out;
}

}  // namespace

Result<void> check_exec_config(const ExecConfig& config, std::string_view user) {
  auto refuse = [&](std::string cause, std::string remedy) {
    return fail(ErrorCode::invalid_request, "use the exec plugin of user \"" + plain_word(user) + "\"",
                std::move(cause), std::move(remedy));
  };
  if (config.command.empty()) return refuse("it has no command", "Set users[].user.exec.command");
  if (config.api_version == "client.authentication.k8s.io/v1alpha1")
    return refuse("apiVersion client.authentication.k8s.io/v1alpha1 is no longer supported",
                  "Upgrade the plugin and set apiVersion to client.authentication.k8s.io/v1");
  if (!is_known_version(config.api_version))
    return refuse(config.api_version.empty() ? "it has no apiVersion" : "its apiVersion is not known",
                  "Set apiVersion to client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
  if (config.interactive_mode.empty())
    return refuse("it has no interactiveMode, which v1 requires", "Set interactiveMode to Never or IfAvailable");
  if (config.interactive_mode != "Never" && config.interactive_mode != "IfAvailable" &&
      config.interactive_mode != "Always")
    return refuse("its interactiveMode is not known", "Set interactiveMode to Never, IfAvailable or Always");
  auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
  bool nul = has_nul(config.command) || std::any_of(config.args.begin(), config.args.end(), has_nul);
  for (const auto& variable : config.env) {
    if (variable.name.empty() || variable.name.find('=') != std::string::npos)
      return refuse("one of its environment variables has no name or one with \"=\" in it",
                    "Correct users[].user.exec.env");
    nul = nul || has_nul(variable.name) || has_nul(variable.value.reveal());
  }
  if (nul) return refuse("its command, arguments or variables hold a NUL character", "Remove it");
  return {};
}

std::string exec_info(const ExecConfig& config, const ExecCluster& cluster, bool interactive) {
  json::object spec;
  if (config.provide_cluster_info) spec["cluster"] = cluster_json(cluster);
  spec["interactive"] = interactive;
  return compact(
      json::object{{"kind", "ExecCredential"}, {"apiVersion", config.api_version}, {"spec", std::move(spec)}});
}

Result<ExecAnswer> parse_exec_credential(std::string_view text, std::string_view api_version, const std::string& step) {
  auto refuse = [&](std::string cause) {
    return fail(ErrorCode::authentication_failed, step, std::move(cause),
                "Run the command by hand: it has to print an ExecCredential of " + std::string(api_version));
  };
  if (trim(text).empty()) return refuse("it printed nothing");
  auto parsed = parse_yaml(text, step, YamlLimits{.bytes = 1 << 20, .depth = 20, .nodes = 10'000});
  if (!parsed || !parsed->is_object()) return refuse("what it printed is not an ExecCredential");
  if (text_at(*parsed, {"kind"}) != "ExecCredential") return refuse("what it printed is not of kind ExecCredential");
  if (auto version = text_at(*parsed, {"apiVersion"}); version != api_version)
    return refuse("it is configured for apiVersion " + std::string(api_version) + ", but answered with " +
                  shown_version(version));
  const json::value* status = find(*parsed, "status");
  if (!status || !status->is_object()) return refuse("its answer has no status");
  for (std::string_view field : {"token", "clientCertificateData", "clientKeyData", "expirationTimestamp"})
    if (const json::value* value = find(*status, field); value && !value->is_null() && !value->is_string())
      return refuse("status." + std::string(field) + " of its answer is not text");
  ExecAnswer out;
  std::string_view token = trim(text_at(*status, {"token"}));
  std::string_view certificate = text_at(*status, {"clientCertificateData"}), key = text_at(*status, {"clientKeyData"});
  if (token.empty() && certificate.empty() && key.empty())
    return refuse("it answered neither a token nor a client certificate");
  if (certificate.empty() != key.empty())
    return refuse("it answered only one of clientCertificateData and clientKeyData");
  if (!token.empty() && !is_sendable_token(token))
    return refuse("the token that it answered cannot be sent in a header");
  if (auto expires = text_at(*status, {"expirationTimestamp"}); !expires.empty()) {
    out.expires = parse_rfc3339(expires);
    if (!out.expires) return refuse("status.expirationTimestamp of its answer is not a time (RFC 3339)");
  }
  out.authorization.bearer = Secret(std::string(token));
  out.authorization.certificate_pem = std::string(certificate);
  out.authorization.key_pem = Secret(std::string(key));
  return out;
}

std::string presentable_diagnostics(std::string text, const ExecConfig& config, std::string_view printed) {
  for (const auto& secret : secrets_of(config, printed)) redact::cut_out(text, secret);
  text = redact::text(text);
  std::string_view end = trim(text);
  if (end.size() > longest_diagnostics) {
    // What names a credential may be cut off, so the line in which the cut falls goes whole, if others follow.
    end.remove_prefix(end.size() - longest_diagnostics);
    const std::size_t next = end.find('\n') != std::string_view::npos ? end.find('\n') : end.find(' ');
    if (next != std::string_view::npos) end.remove_prefix(next + 1);
  }
  std::string line(end);
  std::erase(line, '\r');
  replace_all(line, "\n", " / ");
  return escape_untrusted(line, Newlines::escape);
}

}  // namespace fairlead::kube
