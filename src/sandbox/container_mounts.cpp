#include "base/text.h"
#include "sandbox/containers.h"
#include "sandbox/pod_states.h"

namespace fairlead::sandbox {
namespace {

using Kind = FileNode::Kind;

constexpr std::string_view applets[] = {
    "[",      "cat",   "chmod", "cp",       "curl",  "cut",  "date",   "df",    "echo", "env",   "false",    "find",
    "free",   "grep",  "head",  "hostname", "id",    "kill", "ls",     "mkdir", "mv",   "nc",    "nslookup", "printenv",
    "printf", "ps",    "pwd",   "rm",       "rmdir", "seq",  "sh",     "sleep", "sort", "tail",  "tar",      "tee",
    "test",   "touch", "tr",    "true",     "uname", "uniq", "uptime", "wc",    "wget", "which", "whoami"};

// What a volume puts into its directory.
KeyedBytes items_of(const KeyedBytes& bytes, const json::array& items) {
  if (items.empty()) return bytes;
  KeyedBytes out;
  for (const json::value& item : items) {
    auto found = bytes.find(std::string(text_at(item, {"key"})));
    if (found != bytes.end()) out[std::string(text_at(item, {"path"}))] = found->second;
  }
  return out;
}

KeyedBytes downward(const json::value& pod, const json::array& items) {
  KeyedBytes out;
  for (const json::value& item : items)
    out[std::string(text_at(item, {"path"}))] = pod_field(pod, text_at(item, {"fieldRef", "fieldPath"}));
  return out;
}

struct Volume {
  KeyedBytes files;
  bool from_api = false;  // its content is what the API holds; processes cannot change it
};

Volume read_volume(const Objects& objects, const json::value& pod, const json::value& volume) {
  std::string_view space = text_at(pod, {"metadata", "namespace"});
  auto config = [&](std::string_view plural, std::string_view name, const json::value& source) {
    auto bytes = bytes_of_config(objects, plural, space, name);
    return bytes ? items_of(*bytes, array_at(source, {"items"})) : KeyedBytes();
  };
  if (const json::value* source = find(volume, "configMap"))
    return {config("configmaps", text_at(*source, {"name"}), *source), true};
  if (const json::value* source = find(volume, "secret"))
    return {config("secrets", text_at(*source, {"secretName"}), *source), true};
  if (const json::value* source = find(volume, "downwardAPI"))
    return {downward(pod, array_at(*source, {"items"})), true};
  if (!find(volume, "projected")) return {};
  Volume out{{}, true};
  for (const json::value& source : array_at(volume, {"projected", "sources"})) {
    if (const json::value* map = find(source, "configMap"))
      out.files.merge(config("configmaps", text_at(*map, {"name"}), *map));
    if (const json::value* secret = find(source, "secret"))
      out.files.merge(config("secrets", text_at(*secret, {"name"}), *secret));
    if (const json::value* api = find(source, "downwardAPI")) out.files.merge(downward(pod, array_at(*api, {"items"})));
  }
  return out;
}

std::string hosts_file(const json::value& pod) {
  std::string out =
      "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
      "ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\n"
      "fe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";
  out += std::string(text_at(pod, {"status", "podIP"})) + "\t" + std::string(text_at(pod, {"metadata", "name"})) + "\n";
  const json::array& aliases = array_at(pod, {"spec", "hostAliases"});
  if (!aliases.empty()) out += "\n# Entries added by HostAliases.\n";
  for (const json::value& alias : aliases) {
    out += text_at(alias, {"ip"});
    for (const json::value& name : array_at(alias, {"hostnames"})) {
      if (name.is_string()) out.append("\t").append(name.get_string());
    }
    out += "\n";
  }
  return out;
}

// The main process, as /proc shows it: arguments that end with a zero byte each.
std::string command_line(const json::value& container) {
  std::string out;
  for (std::string_view list : {"command", "args"}) {
    for (const json::value& word : array_at(container, {list})) {
      if (word.is_string()) out.append(word.get_string()).push_back('\0');
    }
    if (list == "command" && out.empty()) out = "/" + std::string(text_at(container, {"name"})) + std::string(1, '\0');
  }
  return out;
}

}  // namespace

void place_image(Container& container, std::int64_t now) {
  ContainerFiles& files = container.files;
  auto directory = [&](std::string_view path, int mode = 0755) {
    files.place(path, FileNode{Kind::directory, "", now, mode});
  };
  auto file = [&](std::string_view path, std::string content, int mode = 0644) {
    files.place(path, FileNode{Kind::file, std::move(content), now, mode});
  };
  for (std::string_view path :
       {"/bin", "/dev", "/etc", "/home", "/proc", "/root", "/sys", "/usr/bin", "/usr/sbin", "/var/log", "/var/run"})
    directory(path);
  directory("/tmp", 01777);
  for (std::string_view applet : applets) file("/bin/" + std::string(applet), "", 0755);
  file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n");
  file("/etc/group", "root:x:0:\nnobody:x:65534:\n");
  file("/etc/os-release", "NAME=\"Sandbox Linux\"\nID=sandbox\nPRETTY_NAME=\"Sandbox Linux\"\n");
  files.place("/dev/null", FileNode{Kind::null_device, "", now, 0666});
  if (flag_at(container.spec, {"securityContext", "readOnlyRootFilesystem"})) files.set_root_read_only(true);
  files.mount("/proc", true, true, now);
  file("/proc/1/cmdline", command_line(container.spec), 0444);
  file("/proc/1/comm",
       std::string(command_line(container.spec).c_str())
               .substr(std::string(command_line(container.spec).c_str()).rfind('/') + 1) +
           "\n",
       0444);
}

void place_mounts(const Objects& objects, Container& container, std::int64_t now) {
  ContainerFiles& files = container.files;
  const json::value& pod = container.pod;
  std::string space(text_at(pod, {"metadata", "namespace"}));
  auto file = [&](std::string_view path, std::string content) {
    files.place(path, FileNode{Kind::file, std::move(content), now, 0644});
  };
  bool host = flag_at(pod, {"spec", "hostNetwork"});
  file("/etc/hostname",
       std::string(host ? text_at(pod, {"spec", "nodeName"}) : text_at(pod, {"metadata", "name"})) + "\n");
  file("/etc/hosts", hosts_file(pod));
  file("/etc/resolv.conf",
       "search " + space +
           ".svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n");
  for (const json::value& mount : array_at(container.spec, {"volumeMounts"})) {
    std::string_view where = text_at(mount, {"mountPath"}), part = text_at(mount, {"subPath"});
    if (where.empty()) continue;
    std::string path = absolute_path("/", where);
    Volume volume;
    for (const json::value& one : array_at(pod, {"spec", "volumes"})) {
      if (text_at(one, {"name"}) == text_at(mount, {"name"})) volume = read_volume(objects, pod, one);
    }
    if (!part.empty() && volume.from_api) {
      auto found = volume.files.find(std::string(part));
      if (found != volume.files.end()) file(path, found->second);
      continue;
    }
    files.mount(path, volume.from_api || flag_at(mount, {"readOnly"}), volume.from_api, now);
    for (auto& [name, content] : volume.files) file(absolute_path(path, name), std::move(content));
  }
}

}  // namespace fairlead::sandbox
