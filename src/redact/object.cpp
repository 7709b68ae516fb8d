#include "base/text.h"
#include "redact/commands.h"
#include "redact/phrases.h"
#include "redact/redact.h"

namespace fairlead::redact {
namespace {

std::string_view view(const json::value& text) { return {text.get_string().data(), text.get_string().size()}; }

void clean(json::value& value);

void clean_text(json::value& value) {
  // An object inside a text, as other appliers and configurations hold it.
  const std::string_view text = view(value);
  if (const auto first = text.find_first_not_of(" \t\r\n");
      first != std::string_view::npos && (text[first] == '{' || text[first] == '[')) {
    if (auto object = parse_json(text, "look into a text", {.bytes = 1 << 20, .depth = 64})) {
      const json::value before = *object;
      clean(*object);
      if (*object != before) value = compact(*object);
    }
  }
  std::string clean = redact::text(view(value));
  if (clean != view(value)) value = clean;
}

// "--password", "x": the value follows as an argument of its own.
void clean_words(json::array& words, CommandLine& line) {
  std::string_view flag;  // whose value follows
  std::string before;     // the word before this one
  for (auto& word : words) {
    if (!word.is_string()) continue;
    const std::string text(view(word));
    const auto secret = line.secret_in(text);
    const bool another_flag = text.starts_with("--") || (text.size() == 2 && text[0] == '-');
    if (!flag.empty() && !another_flag && !is_harmless_value(flag, text)) {
      word = kRedacted;
    } else if (const auto pair = secret_of_pair(before, text)) {
      word = text.substr(0, *pair) + std::string(kRedacted);
    } else if (secret && !is_harmless_value("", std::string_view(text).substr(*secret))) {
      word = text.substr(0, *secret) + std::string(kRedacted);
    } else {
      clean_text(word);
    }
    const bool names = text.starts_with('-') && text.find('=') == std::string::npos && names_a_credential(text);
    flag = names ? view(word) : std::string_view();
    before = text;
  }
}

// Written by something that applies objects, and keeps them whole, perhaps packed.
bool is_copy(std::string_view name, std::string_view value) {
  constexpr std::size_t a_time_or_a_checksum = 80;
  const bool says_so = name.find("applied") != std::string_view::npos || name.find("last-") != std::string_view::npos;
  return value.starts_with("H4sI") ||
         (says_so && (value.size() > a_time_or_a_checksum || value.find('{') != std::string_view::npos));
}

void clean_annotations(json::object& annotations, bool secret) {
  annotations.erase("kubectl.kubernetes.io/last-applied-configuration");
  for (auto& entry : annotations) {
    json::value& value = entry.value();
    if (!value.is_string()) continue;
    // Other tools keep the whole Secret in an annotation, too.
    const bool whole = secret && (view(value).size() > 256 || view(value).find('{') != std::string_view::npos);
    if (whole || is_copy(entry.key(), view(value)) ||
        (may_name_a_credential(entry.key()) && !is_harmless_value(entry.key(), view(value))))
      value = kRedacted;
    else
      clean_text(value);
  }
}

bool is_variable(std::string_view name) {
  return !name.empty() && name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

// A ConfigMap's: base64 of anything, in which a text with a credential would be overlooked.
void clean_binary(json::object& data) {
  for (auto& entry : data) {
    if (!entry.value().is_string()) continue;
    const auto plain = base64_decode(view(entry.value()));
    if (names_a_credential(entry.key()) || (plain && redact::text(*plain) != *plain)) entry.value() = kRedacted;
  }
}

// `of_secret`: it is the metadata of one.
void clean_object(json::object& object, bool of_secret = false) {
  const auto* kind = object.if_contains("kind");
  const bool secret = kind && kind->is_string() && kind->get_string() == "Secret" &&
                      (object.contains("data") || object.contains("stringData") || object.contains("metadata"));
  // {"name": "DB_PASSWORD", "value": "x"}: an environment variable, a header.
  const auto* name = object.if_contains("name");
  const bool named = name && name->is_string() && may_name_a_credential(view(*name));
  // One command line, in whatever order the members come.
  CommandLine line;
  for (std::string_view member : {"command", "args"})
    if (auto* words = object.if_contains(member); words && words->is_array()) clean_words(words->get_array(), line);
  for (auto& entry : object) {
    const std::string_view key = entry.key();
    json::value& value = entry.value();
    const bool variable = named && key == "value";
    const bool credential = variable || names_a_credential(key) || (is_variable(key) && may_name_a_credential(key)) ||
                            (key.ends_with("auth") && value.is_string() && is_encoded_pair(view(value)));
    if (secret && (key == "data" || key == "stringData")) {
      if (!value.is_object())
        value = kRedacted;
      else
        for (auto& member : value.get_object()) member.value() = kRedacted;
    } else if (key == "binaryData" && value.is_object()) {
      clean_binary(value.get_object());
    } else if ((key == "command" || key == "args") && value.is_array()) {
      continue;
    } else if (value.is_string() && credential) {
      if (!is_harmless_value(variable ? view(*name) : key, view(value))) value = kRedacted;
    } else if (key == "metadata" && value.is_object()) {
      value.get_object().erase("managedFields");
      clean_object(value.get_object(), secret);
    } else if (key == "annotations" && value.is_object()) {
      clean_annotations(value.get_object(), of_secret);
    } else {
      clean(value);
    }
  }
}

void clean(json::value& value) {
  if (value.is_string())
    clean_text(value);
  else if (value.is_array())
    for (auto& item : value.get_array()) clean(item);
  else if (value.is_object())
    clean_object(value.get_object());
}

}  // namespace

void object(json::value& object) { clean(object); }

}  // namespace fairlead::redact
