#include "sandbox/selector.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/names.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr std::uint32_t metadata_field = 1, labels_field = 11;

std::string text_of(const json::value& value, const std::vector<std::string_view>& steps) {
  const json::value* at = &value;
  for (std::string_view step : steps) {
    at = find(*at, step);
    if (!at) return {};
  }
  if (at->is_null() || at->is_structured()) return {};
  return at->is_string() ? std::string(at->get_string()) : compact(*at);
}

}  // namespace

Labels labels_of(const Object& object) {
  Labels out;
  auto metadata = wire::at(object.body, {metadata_field});
  if (!metadata) return out;
  wire::Reader reader(*metadata);
  while (auto value = reader.next()) {
    if (value->field > labels_field) break;
    if (value->field != labels_field) continue;
    std::pair<std::string_view, std::string_view> label;
    wire::Reader entry(value->bytes);
    while (auto part = entry.next()) {
      if (part->field == 1) label.first = part->bytes;
      if (part->field == 2) label.second = part->bytes;
    }
    out.push_back(label);
  }
  return out;
}

std::string field_of(const Object& object, std::string_view path) {
  if (path == "metadata.name") return object.name;
  if (path == "metadata.namespace") return object.namespace_name;
  const Message* message = object.resource->message;
  std::string_view bytes = object.body;
  std::vector<std::string_view> steps = split(path, '.');
  if (message->others()) {
    auto value = decode(*message, bytes, DecodeOptions{false});
    return value ? text_of(*value, steps) : std::string();
  }
  for (std::size_t i = 0; i < steps.size() && message; ++i) {
    const Field* field = message->by_name(steps[i]);
    if (!field) return {};
    wire::Reader reader(bytes);
    std::optional<wire::Value> found;
    while (auto value = reader.next()) {
      if (value->field == field->number) found = value;
    }
    bool last = i + 1 == steps.size();
    if (!found) return last && field->type == FieldType::boolean ? "false" : "";
    if (last) {
      if (field->type == FieldType::boolean) return found->integer ? "true" : "false";
      if (field->type == FieldType::text) return std::string(found->bytes);
      return std::to_string(static_cast<std::int64_t>(found->integer));
    }
    bytes = found->bytes;
    message = field->message;
  }
  return {};
}

// A token is an identifier, or one of the operators by itself.
class LabelParser {
 public:
  explicit LabelParser(std::string_view text) : text_(text) { advance(); }

  tl::expected<LabelSelector, std::string> run() {
    LabelSelector out;
    if (token_.empty()) return out;
    if (is_operator(token_) && token_ != "!")
      return tl::unexpected("found '" + token_ + "', expected: !, identifier, or 'end of string'");
    while (true) {
      LabelSelector::Requirement requirement;
      if (!read(&requirement)) return tl::unexpected("unable to parse requirement: " + error_);
      out.requirements_.push_back(std::move(requirement));
      if (token_.empty()) return out;
      if (token_ != ",") return tl::unexpected("found '" + token_ + "', expected: ',' or 'end of string'");
      advance();
      if (token_.empty() || (is_operator(token_) && token_ != "!"))
        return tl::unexpected("found '" + token_ + "', expected: identifier after ','");
    }
  }

 private:
  using Operator = LabelSelector::Operator;

  static bool is_operator(std::string_view token) {
    return token == "!" || token == "=" || token == "==" || token == "!=" || token == ">" || token == "<" ||
           token == "(" || token == ")" || token == ",";
  }

  void advance() {
    while (!text_.empty() && std::string_view(" \t\r\n").find(text_.front()) != std::string_view::npos)
      text_.remove_prefix(1);
    token_.clear();
    if (text_.empty()) return;
    constexpr std::string_view special = "=!(),><";
    std::size_t length = 0;
    if (special.find(text_.front()) != special.npos) {
      length = 1;
      if (text_.starts_with("==") || text_.starts_with("!=")) length = 2;
    } else {
      while (length < text_.size() && special.find(text_[length]) == special.npos &&
             std::string_view(" \t\r\n").find(text_[length]) == std::string_view::npos)
        ++length;
    }
    token_ = text_.substr(0, length);
    text_.remove_prefix(length);
  }

  static std::string invalid(const std::string& field, const std::string& value, const std::string& problem) {
    return field + ": Invalid value: " + compact(json::value(json::string(value))) + ": " + problem;
  }

  bool give_up(std::string text) {
    error_ = std::move(text);
    return false;
  }

  bool read(LabelSelector::Requirement* out) {
    bool negated = token_ == "!";
    if (negated) advance();
    if (token_.empty() || is_operator(token_)) return give_up("found '" + token_ + "', expected: identifier");
    out->key = token_;
    if (std::vector<std::string> problems = label_key_problems(out->key); !problems.empty())
      return give_up(invalid("<nil>", out->key, as_one(problems, "; ")));
    advance();
    if (token_.empty() || token_ == ",") {
      out->op = negated ? Operator::does_not_exist : Operator::exists;
      return true;
    }
    if (negated) {
      out->op = Operator::does_not_exist;
      return true;
    }
    std::string op = token_;
    if (op == "in" || op == "notin") {
      out->op = op == "in" ? Operator::in : Operator::not_in;
      advance();
      return values(out);
    }
    if (op == "=" || op == "==") {
      out->op = Operator::in;
    } else if (op == "!=") {
      out->op = Operator::not_in;
    } else if (op == ">") {
      out->op = Operator::greater;
    } else if (op == "<") {
      out->op = Operator::less;
    } else {
      return give_up("found '" + op + "', expected: in, notin, =, ==, !=, gt, lt");
    }
    out->equality = true;
    advance();
    if (token_.empty() || token_ == ",") {
      out->values.emplace_back();
    } else if (is_operator(token_)) {
      return give_up("found '" + token_ + "', expected: identifier");
    } else {
      out->values.push_back(token_);
      advance();
    }
    return check(*out);
  }

  bool values(LabelSelector::Requirement* out) {
    if (token_ != "(") return give_up("found '" + token_ + "' expected: '('");
    advance();
    while (token_ != ")") {
      if (token_ == ",") {
        out->values.emplace_back();
        advance();
        if (token_ == ")") out->values.emplace_back();
        continue;
      }
      if (token_.empty() || is_operator(token_))
        return give_up("found '" + token_ + "', expected: ',', ')' or identifier");
      out->values.push_back(token_);
      advance();
      if (token_ == ",") {
        advance();
        if (token_ == ")") out->values.emplace_back();
      } else if (token_ != ")") {
        return give_up("found '" + token_ + "', expected: ',' or ')'");
      }
    }
    advance();
    if (out->values.empty()) out->values.emplace_back();
    std::sort(out->values.begin(), out->values.end());
    out->values.erase(std::unique(out->values.begin(), out->values.end()), out->values.end());
    return check(*out);
  }

  bool check(const LabelSelector::Requirement& requirement) {
    bool compared = requirement.op == Operator::greater || requirement.op == Operator::less;
    std::vector<std::string> problems;
    for (std::size_t i = 0; i < requirement.values.size(); ++i) {
      const std::string& value = requirement.values[i];
      std::string field = "values[" + std::to_string(i) + "]";
      long long number;
      auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (compared && (code != std::errc() || end != value.data() + value.size()))
        problems.push_back(invalid(field, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
      if (std::vector<std::string> wrong = label_value_problems(value); !wrong.empty())
        problems.push_back(invalid(field + "[" + requirement.key + "]", value, as_one(wrong, "; ")));
    }
    if (problems.empty()) return true;
    return give_up(problems.size() == 1 ? problems.front() : "[" + as_one(problems, ", ") + "]");
  }

  std::string_view text_;
  std::string token_;
  std::string error_;
};

tl::expected<LabelSelector, std::string> LabelSelector::parse(std::string_view text) { return LabelParser(text).run(); }

LabelSelector LabelSelector::from_object(const json::value& selector) {
  LabelSelector out;
  for (const auto& entry : object_at(selector, {"matchLabels"})) {
    if (entry.value().is_string()) {
      out.requirements_.push_back(
          {std::string(entry.key()), Operator::in, {std::string(entry.value().get_string())}, true});
    }
  }
  for (const json::value& expression : array_at(selector, {"matchExpressions"})) {
    std::string_view op = text_at(expression, {"operator"});
    Requirement requirement{std::string(text_at(expression, {"key"})), Operator::in, {}};
    if (op == "NotIn") requirement.op = Operator::not_in;
    if (op == "Exists") requirement.op = Operator::exists;
    if (op == "DoesNotExist") requirement.op = Operator::does_not_exist;
    for (const json::value& value : array_at(expression, {"values"})) {
      if (value.is_string()) requirement.values.emplace_back(value.get_string());
    }
    out.requirements_.push_back(std::move(requirement));
  }
  std::sort(out.requirements_.begin(), out.requirements_.end(),
            [](const Requirement& a, const Requirement& b) { return a.key < b.key; });
  return out;
}

bool LabelSelector::matches(const Labels& labels) const {
  for (const Requirement& requirement : requirements_) {
    auto label = std::find_if(labels.begin(), labels.end(), [&](const auto& l) { return l.first == requirement.key; });
    bool present = label != labels.end();
    bool listed = present && std::find(requirement.values.begin(), requirement.values.end(), label->second) !=
                                 requirement.values.end();
    switch (requirement.op) {
      case Operator::in:
        if (!listed) return false;
        break;
      case Operator::not_in:
        if (listed) return false;
        break;
      case Operator::exists:
        if (!present) return false;
        break;
      case Operator::does_not_exist:
        if (present) return false;
        break;
      case Operator::greater:
      case Operator::less: {
        long long have = 0, bound = 0;
        if (!present) return false;
        auto [end, code] = std::from_chars(label->second.data(), label->second.data() + label->second.size(), have);
        if (code != std::errc() || end != label->second.data() + label->second.size()) return false;
        const std::string& text = requirement.values.front();
        std::from_chars(text.data(), text.data() + text.size(), bound);
        if (requirement.op == Operator::greater ? have <= bound : have >= bound) return false;
        break;
      }
    }
  }
  return true;
}

std::string LabelSelector::text() const {
  std::string out;
  for (const Requirement& requirement : requirements_) {
    if (!out.empty()) out += ",";
    std::string values;
    for (const std::string& value : requirement.values) values += (values.empty() ? "" : ",") + value;
    switch (requirement.op) {
      case Operator::exists: out += requirement.key; break;
      case Operator::does_not_exist: out += "!" + requirement.key; break;
      case Operator::greater: out += requirement.key + ">" + values; break;
      case Operator::less: out += requirement.key + "<" + values; break;
      case Operator::in:
        out += requirement.equality ? requirement.key + "=" + values : requirement.key + " in (" + values + ")";
        break;
      case Operator::not_in:
        out += requirement.equality ? requirement.key + "!=" + values : requirement.key + " notin (" + values + ")";
        break;
    }
  }
  return out;
}

namespace {

// At the commas that no backslash protects.
std::vector<std::string_view> terms_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ',') {
      out.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  out.push_back(text.substr(start));
  return out;
}

tl::expected<std::string, std::string> unescaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '=') return tl::unexpected(std::string("invalid field selector: unescaped character in value: 61"));
    if (value[i] == '\\') {
      std::string_view sequence = value.substr(i, 2);
      if (sequence != "\\\\" && sequence != "\\," && sequence != "\\=")
        return tl::unexpected("invalid field selector: invalid escape sequence: " + std::string(sequence));
      ++i;
    }
    out += value[i];
  }
  return out;
}

}  // namespace

tl::expected<FieldSelector, std::string> FieldSelector::parse(std::string_view text, const Resource& resource) {
  FieldSelector out;
  for (std::string_view part : terms_of(text)) {
    if (part.empty()) continue;
    std::size_t at = part.find('=');
    if (at == part.npos)
      return tl::unexpected("invalid selector: '" + std::string(text) + "'; can't understand '" + std::string(part) +
                            "'");
    Term term;
    term.equal = true;
    std::string_view name = part.substr(0, at);
    std::string_view value = part.substr(at + 1);
    if (name.ends_with('!')) {
      name.remove_suffix(1);
      term.equal = false;
    } else if (value.starts_with('=')) {
      value.remove_prefix(1);
    }
    const auto& labels = resource.field_labels;
    bool known = name == "metadata.name" || (name == "metadata.namespace" && resource.namespaced) ||
                 std::find(labels.begin(), labels.end(), name) != labels.end();
    if (!known) {
      if (!labels.empty() || resource.custom) return tl::unexpected("field label not supported: " + std::string(name));
      return tl::unexpected(compact(json::value(json::string(name))) +
                            " is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }
    // Other views of the stored events name some fields differently.
    if (name.starts_with("regarding.")) {
      term.path = "involvedObject." + std::string(name.substr(10));
    } else if (name == "reportingController") {
      term.path = "reportingComponent";
    } else if (name == "source") {
      term.path = "source.component";
    } else {
      term.path = name;
    }
    auto plain = unescaped(value);
    if (!plain) return tl::unexpected(std::move(plain.error()));
    term.value = std::move(*plain);
    out.terms_.push_back(std::move(term));
  }
  return out;
}

bool FieldSelector::matches(const Object& object) const {
  for (const Term& term : terms_) {
    std::string have = field_of(object, term.path);
    if (term.path == "status.phase" && have.empty() && object.resource->plural == "pods") have = "Pending";
    if ((have == term.value) != term.equal) return false;
  }
  return true;
}

}  // namespace fairlead::sandbox
