#include "kube/kubeconfig.h"

#include <string.h>

#include "base/text.h"
#include "base/yaml.h"

namespace fairlead::kube {
namespace {

constexpr std::string_view exec_extension = "client.authentication.k8s.io/exec";
constexpr std::size_t longest_name_shown = 80;

std::string_view kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "a boolean";
    case json::kind::string: return "text";
    case json::kind::array: return "a list";
    case json::kind::object: return "a mapping";
    default: return "a number";
  }
}

// Credentials were copied into Secrets; what is left of the document is overwritten.
void wipe(json::value& value) {
  if (auto* text = value.if_string()) ::explicit_bzero(text->data(), text->size());
  if (auto* list = value.if_array())
    for (auto& item : *list) wipe(item);
  if (auto* object = value.if_object())
    for (auto& member : *object) wipe(member.value());
}

// Walks a document and keeps the first thing that is wrong. Once something is, every answer is empty.
class Reader {
 public:
  explicit Reader(std::string origin) : origin_(std::move(origin)) {}

  // A member, or null when it is missing or null itself.
  static const json::value* member(const json::object& object, std::string_view key) {
    const json::value* found = object.if_contains(key);
    return found && !found->is_null() ? found : nullptr;
  }

  std::string text(const json::object& object, std::string_view key, const std::string& path) {
    const json::value* found = member(object, key);
    if (!found) return {};
    if (const auto* text = found->if_string()) return std::string(*text);
    wrong(*found, join(path, key), "text", found->is_number() || found->is_bool() ? "Put it in quotes" : "");
    return {};
  }

  Secret secret(const json::object& object, std::string_view key, const std::string& path) {
    return Secret(text(object, key, path));
  }

  bool flag(const json::object& object, std::string_view key, const std::string& path) {
    const json::value* found = member(object, key);
    if (!found) return false;
    if (const bool* flag = found->if_bool()) return *flag;
    wrong(*found, join(path, key), "true or false", found->is_string() ? "Write it without quotes" : "");
    return false;
  }

  const json::object& object(const json::object& parent, std::string_view key, const std::string& path) {
    static const json::object none;
    const json::value* found = member(parent, key);
    if (!found) return none;
    if (const auto* object = found->if_object()) return *object;
    wrong(*found, join(path, key), "a mapping");
    return none;
  }

  const json::array& list(const json::object& parent, std::string_view key, const std::string& path) {
    static const json::array none;
    const json::value* found = member(parent, key);
    if (!found) return none;
    if (const auto* list = found->if_array()) return *list;
    wrong(*found, join(path, key), "a list");
    return none;
  }

  std::vector<std::string> texts(const json::object& parent, std::string_view key, const std::string& path) {
    std::vector<std::string> out;
    const auto& items = list(parent, key, path);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (const auto* text = items[i].if_string())
        out.emplace_back(*text);
      else
        wrong(items[i], index(join(path, key), i), "text", "Put it in quotes");
    }
    return out;
  }

  const json::object& item(const json::array& list, std::size_t i, const std::string& path) {
    static const json::object none;
    if (const auto* object = list[i].if_object()) return *object;
    wrong(list[i], index(path, i), "a mapping");
    return none;
  }

  void refuse(std::string cause, std::string remedy) {
    if (!error_)
      error_ = Error{ErrorCode::invalid_request, "read " + origin_, std::move(cause), std::move(remedy), nullptr};
  }

  void wrong(const json::value& value, const std::string& path, std::string_view wanted, std::string remedy = {}) {
    refuse(path + " is " + std::string(kind_name(value)) + ", but must be " + std::string(wanted), std::move(remedy));
  }

  const std::optional<Error>& error() const { return error_; }

  static std::string join(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
  }
  static std::string index(const std::string& path, std::size_t i) { return path + "[" + std::to_string(i) + "]"; }

 private:
  std::string origin_;
  std::optional<Error> error_;
};

json::value extension(Reader& reader, const json::object& object, std::string_view wanted, const std::string& path) {
  const auto& list = reader.list(object, "extensions", path);
  const std::string list_path = Reader::join(path, "extensions");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& entry = reader.item(list, i, list_path);
    if (reader.text(entry, "name", Reader::index(list_path, i)) != wanted) continue;
    const json::value* found = Reader::member(entry, "extension");
    return found ? *found : json::value();
  }
  return {};
}

Cluster read_cluster(Reader& reader, const json::object& object, const std::string& path) {
  Cluster out;
  out.server = reader.text(object, "server", path);
  out.tls_server_name = reader.text(object, "tls-server-name", path);
  out.insecure_skip_tls_verify = reader.flag(object, "insecure-skip-tls-verify", path);
  out.certificate_authority = reader.text(object, "certificate-authority", path);
  out.certificate_authority_data = reader.text(object, "certificate-authority-data", path);
  out.proxy_url = reader.text(object, "proxy-url", path);
  out.disable_compression = reader.flag(object, "disable-compression", path);
  out.exec_config = extension(reader, object, exec_extension, path);
  return out;
}

ExecConfig read_exec(Reader& reader, const json::object& object, const std::string& path) {
  ExecConfig out;
  out.api_version = reader.text(object, "apiVersion", path);
  out.command = reader.text(object, "command", path);
  out.args = reader.texts(object, "args", path);
  const auto& env = reader.list(object, "env", path);
  const std::string env_path = Reader::join(path, "env");
  for (std::size_t i = 0; i < env.size(); ++i) {
    const auto& entry = reader.item(env, i, env_path);
    const std::string entry_path = Reader::index(env_path, i);
    out.env.push_back({reader.text(entry, "name", entry_path), reader.secret(entry, "value", entry_path)});
  }
  out.install_hint = reader.text(object, "installHint", path);
  out.provide_cluster_info = reader.flag(object, "provideClusterInfo", path);
  out.interactive_mode = reader.text(object, "interactiveMode", path);
  if (out.interactive_mode.empty() && out.api_version == "client.authentication.k8s.io/v1beta1")
    out.interactive_mode = "IfAvailable";
  return out;
}

User read_user(Reader& reader, const json::object& object, const std::string& path) {
  User out;
  out.token = reader.secret(object, "token", path);
  out.token_file = reader.text(object, "tokenFile", path);
  out.client_certificate = reader.text(object, "client-certificate", path);
  out.client_certificate_data = reader.text(object, "client-certificate-data", path);
  out.client_key = reader.text(object, "client-key", path);
  out.client_key_data = reader.secret(object, "client-key-data", path);
  out.username = reader.text(object, "username", path);
  out.password = reader.secret(object, "password", path);
  out.impersonate = reader.text(object, "as", path);
  out.impersonate_uid = reader.text(object, "as-uid", path);
  out.impersonate_groups = reader.texts(object, "as-groups", path);
  const auto& extra = reader.object(object, "as-user-extra", path);
  for (const auto& [key, values] : extra)
    out.impersonate_user_extra[std::string(key)] = reader.texts(extra, key, Reader::join(path, "as-user-extra"));
  if (Reader::member(object, "auth-provider"))
    out.auth_provider =
        reader.text(reader.object(object, "auth-provider", path), "name", Reader::join(path, "auth-provider"));
  if (Reader::member(object, "exec"))
    out.exec = read_exec(reader, reader.object(object, "exec", path), Reader::join(path, "exec"));
  return out;
}

Context read_context(Reader& reader, const json::object& object, const std::string& path) {
  Context out;
  out.cluster = reader.text(object, "cluster", path);
  out.user = reader.text(object, "user", path);
  out.namespace_ = reader.text(object, "namespace", path);
  return out;
}

// `list`: clusters; `entry`: cluster.
template <class T>
void read_named(Reader& reader, const json::object& document, const std::string& list, std::string_view entry,
                T (*read)(Reader&, const json::object&, const std::string&), Kubeconfig::Named<T>& out) {
  const auto& items = reader.list(document, list, "");
  for (std::size_t i = 0; i < items.size() && !reader.error(); ++i) {
    const std::string path = Reader::index(list, i);
    const auto& item = reader.item(items, i, list);
    std::string name = reader.text(item, "name", path);
    T value = read(reader, reader.object(item, entry, path), Reader::join(path, entry));
    if (!out.emplace(name, std::move(value)).second)
      reader.refuse(list + " has two entries with the name \"" + plain_word(name) + "\"",
                    "Rename or remove one of them");
  }
}

// Like kubectl: what is not said is taken for granted.
void check_kind(Reader& reader, const json::object& document) {
  std::string kind = reader.text(document, "kind", ""), version = reader.text(document, "apiVersion", "");
  const std::string remedy = "Give a kubeconfig: it has \"kind: Config\" and \"apiVersion: v1\"";
  if (!kind.empty() && kind != "Config")
    reader.refuse("it is a " + plain_word(kind.substr(0, longest_name_shown)) + ", not a kubeconfig", remedy);
  if (!version.empty() && version != "v1")
    reader.refuse(
        "apiVersion \"" + plain_word(version.substr(0, longest_name_shown)) + "\" of kubeconfigs is not known", remedy);
}

}  // namespace

Result<Kubeconfig> parse_kubeconfig(std::string_view text, std::string origin) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return fail(ErrorCode::invalid_request, "read " + origin, "it is written in UTF-16, as PowerShell's > does",
                "Save it as UTF-8");
  auto document = parse_yaml(text, "read " + origin, YamlLimits{.bytes = kubeconfig_limit, .nodes = 200'000});
  if (!document) return fail(std::move(document.error()));
  Kubeconfig out;
  out.source = origin;
  if (document->is_null()) return out;
  Reader reader(std::move(origin));
  const json::object* top = document->if_object();
  if (!top) {
    reader.refuse(
        "it is " + std::string(kind_name(*document)) + ", not a kubeconfig",
        "Give a kubeconfig: a mapping with clusters, users and contexts, as kubectl config view --raw prints it");
  } else {
    check_kind(reader, *top);
    out.current_context = reader.text(*top, "current-context", "");
    read_named(reader, *top, "clusters", "cluster", read_cluster, out.clusters);
    read_named(reader, *top, "users", "user", read_user, out.users);
    read_named(reader, *top, "contexts", "context", read_context, out.contexts);
  }
  wipe(*document);
  if (reader.error()) return fail(*reader.error());
  return out;
}

}  // namespace fairlead::kube
