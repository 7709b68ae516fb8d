#include "ops/shown.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ops/change.h"
#include "ops/clip.h"
#include "ops/planning.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kBriefLine = 600, kBriefLines = 100;

std::string escaped(std::string_view text) { return escape_untrusted(text, Newlines::escape); }

std::string text_of(const json::value& value) { return escaped(redact::text(compact(value))); }

// Which lines two texts differ in: those that both begin or end with are left out.
struct Span {
  std::size_t first = 0, before_end = 0, after_end = 0;
};
Span differing(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after) {
  const std::size_t most = std::min(before.size(), after.size());
  Span out{0, before.size(), after.size()};
  while (out.first < most && before[out.first] == after[out.first]) ++out.first;
  while (out.before_end > out.first && out.after_end > out.first &&
         before[out.before_end - 1] == after[out.after_end - 1]) {
    --out.before_end;
    --out.after_end;
  }
  return out;
}

std::string joined(const std::vector<std::string_view>& lines, std::size_t from, std::size_t to) {
  if (from >= to) return "(none)";
  std::string out;
  for (std::size_t i = from; i < to; ++i) out += (i > from ? "\n" : "") + std::string(lines[i]);
  return text_of(json::value(out));
}

// "line 3: "a" -> "b"", where redaction has left every line in its place. Empty: they are no such texts.
std::string differing_lines(const FieldChange& real, const json::value* clean_before, const json::value* clean_after) {
  if (!real.before || !real.after || !real.before->is_string() || !real.after->is_string()) return "";
  if (!clean_before || !clean_after || !clean_before->is_string() || !clean_after->is_string()) return "";
  const std::string was_text = redact::text(clean_before->get_string()),
                    is_text = redact::text(clean_after->get_string());
  const auto before = split(real.before->get_string(), '\n'), after = split(real.after->get_string(), '\n');
  const auto was = split(was_text, '\n'), is = split(is_text, '\n');
  if (before.size() + after.size() < 4 || was.size() != before.size() || is.size() != after.size()) return "";
  const Span span = differing(before, after);
  return fmt::format("from line {}: {} -> {}", span.first + 1, joined(was, span.first, span.before_end),
                     joined(is, span.first, span.after_end));
}

// Of DeleteOptions.
std::string grace(const json::value* options) {
  const json::value* seconds = options ? find(*options, "gracePeriodSeconds") : nullptr;
  if (!seconds) return "";
  return *seconds == 0 ? " at once, without time to end" : " with " + compact(*seconds) + " s to end";
}

bool is_named_already(const FieldPath& path) {
  static const std::vector<std::string> named{"apiVersion", "kind", "metadata.name", "metadata.namespace",
                                              "metadata.resourceVersion"};
  return std::find(named.begin(), named.end(), to_text(path)) != named.end();
}

// The words of a command that a container is to run.
bool is_command(const FieldPath& path) {
  const auto word = [](const PathStep& step) {
    const auto* text = std::get_if<std::string>(&step);
    return text ? std::string_view(*text) : std::string_view();
  };
  return !path.empty() && (word(path.back()) == "command" || word(path.back()) == "args") &&
         std::any_of(path.begin(), path.end(), [&](const PathStep& step) {
           return word(step) == "containers" || word(step) == "initContainers";
         });
}

// A value that the caller has given. Of what runs nothing may hide behind a mark, as of an exec.
std::string given(const Write& write, const FieldPath& path, const json::value& value, const Shown& shown) {
  return is_command(path) && !write.copied && !shown.hides(path) ? escaped(compact(value)) : shown.text(path);
}

std::vector<std::string> created(const Write& write) {
  const std::string object = write.object.words();
  std::vector<std::string> out{object + " is created"};
  // Labels and annotations of one that the caller need not be allowed to read.
  if (write.object.is_secret() && write.copied) return {object + " is created as a copy of the one that was there"};
  const Shown shown(write.object, write.body);
  for (const auto& leaf : leaves(write.body))
    if (!is_named_already(leaf.path))
      out.push_back(object + " " + shown_path(leaf.path) + ": " + given(write, leaf.path, *leaf.after, shown));
  return out;
}

// What a Secret is asked to hold, whether it holds that already or not: the difference would tell.
std::vector<std::string> hidden_fields(const Write& write) {
  std::vector<std::string> out;
  const Shown shown(write.object, write.body);
  if (write.body.is_array()) {
    for (const auto& step : write.body.get_array()) {
      const std::string path(text_at(step, {"path"}));
      if (path.starts_with("/data/"))
        out.push_back(
            write.object.words() + " data." + escaped(redact::text(path.substr(6))) +
            (text_at(step, {"op"}) == "remove" ? " is removed" : " is set to " + std::string(redact::kRedacted)));
    }
    return out;
  }
  if (!write.body.is_object()) return out;
  for (const auto& leaf : leaves(write.body))
    if (shown.hides(leaf.path))
      out.push_back(write.object.words() + " " + shown_path(leaf.path) +
                    (leaf.after->is_null() ? " is removed" : " is set to " + std::string(redact::kRedacted)));
  return out;
}

// What a patch asks for that was never tried.
std::vector<std::string> asked(const Write& write) {
  const std::string object = write.object.words();
  std::vector<std::string> out;
  if (write.body.is_array()) {
    for (const auto& op : write.body.get_array()) {
      const std::string path(text_at(op, {"path"}));
      if (path == "/metadata/resourceVersion") continue;
      const json::value* value = find(op, "value");
      out.push_back(
          object + " " + escaped(redact::text(path)) + ": " + std::string(text_at(op, {"op"})) +
          (!value ? "" : " " + (write.object.is_secret() ? std::string(redact::kRedacted) : text_of(*value))));
    }
    return out;
  }
  const Shown was(write.object, write.before), is(write.object, write.body);
  for (const auto& leaf : leaves(write.body))
    if (!is_named_already(leaf.path))
      out.push_back(object + " " + shown_path(leaf.path) + ": " + was.text(leaf.path) + " -> " +
                    given(write, leaf.path, *leaf.after, is));
  return out;
}

}  // namespace

Shown::Shown(const ObjectRef& object, json::value state) : is_secret_(object.is_secret()), state_(std::move(state)) {
  if (is_secret_ && state_.is_object()) {
    // An item of a list does not say what it is.
    state_.get_object()["kind"] = "Secret";
    state_.get_object()["apiVersion"] = "v1";
  }
  redact::object(state_);
}

bool Shown::hides(const FieldPath& path) const {
  if (!is_secret_) return false;
  const auto* first = path.empty() ? nullptr : std::get_if<std::string>(&path[0]);
  return !first || (*first != "type" && *first != "immutable" && *first != "metadata" && *first != "kind" &&
                    *first != "apiVersion");
}

const json::value* Shown::clean(const FieldPath& path) const { return hides(path) ? nullptr : at(state_, path); }

std::string Shown::text(const FieldPath& path) const {
  const json::value* value = at(state_, path);
  if (!value) return "(none)";
  return hides(path) ? std::string(redact::kRedacted) : text_of(*value);
}

std::string shown_path(const FieldPath& path) { return escaped(redact::text(to_text(path))); }

std::vector<std::string> diff_lines(const Write& write, const json::value& after) {
  const std::string object = write.object.words();
  if (write.verb == Write::Verb::evict) return {object + " is evicted" + grace(find(write.body, "deleteOptions"))};
  if (write.verb == Write::Verb::remove) return {object + " is deleted" + grace(&write.body)};
  // Whole, and as it was asked for: nothing of what runs may hide behind a mark.
  if (write.verb == Write::Verb::exec)
    return {object + " container " + std::string(text_at(write.body, {"container"})) + " runs " +
            escaped(compact(array_at(write.body, {"command"})))};
  if (write.before.is_null()) return created(write);
  if (after.is_null()) return asked(write);
  const Shown was(write.object, write.before), is(write.object, after);
  const auto is_given = [&](const FieldPath& path) {
    return (write.content_type == kube::Patch::apply || write.content_type == kube::Patch::merge) &&
           at(write.body, path);
  };
  std::vector<std::string> out;
  if (write.force) out.push_back(object + " is taken over from its other managers where they hold these fields");
  const json::value kept = as_kept(write.object, write.body);
  if (write.object.is_secret())
    for (auto& line : hidden_fields(write)) out.push_back(std::move(line));
  for (const auto& change : differences(write.before, after)) {
    if (was.hides(change.path) && (kept.is_array() || at(kept, change.path))) continue;
    const std::string lines = differing_lines(change, was.clean(change.path), is.clean(change.path));
    auto text = [&](const std::optional<json::value>& real, const Shown& state) {
      if (!real) return std::string("(none)");
      if (&state == &is && !change.is_order && is_given(change.path)) return given(write, change.path, *real, state);
      return change.is_order ? text_of(*real) : state.text(change.path);
    };
    out.push_back(object + " " + shown_path(change.path) + (change.is_order ? " (order): " : ": ") +
                  (lines.empty() ? text(change.before, was) + " -> " + text(change.after, is) : lines));
  }
  return out;
}

namespace {

// An item of a list that a strategic patch deletes is named by its key.
bool is_taken_away(const json::value& patch, const FieldPath& path) {
  for (std::size_t i = 1; i < path.size(); ++i)
    if (const json::value* item = at(patch, FieldPath(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i)));
        item && text_at(*item, {"$patch"}) == "delete")
      return true;
  return false;
}

}  // namespace

std::vector<std::string> not_kept(const Write& write, const json::value& answer) {
  std::vector<std::string> out;
  if (!answer.is_object() || !write.body.is_object()) return out;
  if (write.verb != Write::Verb::create && write.verb != Write::Verb::patch) return out;
  for (const auto& leaf : leaves(write.body)) {
    const json::value& value = *leaf.after;
    const bool is_empty =
        value.is_null() || value == 0 || value == false || (value.is_string() && value.get_string().empty()) ||
        (value.is_object() && value.get_object().empty()) || (value.is_array() && value.get_array().empty());
    const auto* first = std::get_if<std::string>(&leaf.path[0]);
    const bool is_directive = std::any_of(leaf.path.begin(), leaf.path.end(), [](const PathStep& step) {
      const auto* word = std::get_if<std::string>(&step);
      return word && word->starts_with('$');
    });
    if (is_empty || is_directive || is_taken_away(write.body, leaf.path) || is_named_already(leaf.path) ||
        (first && *first == "stringData"))
      continue;
    if (!at(answer, leaf.path))
      out.push_back("the server does not keep " + shown_path(leaf.path) + " of " + write.object.words());
  }
  return out;
}

std::vector<std::string> brief(std::vector<std::string> lines) {
  const std::size_t count = lines.size();
  lines.resize(std::min(count, kBriefLines));
  for (auto& line : lines) line = clip(line, kBriefLine);
  if (count > kBriefLines) lines.push_back(fmt::format("and {} more", count - kBriefLines));
  return lines;
}

}  // namespace fairlead::ops
