// Inside runtimes/ only: reads the fields of a profile, each with its path, and what the words in them may be.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace fairlead::runtimes {

// One sentence why a text is no such word; nothing when it is one.
using WhyNot = std::function<std::optional<std::string>(std::string_view)>;
std::optional<std::string> why_not_prefix(std::string_view text);     // ^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$
std::optional<std::string> why_not_port_name(std::string_view text);  // of a Service's and a container's port
std::optional<std::string> why_not_image(std::string_view text);
std::optional<std::string> why_not_variable(std::string_view text);  // [A-Za-z_][A-Za-z0-9_]*, at most 253 characters
std::optional<std::string> why_not_value(std::string_view text);  // of a variable: what a process can be started with
std::optional<std::string> why_not_directory(std::string_view text);  // absolute, and not /
std::optional<std::string> why_not_cpu(std::string_view text);
std::optional<std::string> why_not_memory(std::string_view text);
std::optional<std::string> why_not_storage(std::string_view text);
// A quantity as Kubernetes writes it (2048Mi is 2Gi), thousandths at the smallest. An apply of another form would be a
// write each time: 1.20 compares what is applied with what is kept as texts.
std::string canonical_quantity(std::string_view text);

// The fields of a mapping, by their path ("ports[1].port"). The first that is wrong is the error; from then on
// everything reads as empty.
class Fields {
 public:
  struct Problem {
    std::optional<Error> error;
    void refuse(const std::string& path, std::string what, std::string remedy = "");
  };
  // Anything but a mapping with these fields alone is refused. `path`: of the mapping; empty for the whole.
  Fields(const json::value& value, std::string path, std::initializer_list<std::string_view> known, Problem& problem);

  bool has(std::string_view field) const;
  std::string path(std::string_view field) const;
  void refuse(std::string_view field, std::string what, std::string remedy = "") const;

  // Left out: refused where there is no `otherwise`.
  std::string text(std::string_view field, const WhyNot& why_not, std::optional<std::string> otherwise = {}) const;
  std::string quantity(std::string_view field, const WhyNot& why_not) const;  // a text, or a number without quotes
  std::int64_t integer(std::string_view field, std::int64_t minimum, std::int64_t maximum,
                       std::optional<std::int64_t> otherwise = {}) const;
  bool flag(std::string_view field) const;  // false where it is left out
  // The position among the words; left out: the first.
  std::size_t choice(std::string_view field, std::initializer_list<std::string_view> words) const;
  std::vector<std::string> texts(std::string_view field, std::size_t most, const WhyNot& why_not) const;
  std::vector<int> integers(std::string_view field, std::size_t most, int minimum, int maximum) const;
  std::map<int, std::string> words_by_number(std::string_view field, std::size_t most, const WhyNot& why_not) const;
  std::vector<std::string> command(std::string_view field) const;  // empty where it is left out
  Fields mapping(std::string_view field, std::initializer_list<std::string_view> known) const;
  std::vector<Fields> mappings(std::string_view field, std::size_t most,
                               std::initializer_list<std::string_view> known) const;

 private:
  const json::value* find(std::string_view field) const;
  const json::array* list(std::string_view field, std::size_t most) const;

  const json::object* of_ = nullptr;  // null: everything reads as empty
  std::string path_;
  Problem* problem_;
};

}  // namespace fairlead::runtimes
