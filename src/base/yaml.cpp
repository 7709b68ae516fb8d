#include "base/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "base/utf8.h"
#include "base/yaml_scalar.h"

namespace fairlead {
namespace {

constexpr std::size_t depth_ceiling = 1000;       // reading and the destructor of json::value recurse
constexpr std::size_t most_tag_directives = 100;  // libyaml compares each with all others

// Where libyaml's reader would stop: bytes that are not UTF-8, and characters that YAML does not allow.
struct Flaw {
  std::size_t at;
  std::string what;
};
std::optional<Flaw> find_flaw(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = next_code_point(text.substr(at));
    const char32_t c = point.value;
    if (!point.valid) return Flaw{at, fmt::format("the byte 0x{:02X} is not UTF-8", static_cast<unsigned>(c))};
    const bool allowed = (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\n' || c == '\r' || c == 0x85 ||
                         (c >= 0xA0 && c != 0xFFFE && c != 0xFFFF);
    if (!allowed) {
      return Flaw{at,
                  fmt::format("the control character U+{:04X} is not allowed in YAML", static_cast<std::uint32_t>(c))};
    }
    at += point.size;
  }
  return std::nullopt;
}

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size())) ++count;
  return count;
}

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }
  yaml_event_t* operator->() { return &event_; }
  yaml_event_t& operator*() { return event_; }

 private:
  yaml_event_t event_{};
};

std::string_view view(const yaml_char_t* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

// How much a value holds once its aliases are expanded.
struct Extent {
  std::size_t nodes = 0;
  std::size_t bytes = 0;  // of text
};

class Reader {
 public:
  Reader(std::string_view text, YamlLimits limits) : limits_(limits) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    if (text.empty()) text = "";  // null is no text to libyaml
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  // False where it failed; problem() says why.
  bool document(json::value& out) {
    Event stream_start, start, end, after;
    if (!next(stream_start) || !next(start)) return false;
    if (start->type == YAML_STREAM_END_EVENT) return true;
    std::size_t height = 0;
    if (!node(out, 0, height)) return false;
    if (!next(end) || !next(after)) return false;  // text that does not belong to the document shows up here
    if (limits_.documents || after->type == YAML_STREAM_END_EVENT) return true;
    return refuse(after->start_mark, "a second document begins, and there may be only one");
  }
  const std::string& problem() const { return problem_; }

 private:
  struct Anchor {
    json::value value;
    Extent extent;
    std::size_t height;
  };

  bool refuse(const yaml_mark_t& mark, std::string_view why) {
    problem_ = fmt::format("line {}, column {}: {}", mark.line + 1, mark.column + 1, why);
    return false;
  }

  bool next(Event& event) {
    if (yaml_parser_parse(&parser_, &*event)) return true;
    if (!parser_.problem) return refuse(parser_.mark, "there is not enough memory");
    return refuse(parser_.problem_mark, parser_.problem);
  }

  bool spend(const yaml_mark_t& mark, std::size_t nodes, std::size_t bytes) {
    used_.nodes += nodes;
    used_.bytes += bytes;
    if (used_.nodes <= limits_.nodes) return true;
    return refuse(mark, fmt::format("it holds more than {} values once aliases are expanded", limits_.nodes));
  }
  // Copies (an anchor's and its aliases') have a budget for text of their own.
  bool spend_on_copy(const yaml_mark_t& mark, const Extent& extent) {
    copied_.nodes += extent.nodes;
    copied_.bytes += extent.bytes;
    if (copied_.nodes <= limits_.nodes && copied_.bytes <= limits_.bytes) return true;
    return refuse(mark, "the value becomes too large when aliases are expanded");
  }

  // Reads the next node, that stands at `depth`; `height` becomes the levels of collections in it.
  bool node(json::value& out, std::size_t depth, std::size_t& height) {
    Event event;
    return next(event) && node(*event, out, depth, height);
  }
  bool node(const yaml_event_t& event, json::value& out, std::size_t depth, std::size_t& height) {
    const Extent before = used_;
    height = 0;
    if (event.type == YAML_ALIAS_EVENT) return alias(event, out, depth, height);
    if (!spend(event.start_mark, 1, event.type == YAML_SCALAR_EVENT ? event.data.scalar.length : 0)) return false;
    if (event.type != YAML_SCALAR_EVENT && depth >= std::min(limits_.depth, depth_ceiling)) return too_deep(event);
    std::string_view anchor;
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        anchor = view(event.data.scalar.anchor);
        if (!scalar(event, out)) return false;
        break;
      case YAML_SEQUENCE_START_EVENT:
        anchor = view(event.data.sequence_start.anchor);
        if (!collection_tag(event, event.data.sequence_start.tag) || !sequence(out, depth, height)) return false;
        break;
      case YAML_MAPPING_START_EVENT:
        anchor = view(event.data.mapping_start.anchor);
        if (!collection_tag(event, event.data.mapping_start.tag) || !mapping(out, depth, height)) return false;
        break;
      default: return refuse(event.start_mark, "a value was expected");
    }
    if (anchor.empty()) return true;
    const Extent extent{used_.nodes - before.nodes, used_.bytes - before.bytes};
    if (!spend_on_copy(event.start_mark, extent)) return false;
    anchors_.insert_or_assign(std::string(anchor), Anchor{out, extent, height});
    return true;
  }

  bool too_deep(const yaml_event_t& event) {
    return refuse(event.start_mark,
                  fmt::format("it is nested more than {} levels deep", std::min(limits_.depth, depth_ceiling)));
  }

  bool alias(const yaml_event_t& event, json::value& out, std::size_t depth, std::size_t& height) {
    const auto anchor = anchors_.find(view(event.data.alias.anchor));
    // The name is not shown: it may be a password that was written without quotes.
    if (anchor == anchors_.end()) return refuse(event.start_mark, "no complete value before this alias has its anchor");
    const Extent& extent = anchor->second.extent;
    if (!spend(event.start_mark, extent.nodes, extent.bytes) || !spend_on_copy(event.start_mark, extent)) return false;
    height = anchor->second.height;
    if (depth + height > std::min(limits_.depth, depth_ceiling)) return too_deep(event);
    out = anchor->second.value;
    return true;
  }

  bool collection_tag(const yaml_event_t& event, const yaml_char_t* tag) {
    for (std::string_view scalar_tag : {YAML_STR_TAG, YAML_INT_TAG, YAML_FLOAT_TAG, YAML_BOOL_TAG, YAML_NULL_TAG})
      if (view(tag) == scalar_tag) return refuse(event.start_mark, "the tag is one for single values");
    return true;
  }

  bool scalar(const yaml_event_t& event, json::value& out) {
    const auto& data = event.data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(data.value), data.length);
    const std::string_view tag = view(data.tag);
    const bool wants_int = tag == YAML_INT_TAG, wants_float = tag == YAML_FLOAT_TAG;
    const bool wants_bool = tag == YAML_BOOL_TAG, wants_null = tag == YAML_NULL_TAG;
    const bool tagged = wants_int || wants_float || wants_bool || wants_null;
    if (tag == YAML_STR_TAG || (!tagged && data.style != YAML_PLAIN_SCALAR_STYLE)) {
      out = json::string(text);
      return true;
    }
    out = resolve_plain_scalar(text);
    if (wants_float && (out.is_int64() || out.is_uint64())) out = out.to_number<double>();
    if (wants_int && !out.is_int64() && !out.is_uint64()) return refuse(event.start_mark, "this is not an integer");
    if (wants_float && !out.is_double()) return refuse(event.start_mark, "this is not a number");
    if (wants_bool && !out.is_bool()) return refuse(event.start_mark, "this is not a boolean");
    if (wants_null && !out.is_null()) return refuse(event.start_mark, "this is not null");
    if (out.is_double() && !std::isfinite(out.get_double()))
      return refuse(event.start_mark, "infinities and NaN have no form in JSON");
    return true;
  }

  bool sequence(json::value& out, std::size_t depth, std::size_t& height) {
    json::array& items = out.emplace_array();
    std::size_t tallest = 0;
    for (;;) {
      Event event;
      if (!next(event)) return false;
      if (event->type == YAML_SEQUENCE_END_EVENT) break;
      std::size_t below = 0;
      if (!node(*event, items.emplace_back(nullptr), depth + 1, below)) return false;
      tallest = std::max(tallest, below);
    }
    height = tallest + 1;
    return true;
  }

  bool mapping(json::value& out, std::size_t depth, std::size_t& height) {
    json::object& members = out.emplace_object();
    json::value merged;
    bool merging = false;
    std::size_t tallest = 0;
    for (;;) {
      Event event;
      if (!next(event)) return false;
      if (event->type == YAML_MAPPING_END_EVENT) break;
      json::value key;
      std::size_t below = 0;
      if (!node(*event, key, depth + 1, below)) return false;
      const yaml_mark_t& mark = event->start_mark;
      if (event->type == YAML_SCALAR_EVENT && !event->data.scalar.tag &&
          event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && key == "<<") {
        if (std::exchange(merging, true)) return refuse(mark, "the key \"<<\" is there twice in one mapping");
        if (!node(merged, depth + 1, below)) return false;
        if (!is_mergeable(merged)) return refuse(mark, "\"<<\" takes a mapping or a list of mappings");
      } else {
        const auto text = key_text(key);
        if (!text) return refuse(mark, "a key is text, a number or a boolean, and nothing else");
        const auto [member, fresh] = members.emplace(*text, nullptr);
        if (!fresh)
          return refuse(mark,
                        fmt::format("the key \"{}\" is there twice in one mapping", plain_word(text->substr(0, 100))));
        if (!node(member->value(), depth + 1, below)) return false;
      }
      tallest = std::max(tallest, below);
    }
    height = tallest + 1;
    if (merging) merge(merged, members);
    return true;
  }

  static bool is_mergeable(const json::value& value) {
    const json::array* list = value.if_array();
    return value.is_object() ||
           (list && std::all_of(list->begin(), list->end(), [](const json::value& v) { return v.is_object(); }));
  }
  // What the mapping says itself counts, then the earlier of those that are merged.
  static void merge(json::value& from, json::object& into) {
    if (json::object* object = from.if_object()) {
      for (auto& member : *object) into.emplace(member.key(), std::move(member.value()));
    } else {
      for (json::value& item : from.get_array()) merge(item, into);
    }
  }

  YamlLimits limits_;
  yaml_parser_t parser_{};
  std::map<std::string, Anchor, std::less<>> anchors_;
  Extent used_, copied_;
  std::string problem_;
};

}  // namespace

Result<json::value> parse_yaml(std::string_view text, std::string_view step, YamlLimits limits) {
  const auto refuse = [&](std::string cause, std::string remedy) {
    return fail(ErrorCode::invalid_request, std::string(step), std::move(cause), std::move(remedy));
  };
  if (text.size() > limits.bytes) {
    return refuse(fmt::format("the YAML is {} bytes long, and at most {} are read", text.size(), limits.bytes),
                  "Check that this is the text you meant");
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const std::string_view start = trim(text); start.starts_with('{') || start.starts_with('[')) {
    // JSON is not wholly YAML to libyaml (long keys, surrogate pairs). What is not JSON may still be YAML.
    const JsonLimits json_limits{limits.bytes, limits.depth, false, limits.nodes};
    if (auto value = parse_json(text, step, json_limits)) return value;
  }
  if (const auto flaw = find_flaw(text)) {
    const std::string_view before = text.substr(0, flaw->at);
    const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return refuse(fmt::format("line {}, column {}: {}", line, flaw->at - line_start + 1, flaw->what),
                  "Give text in UTF-8, not a binary file");
  }
  if (count_of(text, "\n%TAG") > most_tag_directives)
    return refuse("there are too many %TAG directives", "Check that this is the text you meant");

  Reader reader(text, limits);
  json::value value;
  if (!reader.document(value)) return refuse(reader.problem(), "Correct the YAML there");
  return value;
}

}  // namespace fairlead
