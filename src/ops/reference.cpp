#include "ops/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ops/describe.h"
#include "ops/rbac_policy.h"

namespace fairlead::ops {
namespace {

// What people come with, and where it is answered.
constexpr std::pair<std::string_view, std::string_view> kTasks[] = {
    {"Which pods are in trouble?", "list_pods"},
    {"Why does this pod fail?", "diagnose_pod"},
    {"What happened to it?", "describe_pod"},
    {"What does it say itself?", "get_pod_logs"},
    {"Why is this workload not ready?", "diagnose_workload"},
    {"How does the rollout go?", "describe_deployment"},
    {"Does this service reach anything?", "describe_service"},
    {"What goes wrong anywhere?", "list_events"},
    {"Is the cluster well?", "cluster_health"},
    {"Is this node full?", "describe_node"},
    {"What may I do here?", "can_i"},
    {"Who may delete pods?", "who_can"},
    {"Where are my custom resources?", "list_resources"},
    {"What does this field mean?", "explain"},
    {"More replicas, please.", "scale_deployment"},
};

constexpr std::string_view kIntroduction = R"(# Operations

<!-- Made by `make docs` from the catalog: change src/ops, not this file. -->

An operation is called by the same name and with the same parameters everywhere: as a tool over MCP, and as
`fairlead call OPERATION` in a shell, where `--tail-lines 20` is the parameter `tail_lines` and `-n` the namespace. What
it answers is a table with problems first, or a short document; `format` (in a shell `-o`) gives JSON or YAML instead.

## What do you want to know?

)";

constexpr std::string_view kTrust = R"(
## Trust

| trust | means | runs with |
|---|---|---|
| READ | changes nothing | always |
| WRITE | changes what can be changed back | `--allow write` |
| DESTRUCTIVE | takes away what may not come back | `--allow destructive` |

The gate refuses what goes beyond `--allow`, whoever asks (exit status 3). In the cluster, RBAC decides: every operation
says below which API access it needs. `fairlead rbac` prints the least roles for any set of operations, and
`fairlead rbac check` tells which ones the present credentials may run.

)";

// The same in so many operations that it is told once.
constexpr std::size_t kShared = 10;

using Key = std::tuple<std::string_view, ParameterType, std::string_view, std::string_view>;
Key key_of(const Parameter& parameter) {
  return {parameter.name, parameter.type, parameter.meaning, parameter.default_value};
}

class Shared {
 public:
  Shared() = default;
  explicit Shared(const Catalog& catalog) {
    for (const auto& operation : catalog.operations())
      for (const auto& parameter : operation.parameters)
        if (++count_[key_of(parameter)] == kShared) list_.push_back(&parameter);
  }
  bool has(const Parameter& parameter) const {
    auto found = count_.find(key_of(parameter));
    return found != count_.end() && found->second >= kShared;
  }
  const std::vector<const Parameter*>& list() const { return list_; }

 private:
  std::map<Key, std::size_t> count_;
  std::vector<const Parameter*> list_;
};

// A bar would end a table's cell.
std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
  return out;
}

std::string anchor(std::string_view heading) {
  std::string out(heading);
  std::replace(out.begin(), out.end(), ' ', '-');
  return out;
}

std::string parameter_row(const Parameter& parameter) {
  return fmt::format("| `{}` | {} | {} |\n", parameter.name, cell(type_word(parameter)), cell(parameter.meaning));
}

constexpr std::string_view kParameterHead = "| parameter | type | meaning |\n|---|---|---|\n";

std::string parameters_of(const Operation& operation, const Shared& shared) {
  std::string own, others;
  for (const auto& parameter : operation.parameters) {
    if (parameter.by_face) continue;
    if (shared.has(parameter))
      others += fmt::format("{}`{}`", others.empty() ? "" : ", ", parameter.name);
    else
      own += parameter_row(parameter);
  }
  std::string out;
  if (!own.empty()) out += std::string(kParameterHead) + own + "\n";
  if (!others.empty())
    out += fmt::format("{} [shared parameters](#shared-parameters) {}.\n\n", own.empty() ? "Takes the" : "And the",
                       others);
  return out;
}

std::string columns_of(const Operation& operation) {
  if (operation.columns.empty()) return "";
  std::string out = "| column | type | meaning |\n|---|---|---|\n";
  for (const auto& column : operation.columns)
    out += fmt::format("| `{}`{} | {} | {} |\n", column.name, column.wide ? " (wide)" : "", type_word(column.type),
                       cell(column.meaning));
  return out + "\n";
}

std::string access_line(const Operation& operation) {
  if (operation.access.empty()) return "API access: what every authenticated identity has.\n\n";
  std::string needed, better;
  for (const auto& access : operation.access) {
    std::string& to = access.optional ? better : needed;
    const std::string what = access.resource == "*" ? "the kind that is asked for"
                                                    : "`" + resource_text(access.group, access.resource) + "`";
    to += fmt::format("{}{} {}{}", to.empty() ? "" : ", ", fmt::join(access.verbs, " and "), what,
                      access.reach == Reach::all_namespaces ? " of all namespaces" : "");
  }
  std::string out = "API access: " + needed + ".";
  if (!better.empty()) out += " It tells more with " + better + ".";
  return out + "\n\n";
}

std::string section(const Operation& operation, const Shared& shared) {
  return fmt::format("### {}\n\n**{}** · {}.\n\n", operation.name, to_string(operation.trust), operation.summary) +
         parameters_of(operation, shared) + columns_of(operation) + access_line(operation) + "    " +
         example_command(operation) + "\n\n";
}

std::string tasks(const Catalog& catalog) {
  std::string out = "| question | call |\n|---|---|\n";
  for (const auto& [question, name] : kTasks)
    if (const auto* operation = catalog.find(name))
      out += fmt::format("| {} | [`{}`](#{}) |\n", question, cell(example_command(*operation).substr(14)), name);
  return out;
}

}  // namespace

std::string operation_markdown(const Operation& operation) { return section(operation, Shared()); }

std::string catalog_markdown(const Catalog& catalog) {
  const Shared shared(catalog);
  std::vector<std::string_view> families;
  for (const auto& operation : catalog.operations())
    if (std::find(families.begin(), families.end(), operation.family) == families.end())
      families.push_back(operation.family);
  std::string out = std::string(kIntroduction) + tasks(catalog) + std::string(kTrust) + "## Shared parameters\n\n" +
                    std::string(kParameterHead);
  for (const auto* parameter : shared.list()) out += parameter_row(*parameter);
  out += "\nA list without `namespace` is of all namespaces; one object is looked for in the connection's default.\n";
  out +=
      "Columns marked (wide) are not in the table unless `columns` (or `-o wide`) asks for them; JSON has them all.\n";
  out += "\n## Families\n\n";
  for (const auto family : families) out += fmt::format("- [{}](#{})\n", family, anchor(family));
  for (const auto family : families) {
    out += fmt::format("\n## {}\n\n| operation | trust | |\n|---|---|---|\n", family);
    std::string sections;
    for (const auto& operation : catalog.operations()) {
      if (operation.family != family) continue;
      out += fmt::format("| [`{}`](#{}) | {} | {} |\n", operation.name, operation.name, to_string(operation.trust),
                         cell(operation.summary));
      sections += section(operation, shared);
    }
    out += "\n" + sections;
    while (out.ends_with("\n\n")) out.pop_back();
  }
  return out;
}

}  // namespace fairlead::ops
