#include "kube/user_identity.h"

#include <algorithm>
#include <filesystem>

#include "base/confined_file.h"
#include "base/text.h"

namespace fairlead::kube {
namespace {

constexpr std::uint64_t largest_material = 1 << 20;
constexpr std::string_view use_exec = "Use an exec plugin (users[].user.exec) or a service account token instead";

tl::unexpected<Error> refuse(const std::string& step, std::string cause, std::string remedy) {
  return fail(ErrorCode::invalid_request, step, std::move(cause), std::move(remedy));
}
tl::unexpected<Error> not_accepted(const std::string& step, std::string cause, std::string remedy) {
  return fail(ErrorCode::authentication_failed, step, std::move(cause), std::move(remedy));
}
tl::unexpected<Error> forbidden(const std::string& step, std::string cause, std::string remedy) {
  return fail(ErrorCode::policy_denied, step, std::move(cause), std::move(remedy));
}

tl::unexpected<Error> file_forbidden(const std::string& step, const std::string& field) {
  return forbidden(step, field + " names a file of this machine, which this kubeconfig may not do",
                   "Put the contents into the kubeconfig (kubectl config view --flatten --raw)");
}

std::string absolute_path(const std::string& path, const std::string& directory) {
  if (path.empty() || path.front() == '/' || directory.empty()) return path;
  return (std::filesystem::path(directory) / path).lexically_normal().string();
}

// The provider's users are told which plugin took its place.
std::string provider_remedy(std::string_view provider) {
  if (provider == "gcp")
    return "Install gke-gcloud-auth-plugin and run gcloud container clusters get-credentials again";
  if (provider == "azure") return "Install kubelogin and run kubelogin convert-kubeconfig";
  if (provider == "oidc") return "Use kubelogin (kubectl oidc-login) as an exec plugin";
  return std::string(use_exec);
}

Result<void> check_methods(const IdentityRequest& request) {
  const User& user = request.user;
  if (!user.username.empty() || !user.password.empty())
    return not_accepted(
        request.step,
        "it has a user name and password, and API servers have not taken basic authentication since Kubernetes 1.19",
        "Use a token, a client certificate or an exec plugin");
  if (user.auth_provider && user.exec)
    return refuse(request.step, "it has both auth-provider and exec", "Remove auth-provider");
  if (user.auth_provider)
    return not_accepted(request.step,
                        "it uses the auth-provider \"" + plain_word(user.auth_provider->substr(0, 40)) +
                            "\", which Kubernetes removed in 1.26 in favour of exec plugins",
                        provider_remedy(*user.auth_provider));
  return {};
}

Result<void> check_policy(const IdentityRequest& request) {
  const User& user = request.user;
  if (!request.policy.allow_files) {
    const std::pair<const char*, const std::string&> paths[] = {{"tokenFile", user.token_file},
                                                                {"client-certificate", user.client_certificate},
                                                                {"client-key", user.client_key}};
    for (const auto& [field, path] : paths)
      if (!path.empty()) return file_forbidden(request.step, field);
  }
  if (user.exec && (!request.policy.allow_exec || !request.policy.allow_files))
    return forbidden(request.step,
                     "it gets its credentials by running a program (exec plugin), which is not allowed here",
                     "Use a service account token or a client certificate, or a mounted kubeconfig, whose exec plugins "
                     "--exec-plugins allows");
  return {};
}

bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f; });
}

// Bytes that may not stand in a header's name are percent-encoded, as client-go does.
std::string header_key(std::string_view key) {
  static constexpr std::string_view digits = "0123456789ABCDEF", plain = "!#$&'*+-.^_`|~";
  std::string out;
  for (char c : key) {
    bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 plain.find(c) != std::string_view::npos;
    if (legal) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

Result<std::vector<net::HttpHeader>> impersonation(const IdentityRequest& request) {
  const User& user = request.user;
  std::vector<net::HttpHeader> out;
  const bool more =
      !user.impersonate_uid.empty() || !user.impersonate_groups.empty() || !user.impersonate_user_extra.empty();
  if (user.impersonate.empty() && more)
    return refuse(request.step, "it has as-uid, as-groups or as-user-extra without as",
                  "Add as: with the user to impersonate");
  if (user.impersonate.empty()) return out;
  out.push_back({"Impersonate-User", user.impersonate});
  if (!user.impersonate_uid.empty()) out.push_back({"Impersonate-Uid", user.impersonate_uid});
  for (const auto& group : user.impersonate_groups) out.push_back({"Impersonate-Group", group});
  for (const auto& [key, values] : user.impersonate_user_extra)
    for (const auto& value : values) out.push_back({"Impersonate-Extra-" + header_key(key), value});
  for (const auto& header : out)
    if (!is_header_value(header.value))
      return refuse(request.step, "what it impersonates (as, as-groups …) holds a control character", "Remove it");
  return out;
}

// client-go's order: a token or token file, or else a client certificate, keeps an exec plugin from being run.
Result<void> choose_credentials(const IdentityRequest& request, std::vector<std::string>& warnings, Identity& out) {
  const User& user = request.user;
  const Surroundings& around = request.surroundings;
  const Secret token{std::string(trim(user.token.reveal()))};
  if (!user.token.empty() && !is_sendable_token(token.reveal()))
    return refuse(request.step, "its token holds a blank, a line break or another character that a token cannot have",
                  "Copy the token again, on one line");
  const bool fixed = !user.token.empty() || !user.token_file.empty() || !out.certificate_pem.empty();
  if (user.exec && fixed)
    warnings.push_back("User \"" + request.user_name +
                       "\" has an exec plugin that is not run, because it has a token or client certificate too");
  if (!user.token_file.empty()) {
    out.sends_bearer = true;
    out.credentials = token_file_credentials({absolute_path(user.token_file, user.directory), token,
                                              around.token_file_seconds, around.clock, request.policy.files_below});
  } else if (!user.token.empty()) {
    out.sends_bearer = true;
    out.credentials = token_credentials(token);
  } else if (user.exec && !fixed) {
    if (auto good = check_exec_config(*user.exec, request.user_name); !good) return fail(std::move(good.error()));
    ExecConfig exec = *user.exec;
    if (exec.command.find('/') != std::string::npos) exec.command = absolute_path(exec.command, user.directory);
    ExecSurroundings exec_around = around.exec;
    if (!exec_around.clock) exec_around.clock = around.clock;
    out.sends_bearer = true;
    out.credentials = exec_credentials(std::move(exec), request.cluster, std::move(exec_around));
  } else {
    out.credentials = no_credentials();
    if (out.certificate_pem.empty())
      warnings.push_back("User \"" + request.user_name + "\" has no credentials: requests are sent without any");
  }
  return {};
}

}  // namespace

Result<Secret> load_material(const MaterialSource& source, const Policy& policy, const std::string& step,
                             Findings& found) {
  if (!source.path.empty() && !policy.allow_files) return file_forbidden(step, source.field);
  if (!source.data.empty() && !source.path.empty())
    found.warnings.push_back(source.field + "-data is used; " + source.field + " is ignored");
  std::string name = source.data.empty() ? source.field : source.field + "-data";
  Secret pem;
  if (!source.data.empty()) {
    auto decoded = base64_decode(source.data);
    if (!decoded)
      return refuse(step, name + " is not base64", "Copy it again, or put the file's path into " + source.field);
    pem = Secret(std::move(*decoded));
  } else if (!source.path.empty()) {
    const std::string path = absolute_path(source.path, source.directory);
    found.files.emplace_back(path);
    auto read = policy.files_below.empty() ? read_file(path, step, largest_material)
                                           : read_file_below(policy.files_below, path, step, largest_material);
    if (!read && read.error().code == ErrorCode::policy_denied) {
      read.error().cause = source.field + ": " + read.error().cause;
      return fail(std::move(read.error()));
    }
    if (!read)
      return fail_with(read.error().foreign, ErrorCode::invalid_request, step,
                       source.field + " names a file that cannot be read: " + read.error().cause, read.error().remedy);
    pem = Secret(std::move(*read));
    name += " (" + plain_word(path) + ")";
  } else {
    return Secret();
  }
  if (pem.reveal().find("-----BEGIN ") == std::string_view::npos)
    return refuse(step, name + " is not PEM (there is no \"-----BEGIN\" line)",
                  "Give a PEM file; convert DER with openssl");
  return pem;
}

Result<Identity> resolve_identity(IdentityRequest request, Findings& found) {
  const User& user = request.user;
  if (auto good = check_methods(request); !good) return fail(std::move(good.error()));
  if (auto good = check_policy(request); !good) return fail(std::move(good.error()));
  Identity out;
  const bool has_certificate = !user.client_certificate.empty() || !user.client_certificate_data.empty();
  const bool has_key = !user.client_key.empty() || !user.client_key_data.empty();
  if (has_certificate && !has_key)
    return refuse(request.step, "it has a client certificate without its key", "Add client-key or client-key-data");
  if (has_key && !has_certificate)
    found.warnings.push_back("User \"" + request.user_name +
                             "\" has a client key without a certificate: it is ignored");
  if (has_certificate) {
    auto certificate =
        load_material({"client-certificate", user.client_certificate, user.client_certificate_data, user.directory},
                      request.policy, request.step, found);
    if (!certificate) return fail(std::move(certificate.error()));
    auto key = load_material({"client-key", user.client_key, user.client_key_data.reveal(), user.directory},
                             request.policy, request.step, found);
    if (!key) return fail(std::move(key.error()));
    out.certificate_pem = std::string(certificate->reveal());
    out.key_pem = std::move(*key);
  }
  if (auto chosen = choose_credentials(request, found.warnings, out); !chosen) return fail(std::move(chosen.error()));
  auto headers = impersonation(request);
  if (!headers) return fail(std::move(headers.error()));
  out.impersonates = !headers->empty();
  if (out.impersonates) out.credentials = impersonating(std::move(out.credentials), std::move(*headers));
  return out;
}

}  // namespace fairlead::kube
