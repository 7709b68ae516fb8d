#include "ops/redact.h"

namespace fairlead::ops {
namespace {

std::string_view view(const json::value& text) { return {text.get_string().data(), text.get_string().size()}; }

void clean_text(json::value& value) {
  std::string clean = redact_text(view(value));
  if (clean != view(value)) value = clean;
}

// "--password", "x": the value follows as an argument of its own. mysql takes -px, curl -u user:x, redis-cli -a x.
void clean_words(json::array& words) {
  bool next = false, mysql = false;
  for (auto& word : words) {
    if (!word.is_string()) continue;
    std::string_view text = view(word);
    std::string_view program = text.substr(text.rfind('/') + 1);
    mysql = mysql || program.starts_with("mysql") || program.starts_with("mariadb");
    const bool flag = text.starts_with('-') && text.find('=') == std::string_view::npos && names_a_credential(text);
    const bool another_flag = text.starts_with("--") || (text.size() == 2 && text[0] == '-');
    if (next && !another_flag && !is_harmless_value("", text)) {
      word = kRedacted;
    } else if (mysql && text.starts_with("-p") && text.size() > 2) {
      word = std::string("-p") + std::string(kRedacted);
    } else {
      clean_text(word);
    }
    next = flag;
  }
}

void clean_metadata(json::object& metadata, bool secret) {
  metadata.erase("managedFields");
  auto* annotations = metadata.if_contains("annotations");
  if (!annotations || !annotations->is_object()) return;
  annotations->get_object().erase("kubectl.kubernetes.io/last-applied-configuration");
  if (!secret) return;
  // Other tools keep the whole Secret in an annotation, too.
  for (auto& entry : annotations->get_object())
    if (entry.value().is_string() && (entry.value().get_string().size() > 256 || entry.value().get_string().find('{') != json::string::npos)) entry.value() = kRedacted;
}

void clean(json::value& value);

void clean_object(json::object& object) {
  const auto* kind = object.if_contains("kind");
  const bool secret = kind && kind->is_string() && kind->get_string() == "Secret" && (object.contains("data") || object.contains("stringData") || object.contains("metadata"));
  // {"name": "DB_PASSWORD", "value": "x"}: an environment variable, a header.
  const auto* name = object.if_contains("name");
  const bool named = name && name->is_string() && names_a_credential(view(*name));
  for (auto& entry : object) {
    const std::string_view key = entry.key();
    json::value& value = entry.value();
    if (key == "metadata" && value.is_object()) clean_metadata(value.get_object(), secret);
    if (secret && (key == "data" || key == "stringData")) {
      if (!value.is_object()) value = kRedacted;
      else for (auto& member : value.get_object()) member.value() = kRedacted;
    } else if ((key == "command" || key == "args") && value.is_array()) {
      clean_words(value.get_array());
    } else if (const bool variable = named && key == "value"; value.is_string() && (variable || names_a_credential(key))) {
      if (!is_harmless_value(variable ? view(*name) : key, view(value))) value = kRedacted;
    } else {
      clean(value);
    }
  }
}

void clean(json::value& value) {
  if (value.is_string()) clean_text(value);
  else if (value.is_array()) for (auto& item : value.get_array()) clean(item);
  else if (value.is_object()) clean_object(value.get_object());
}

}  // namespace

void redact_object(json::value& object) { clean(object); }

}  // namespace fairlead::ops
