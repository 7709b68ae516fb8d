#include "diagnosis/scripts.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/text.h"
#include "diagnosis/lookup.h"

namespace fairlead::diagnosis {
namespace {

// The ConfigMap and the key behind a path of a container.
struct MountedKey {
  std::string config_map, key;
};
MountedKey mounted_key(const json::value& pod, const json::value& container, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = path.substr(0, slash), file = path.substr(slash + 1);
  for (const auto& mount : array_at(container, {"volumeMounts"})) {
    std::string at(text_at(mount, {"mountPath"}));
    while (at.size() > 1 && at.ends_with('/')) at.pop_back();
    const std::string part(text_at(mount, {"subPath"}));
    if (part.empty() ? at != directory : at != path) continue;
    for (const auto& volume : array_at(pod, {"spec", "volumes"})) {
      if (text_at(volume, {"name"}) != text_at(mount, {"name"})) continue;
      MountedKey out{std::string(text_at(volume, {"configMap", "name"})), part.empty() ? file : part};
      for (const auto& item : array_at(volume, {"configMap", "items"}))
        if (text_at(item, {"path"}) == out.key) {
          out.key = text_at(item, {"key"});
          break;
        }
      return out;
    }
  }
  return {};
}

}  // namespace

awaitable<bool> explain_interpreter(Trail trail, const json::value& pod, ContainerSeen container, std::string log) {
  static const RE2 absent(R"re(\bexec (/[^\s:"]+): no such file or directory)re");
  std::string path;
  if (!RE2::PartialMatch(log, absent, &path)) co_return false;
  const Ref ref = ref_of("Pod", pod);
  const MountedKey from = mounted_key(pod, *container.spec, path);
  if (from.config_map.empty()) co_return false;
  const ObjectSeen* map = co_await look(trail, "ConfigMap", ref.ns, from.config_map);
  const std::string_view text = text_at(map->value, {"data", from.key});
  if (!text.starts_with("#!")) co_return false;
  std::string_view line = text.substr(2, text.find('\n') == text.npos ? text.npos : text.find('\n') - 2);
  const bool carriage = line.ends_with('\r');
  if (carriage) line.remove_suffix(1);
  const std::string interpreter(trim(line));
  trail.findings.add(
      {.code = carriage ? "script_line_ends" : "interpreter_absent",
       .certainty = Certainty::proven,
       .sentence =
           carriage
               ? fmt::format("The script {} of {} cannot be run: its lines end with CR LF, so that its interpreter "
                             "is looked for as \"{}\\r\"",
                             path, container.who(), interpreter)
               : fmt::format("The script {} of {} cannot be run: its interpreter {} (#!, in its first line) is "
                             "not in the image",
                             path, container.who(), interpreter),
       .at = workload_of(pod),
       .evidence = {fmt::format("key {} of ConfigMap {} starts with #!{}{}", from.key, from.config_map, interpreter,
                                carriage ? "\\r" : ""),
                    fmt::format("its log: exec {}: no such file or directory", path)},
       .next = carriage ? fmt::format("Save the key {} of ConfigMap {} with LF line ends", from.key, from.config_map)
                        : fmt::format("Name an interpreter that the image has (/bin/sh), or use an image with {}",
                                      interpreter),
       .affects = {ref}});
  co_return true;
}

}  // namespace fairlead::diagnosis
