#include "ops/manifest.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/yaml.h"
#include "ops/arguments.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kMost = 200;

struct Reader {
  std::string_view operation;
  std::vector<json::object> objects;

  tl::unexpected<Error> wrong(std::string cause) const {
    return fail(ErrorCode::invalid_request, std::string(operation),
                fmt::format("object {} of the manifest {}", objects.size() + 1, cause),
                "Give whole objects with apiVersion, kind and metadata.name");
  }

  Result<void> add(const json::value& value, int depth = 0) {
    if (value.is_null()) return {};  // an empty document
    if (value.is_array()) {
      for (const auto& item : value.get_array())
        if (auto added = add(item, depth + 1); !added) return added;
      return {};
    }
    if (!value.is_object() || depth > 4) return wrong("is no object");
    const std::string_view kind = text_at(value, {"kind"});
    if (kind.ends_with("List") && find(value, "items")) return add(*find(value, "items"), depth + 1);
    if (text_at(value, {"apiVersion"}).empty() || kind.empty()) return wrong("has no apiVersion or no kind");
    if (auto bad = why_not_path_segment(text_at(value, {"metadata", "name"})))
      return wrong("has no name that can be used: " + *bad);
    if (const json::value* ns = find(value, "metadata", "namespace"))
      if (!ns->is_string() || why_not_label(std::string_view(ns->get_string())))
        return wrong("has a namespace that is none");
    if (objects.size() >= kMost) return wrong(fmt::format("is one too many: {} are taken at once", kMost));
    objects.push_back(value.get_object());
    return {};
  }
};

// Documents of a stream stand between lines "---".
std::vector<std::string> documents(std::string_view text) {
  std::vector<std::string> out(1);
  for (const auto line : split(text, '\n')) {
    const bool separates =
        line.starts_with("---") && (line.size() == 3 || line[3] == ' ' || line[3] == '\r' || line[3] == '\t');
    if (separates) out.emplace_back();
    (out.back() += separates ? line.substr(3) : line) += '\n';
  }
  return out;
}

}  // namespace

Result<std::vector<json::object>> read_manifest(const json::value& given, std::string_view operation) {
  Reader reader{operation, {}};
  if (!given.is_string()) {
    if (auto added = reader.add(given); !added) return fail(std::move(added.error()));
  } else {
    for (const auto& document : documents(std::string_view(given.get_string()))) {
      auto value = parse_yaml(document, "read the manifest");
      if (!value) return fail(std::move(value.error()));
      if (auto added = reader.add(*value); !added) return fail(std::move(added.error()));
    }
  }
  if (reader.objects.empty())
    return fail(ErrorCode::invalid_request, std::string(operation), "the manifest holds no object",
                "Give at least one object");
  return std::move(reader.objects);
}

}  // namespace fairlead::ops
