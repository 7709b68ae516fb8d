#include "fleet/cluster_row.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/digest.h"
#include "base/text.h"
#include "kube/credentials.h"
#include "net/certificates.h"
#include "net/http.h"

namespace fairlead::fleet {
namespace {

struct QuickValues {
  Provider provider;
  std::string_view name;
  Exposure exposure;
};
constexpr std::array kProviders{
    QuickValues{Provider::kind, "kind", Exposure::node_port},
    QuickValues{Provider::k3s, "k3s", Exposure::node_port},
    QuickValues{Provider::aks, "aks", Exposure::load_balancer},
    QuickValues{Provider::gke, "gke", Exposure::load_balancer},
    QuickValues{Provider::eks, "eks", Exposure::load_balancer},
    QuickValues{Provider::kubernetes, "kubernetes", Exposure::cluster_ip},
};
constexpr std::array<std::pair<CredentialMode, std::string_view>, 4> kModes{{
    {CredentialMode::path, "path"},
    {CredentialMode::kubeconfig, "kubeconfig"},
    {CredentialMode::token, "token"},
    {CredentialMode::in_cluster, "in-cluster"},
}};
constexpr std::array<std::pair<Exposure, std::string_view>, 3> kExposures{{
    {Exposure::cluster_ip, "cluster-ip"},
    {Exposure::node_port, "node-port"},
    {Exposure::load_balancer, "load-balancer"},
}};
constexpr std::string_view kStep = "check the cluster's fields";
constexpr std::string_view kNodePortHost = "host.docker.internal";

template <class Table, class Value>
std::string_view word_of(const Table& table, Value value) {
  for (const auto& [one, word] : table)
    if (one == value) return word;
  return "";
}
template <class Table>
auto value_of(const Table& table, std::string_view word) {
  for (const auto& [one, name] : table)
    if (name == word) return one;
  return table.front().first;  // words were checked
}
const QuickValues& quick_values(std::string_view name) {
  const auto* found =
      std::find_if(kProviders.begin(), kProviders.end(), [&](const auto& one) { return one.name == name; });
  return found == kProviders.end() ? kProviders.back() : *found;
}

tl::unexpected<Error> wrong(std::string_view field, std::string cause, std::string remedy = "") {
  return fail(ErrorCode::invalid_request, std::string(kStep), std::string(field) + ": " + std::move(cause),
              remedy.empty() ? "'fairlead clusters add --help' shows every field" : std::move(remedy));
}

std::optional<std::string> why_not_id(std::string_view id) {
  auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (id.size() < 2 || id.size() > 64) return "it has 2 to 64 characters";
  if (!plain(id.front())) return "it begins with a small letter or a digit";
  for (char c : id)
    if (!plain(c) && c != '-') return "it holds only small letters, digits and '-'";
  return std::nullopt;
}

// RFC 4632 and RFC 4291, 2.3: what Service.spec.loadBalancerSourceRanges takes.
std::optional<std::string> why_not_cidr(const std::string& text) {
  const auto slash = text.find('/');
  const std::string address = text.substr(0, slash);
  if (address.find_first_not_of("0123456789abcdefABCDEF.:") != std::string::npos)  // inet_pton ends at a NUL
    return "'" + escape_untrusted(text, Newlines::escape) + "' holds no IP address";
  std::array<unsigned char, 16> bytes{};
  const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!is_v4 && ::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return "'" + text + "' holds no IP address";
  if (slash == std::string::npos)
    return "'" + text + "' has no prefix length; one address is " + text + (is_v4 ? "/32" : "/128");
  int bits = -1;
  const char *begin = text.data() + slash + 1, *end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, bits);
  const bool is_plain = error == std::errc() && stop == end && (*begin != '0' || end - begin == 1);
  if (!is_plain || bits < 0 || bits > (is_v4 ? 32 : 128))
    return "'" + escape_untrusted(text, Newlines::escape) + "' has a prefix length that is not 0 to " +
           (is_v4 ? "32" : "128");
  return std::nullopt;
}

// A qualified name: "[prefix/]name", as annotations and load-balancer classes have them.
std::optional<std::string> why_not_qualified(std::string_view text) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos)
    if (auto why = ops::why_not_subdomain(text.substr(0, slash))) return "before the '/' " + *why;
  const std::string_view name = slash == std::string_view::npos ? text : text.substr(slash + 1);
  auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > 63) return "a name has 1 to 63 characters";
  if (!alphanumeric(name.front()) || !alphanumeric(name.back())) return "a name begins and ends with a letter or digit";
  for (char c : name)
    if (!alphanumeric(c) && c != '-' && c != '_' && c != '.')
      return "a name holds only letters, digits, '-', '_' and '.'";
  return std::nullopt;
}

bool holds_control(std::string_view text) {
  return !is_valid_utf8(text) ||
         std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

Result<void> check_words(const ClusterRow& row) {
  const std::array<std::pair<std::string_view, const std::string*>, 3> words{
      {{"label", &row.label}, {"cluster_name", &row.cluster_name}, {"context", &row.context}}};
  for (const auto& [field, text] : words) {
    if (holds_control(*text)) return wrong(field, "it holds a control character, or is not UTF-8");
    if (text->size() > 1024) return wrong(field, "it is longer than 1024 bytes");
  }
  return {};
}

Result<void> check_exposure(const ClusterRow::Exposing& exposure) {
  for (const auto& range : exposure.source_ranges)
    if (auto why = why_not_cidr(range)) return wrong("source_ranges", *why);
  std::size_t bytes = 0;
  for (const auto& [key, value] : exposure.annotations) {
    if (auto why = why_not_qualified(key)) return wrong("service_annotations", "'" + std::string(key) + "': " + *why);
    const std::string_view text = value.get_string();
    if (text.find('\0') != std::string_view::npos || !is_valid_utf8(text))
      return wrong("service_annotations",
                   "the value of '" + std::string(key) + "' holds a NUL character, or is not UTF-8");
    bytes += key.size() + text.size();
  }
  if (bytes > 256 << 10)
    return wrong("service_annotations", "they are larger than the 256 KiB that an object may have");
  if (!exposure.load_balancer_class.empty())
    if (auto why = why_not_qualified(exposure.load_balancer_class)) return wrong("load_balancer_class", *why);
  const std::string& host = exposure.runtime_host;
  if (!host.empty() && ops::why_not_subdomain(host) && why_not_cidr(host + "/32") && why_not_cidr(host + "/128"))
    return wrong("runtime_host", "it is neither a host's name nor an IP address");
  return {};
}

// What belongs to one way of coming by credentials is given with that one alone.
Result<void> check_credentials(const ClusterRow& row, const json::object& given) {
  struct Of {
    std::string_view field;
    CredentialMode mode;
  };
  constexpr std::array kOf{Of{"kubeconfig_path", CredentialMode::path}, Of{"kubeconfig", CredentialMode::kubeconfig},
                           Of{"server", CredentialMode::token}, Of{"token", CredentialMode::token},
                           Of{"certificate_authority", CredentialMode::token}};
  for (const auto& [field, mode] : kOf) {
    const json::value* value = given.if_contains(field);
    if (value && !value->is_null() && mode != row.mode)
      return wrong(field, "it belongs to credential_mode " + std::string(to_string(mode)) + ", and this is " +
                              std::string(to_string(row.mode)));
  }
  if (!row.context.empty() && row.mode != CredentialMode::path && row.mode != CredentialMode::kubeconfig)
    return wrong("context", "only a kubeconfig has contexts");
  if (row.mode == CredentialMode::path) {
    if (row.path.find('\0') != std::string::npos) return wrong("kubeconfig_path", "it holds a NUL character");
    if (("/" + row.path + "/").find("/../") != std::string::npos)
      return wrong("kubeconfig_path", "it leads upwards ('..')");
  }
  if (row.mode != CredentialMode::token) return {};
  if (row.server.empty()) return wrong("server", "it is missing: the API server's URL");
  if (row.server.find_first_of("?#@") != std::string::npos)
    return wrong("server", "it holds more than a host, a port and a path, and a row is shown to whoever may see it",
                 "Leave out what stands before an @ and after a ? or #; the token is given as token");
  auto url = net::parse_url(row.server, "read the server");
  if (!url) return wrong("server", url.error().cause);
  if (url->scheme != "https") return wrong("server", "a token is sent to an https URL alone");
  if (row.certificate_authority.empty()) return {};
  if (auto why = net::why_not_certificates(row.certificate_authority))
    return wrong("certificate_authority", *why, "Give the certificates alone, PEM");
  return {};
}

Result<void> check_token(const ops::Arguments& fields) {
  if (!fields.has("token")) return {};
  if (kube::is_sendable_token(trim(fields.text("token")))) return {};
  return wrong("token", "it holds a blank, a line break or another character that no token has",
               "Copy it again, on one line");
}

ClusterRow row_from(const ops::Arguments& fields) {
  ClusterRow row;
  row.id = fields.text("id");
  const QuickValues& quick = quick_values(fields.text("provider"));
  row.provider = quick.provider;
  row.label = fields.has("label") ? fields.text("label") : row.id;
  row.cluster_name = fields.text("cluster_name");
  row.enabled = !fields.has("enabled") || fields.flag("enabled");
  if (fields.has("credential_mode"))
    row.mode = value_of(kModes, fields.text("credential_mode"));
  else if (fields.has("kubeconfig"))
    row.mode = CredentialMode::kubeconfig;
  else if (fields.has("server") || fields.has("token"))
    row.mode = CredentialMode::token;
  if (row.mode == CredentialMode::path)
    row.path = fields.has("kubeconfig_path") ? fields.text("kubeconfig_path") : row.id;
  row.context = fields.text("context");
  row.server = fields.text("server");
  row.certificate_authority = fields.text("certificate_authority");
  row.impersonation = {fields.text("impersonate_user"), fields.list("impersonate_groups"),
                       fields.map("impersonate_extra")};
  row.accounts = {fields.text("service_account"), fields.map("service_accounts"),
                  fields.integer("service_account_seconds", kShortestToken)};
  row.namespaces.fallback = fields.has("namespace") ? fields.text("namespace") : "default";
  row.namespaces.openclaw = fields.text("openclaw_namespace");
  row.namespaces.hermes = fields.text("hermes_namespace");
  auto& exposure = row.exposure;
  exposure.mode = fields.has("exposure") ? value_of(kExposures, fields.text("exposure")) : quick.exposure;
  exposure.runtime_host = fields.text("runtime_host");
  if (exposure.runtime_host.empty() && exposure.mode == Exposure::node_port) exposure.runtime_host = kNodePortHost;
  exposure.runtime_node_port = fields.integer("runtime_node_port");
  exposure.gateway_node_port = fields.integer("gateway_node_port");
  for (const auto& [key, value] : fields.map("service_annotations"))
    if (value.is_string()) exposure.annotations[key] = value;
  exposure.source_ranges = fields.list("source_ranges");
  exposure.load_balancer_class = fields.text("load_balancer_class");
  exposure.load_balancer_timeout_ms = fields.integer("load_balancer_timeout_ms", 1'200'000);
  return row;
}

// An empty text is a field that is left out.
Result<ops::Arguments> validate(const json::object& fields) {
  json::object given;
  for (const auto& [name, value] : fields)
    if (!value.is_string() || !value.get_string().empty()) given[name] = value;
  if (json::value* annotations = given.if_contains("service_annotations"); annotations && annotations->is_string()) {
    auto object = parse_json(annotations->get_string(), kStep, {.duplicate_keys = false});
    if (!object || !object->is_object()) return wrong("service_annotations", "it is text, but no JSON object");
    *annotations = std::move(*object);
  }
  auto valid = ops::Arguments::validate(given, cluster_parameters(), kStep);
  constexpr std::string_view word = "parameter ";
  if (!valid && valid.error().cause.starts_with(word)) valid.error().cause.erase(0, word.size());
  if (!valid) valid.error().remedy = "'fairlead clusters add --help' shows every field";
  return valid;
}

Secret secret_of(const ops::Arguments& fields) {
  for (std::string_view name : {"kubeconfig", "token"})
    if (const json::value* value = fields.value(name))
      return Secret(!value->is_string() ? compact(*value)
                    : name == "token"   ? std::string(trim(value->get_string()))
                                        : std::string(value->get_string()));
  return Secret();
}

Result<ClusterChange> checked(const json::object& fields) {
  auto valid = validate(fields);
  if (!valid) return fail(std::move(valid.error()));
  ClusterChange out;
  out.row = row_from(*valid);
  if (auto why = why_not_id(out.row.id)) return wrong("id", *why);
  if (auto good = check_words(out.row); !good) return fail(std::move(good.error()));
  if (auto good = check_credentials(out.row, fields); !good) return fail(std::move(good.error()));
  if (auto good = check_token(*valid); !good) return fail(std::move(good.error()));
  out.row.certificate_authority = net::certificates_alone(out.row.certificate_authority);
  if (auto good = check(out.row.impersonation); !good) return fail(std::move(good.error()));
  if (auto good = check(out.row.accounts); !good) return fail(std::move(good.error()));
  if (out.row.accounts.are_used() && !out.row.impersonation.user.empty())
    return wrong("service_account", "callers are impersonated already (impersonate_user): it is one or the other");
  if (auto good = check_exposure(out.row.exposure); !good) return fail(std::move(good.error()));
  out.credential = secret_of(*valid);
  return out;
}

tl::unexpected<Error> missing_secret(CredentialMode mode) {
  return mode == CredentialMode::token ? wrong("token", "it is missing: a bearer token for the server")
                                       : wrong("kubeconfig", "it is missing: the file's content, YAML or JSON");
}
bool is_sealed(CredentialMode mode) { return mode == CredentialMode::kubeconfig || mode == CredentialMode::token; }

json::array words(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.push_back(json::value(text));
  return out;
}

}  // namespace

std::string_view to_string(Provider provider) {
  for (const auto& one : kProviders)
    if (one.provider == provider) return one.name;
  return "";
}
std::string_view to_string(CredentialMode mode) { return word_of(kModes, mode); }
std::string_view to_string(Exposure exposure) { return word_of(kExposures, exposure); }

std::vector<std::string> ClusterRow::unavailable() const {
  std::vector<std::string> out;
  if (!damaged.empty()) {
    out.push_back("it is damaged: " + damaged);
    return out;
  }
  if (!enabled) out.emplace_back("it is disabled");
  if (!last_test)
    out.emplace_back("its connection was not tested since it was registered or changed");
  else if (!last_test->ok)
    out.push_back("its latest test failed: " + last_test->message);
  return out;
}

std::string ClusterRow::etag() const {
  const std::string fields = compact(damaged.empty() ? fields_of(*this) : json::object{{"damaged", damaged}});
  return fmt::format("{}-{}-{}", created, version, sha256_hex(fields).substr(0, 16));
}

json::object fields_of(const ClusterRow& row) {
  json::object out{{"id", row.id},
                   {"label", row.label},
                   {"provider", to_string(row.provider)},
                   {"cluster_name", row.cluster_name},
                   {"enabled", row.enabled},
                   {"credential_mode", to_string(row.mode)}};
  if (row.mode == CredentialMode::path) out["kubeconfig_path"] = row.path;
  if (row.mode == CredentialMode::path || row.mode == CredentialMode::kubeconfig) out["context"] = row.context;
  if (row.mode == CredentialMode::token) {
    out["server"] = row.server;
    out["certificate_authority"] = row.certificate_authority;
  }
  out["impersonate_user"] = row.impersonation.user;
  out["impersonate_groups"] = words(row.impersonation.groups);
  out["impersonate_extra"] = row.impersonation.extra;
  out["service_account"] = row.accounts.pattern;
  out["service_accounts"] = row.accounts.by_caller;
  out["service_account_seconds"] = row.accounts.seconds;
  out["namespace"] = row.namespaces.fallback;
  out["openclaw_namespace"] = row.namespaces.openclaw;
  out["hermes_namespace"] = row.namespaces.hermes;
  out["exposure"] = to_string(row.exposure.mode);
  out["runtime_host"] = row.exposure.runtime_host;
  out["runtime_node_port"] = row.exposure.runtime_node_port;
  out["gateway_node_port"] = row.exposure.gateway_node_port;
  out["service_annotations"] = row.exposure.annotations;
  out["source_ranges"] = words(row.exposure.source_ranges);
  out["load_balancer_class"] = row.exposure.load_balancer_class;
  out["load_balancer_timeout_ms"] = row.exposure.load_balancer_timeout_ms;
  return out;
}

Result<ClusterRow> row_of(const json::object& fields) {
  auto valid = validate(fields);
  if (!valid) return fail(std::move(valid.error()));
  ClusterRow row = row_from(*valid);
  // Such were stored once. Nobody is shown one.
  if (row.certificate_authority.find("PRIVATE KEY") != std::string::npos)
    row.certificate_authority = net::certificates_alone(row.certificate_authority);
  return row;
}

json::object shown(const ClusterRow& row) {
  json::object out = row.damaged.empty() ? fields_of(row) : json::object{{"id", row.id}, {"damaged", row.damaged}};
  out["target"] = row.target();
  const auto reasons = row.unavailable();
  out["available"] = reasons.empty();
  out["unavailable"] = words(reasons);
  out["has_credentials"] = !is_sealed(row.mode) || row.credential_version > 0;
  out["last_test"] = nullptr;
  if (row.last_test)
    out["last_test"] = {{"status", row.last_test->ok ? "ok" : "failed"},
                        {"message", row.last_test->message},
                        {"time", format_rfc3339(row.last_test->time)}};
  out["created"] = format_rfc3339(row.created);
  out["updated"] = format_rfc3339(row.updated);
  out["version"] = row.version;
  return out;
}

Result<ClusterChange> new_cluster(const json::object& fields) {
  auto out = checked(fields);
  if (!out || !is_sealed(out->row.mode)) return out;
  if (trim(out->credential.reveal()).empty()) return missing_secret(out->row.mode);
  out->row.credential_version = out->row.connection_version;
  return out;
}

Result<ClusterChange> changed_cluster(const ClusterRow& row, const json::object& fields) {
  if (const json::value* id = fields.if_contains("id"); id && *id != json::value(row.id))
    return wrong("id", "it cannot be changed", "Register the cluster anew under the other id");
  json::object all = fields_of(row);
  const json::value* mode = fields.if_contains("credential_mode");
  if (mode && *mode != json::value(to_string(row.mode)))
    for (std::string_view old : {"kubeconfig_path", "context", "server", "certificate_authority"}) all.erase(old);
  for (const auto& [key, value] : fields) {
    if (value.is_null())
      all.erase(key);
    else
      all[key] = value;
  }
  auto out = checked(all);
  if (!out) return out;
  ClusterRow& now = out->row;
  const bool is_new = !out->credential.empty(),
             elsewhere = now.server != row.server ||
                         now.certificate_authority != net::certificates_alone(row.certificate_authority),
             other_rights = now.namespaces.fallback != row.namespaces.fallback ||
                            now.namespaces.openclaw != row.namespaces.openclaw ||
                            now.namespaces.hermes != row.namespaces.hermes;
  if (is_sealed(now.mode) && !is_new) {
    if (now.mode != row.mode || row.credential_version == 0) return missing_secret(now.mode);
    // Whoever may edit the row does not get its token sent to a server of their own.
    if (elsewhere)
      return wrong("token", "it is missing: the one that is kept was given for another server or authority",
                   "Give it anew");
  }
  const bool other_connection = is_new || elsewhere || other_rights || now.mode != row.mode || now.path != row.path ||
                                now.context != row.context || !(now.impersonation == row.impersonation) ||
                                !(now.accounts == row.accounts);
  if (!other_connection) now.last_test = row.last_test;
  now.created = row.created;
  now.version = row.version + 1;
  now.connection_version = row.connection_version + (other_connection ? 1 : 0);
  // Never used twice, so that nothing that was sealed before can be put back.
  now.credential_version = is_sealed(now.mode) ? row.credential_version : 0;
  if (is_new) now.credential_version = now.connection_version;
  return out;
}

}  // namespace fairlead::fleet
