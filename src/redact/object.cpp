#include <algorithm>
#include <vector>

#include "base/text.h"
#include "redact/commands.h"
#include "redact/encoded.h"
#include "redact/phrases.h"
#include "redact/redact.h"
#include "redact/shapes.h"

namespace fairlead::redact {
namespace {

std::string_view view(const json::value& text) { return {text.get_string().data(), text.get_string().size()}; }

void clean(json::value& value);
void clean_object(json::object& object, bool is_secret = false, bool of_secret = false);

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
    Unpacking unpacking = unpacking_of(view(entry.value()));
    if (names_a_credential(entry.key()) || encodes_a_credential(view(entry.value()), unpacking))
      entry.value() = kRedacted;
  }
}

// {name, key}, {secretName, items}: where a credential lies. Or a schema: {type: string, description}.
bool is_reference(const json::object& object) {
  for (const auto& member : object)
    if (is_value_of_pair(member.key()) && member.key() != "default") return false;
  bool named = false;
  for (const auto& member : object) {
    const std::string_view key = member.key();
    if (key.starts_with('$') || key == "properties" || key == "valueFrom") return true;
    if (key == "type" && member.value().is_string())
      for (std::string_view type : {"string", "object", "array", "integer", "number", "boolean"})
        if (view(member.value()) == type) return true;
    named = named || key.ends_with("name") || key.ends_with("Name") || key.ends_with("Ref");
    const bool about = key == "key" || key == "items" || says_about_a_credential(key);
    if (!about) return false;
  }
  return named;
}

// Lists of Secrets' names: secrets, imagePullSecrets.
bool names_a_secret(std::string_view name, std::string_view value) {
  const bool fits = std::all_of(value.begin(), value.end(),
                                [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.'; });
  return fits && name.ends_with("ecrets") &&
         (value.find('-') != std::string_view::npos || std::none_of(value.begin(), value.end(), is_digit));
}

// What lies under a name that says credential.
void clean_credential(json::value& value, std::string_view name, bool inside = false) {
  if (value.is_string()) {
    if (!is_harmless_value(name, view(value)) && !(inside && names_a_secret(name, view(value)))) value = kRedacted;
  } else if (value.is_array()) {
    if (!inside && !names_credentials(name)) return clean(value);
    for (auto& item : value.get_array()) clean_credential(item, name, true);
  } else if (value.is_object()) {
    json::object& object = value.get_object();
    if ((!inside && !names_credentials(name)) || is_reference(object)) return clean(value);
    for (auto& member : object) {
      const std::string_view key = member.key();
      if (says_about_a_credential(key))
        clean(member.value());
      else
        clean_credential(member.value(), name, true);
    }
  } else if (value.is_number() && (inside || names_credentials(name))) {
    const bool counts = is_harmless_value(name, "0") && !(inside && name.ends_with("asswords"));  // tokens: 5
    if (!counts) value = kRedacted;
  }
}

// Values of a Secret, as they are and in base64.
class SecretValues {
 public:
  SecretValues(const json::object& secret, const json::object& metadata) {
    for (std::string_view member : {"name", "namespace"})
      if (const auto* name = metadata.if_contains(member); name && name->is_string()) names_.emplace_back(view(*name));
    for (std::string_view member : {"data", "stringData"})
      if (const auto* values = secret.if_contains(member); values && values->is_object())
        for (const auto& entry : values->get_object())
          if (entry.value().is_string()) add(entry.key(), view(entry.value()), member == "data");
    const auto longer = [](const std::string& a, const std::string& b) { return a.size() > b.size(); };
    std::sort(values_.begin(), values_.end(), longer);
  }

  void cut_out_of(json::value& value) const {
    if (value.is_string()) {
      std::string text(view(value));
      for (const auto& secret : values_) cut_out(text, secret);
      if (text != view(value)) value = text;
    } else if (value.is_array()) {
      for (auto& item : value.get_array()) cut_out_of(item);
    } else if (value.is_object()) {
      for (auto& member : value.get_object()) cut_out_of(member.value());
    }
  }

 private:
  // A short word is cut out only where its name says that it is a credential: "admin" stands everywhere.
  void add(std::string_view name, std::string_view value, bool is_encoded) {
    const auto decoded = is_encoded ? base64_decode(value) : Result<std::string>(std::string(value));
    std::string_view plain = decoded ? std::string_view(*decoded) : value;
    while (!plain.empty() && (plain.back() == '\n' || plain.back() == '\r')) plain.remove_suffix(1);
    if (std::find(names_.begin(), names_.end(), plain) != names_.end()) return;
    const bool told = names_a_credential(name) && !is_harmless_value(name, plain);
    constexpr std::size_t no_word = 8;
    if (!told && !looks_chosen(plain) && plain.size() < no_word) return;
    values_.emplace_back(plain);
    std::string text = is_encoded ? std::string(value) : base64_encode(value);
    while (text.ends_with('=')) text.pop_back();
    values_.push_back(std::move(text));
  }

  std::vector<std::string> names_;   // of the Secret itself, which service accounts' hold as values
  std::vector<std::string> values_;  // the longest first
};

// The names by which a Secret is found stay, also in its labels.
void cut_values_out_of_metadata(json::object& secret) {
  auto* metadata = secret.if_contains("metadata");
  if (!metadata || !metadata->is_object()) return;
  const SecretValues values(secret, metadata->get_object());
  for (auto& member : metadata->get_object())
    if (member.key() != "name" && member.key() != "namespace" && member.key() != "uid")
      values.cut_out_of(member.value());
}

// {"name": "DB_PASSWORD", "value": "x"}: an environment variable, a header. The name; empty where there is none.
std::string name_of_pair(const json::object& object) {
  const auto* value = object.if_contains("value");
  for (const auto& member : object)
    if (member.value().is_string() && is_name_of_pair(member.key()))
      if (const std::string_view name = view(member.value());
          may_name_a_credential(name) || (value && value->is_string() && belies_its_name(name, view(*value))))
        return std::string(name);
  return {};
}

bool is_kind(const json::object& object, std::string_view wanted) {
  const auto* kind = object.if_contains("kind");
  return kind && kind->is_string() && view(*kind) == wanted;
}

// `is_secret`: whatever it says of its kind. `of_secret`: it is the metadata of one.
void clean_object(json::object& object, bool is_secret, bool of_secret) {
  const bool secret =
      is_secret || (is_kind(object, "Secret") &&
                    (object.contains("data") || object.contains("stringData") || object.contains("metadata")));
  const bool secrets = is_kind(object, "SecretList");
  if (secret) cut_values_out_of_metadata(object);
  const std::string name = name_of_pair(object);
  const bool web_key = object.contains("kty");
  // One command line, in whatever order the members come.
  CommandLine line;
  for (std::string_view member : {"command", "args"})
    if (auto* words = object.if_contains(member); words && words->is_array()) clean_words(words->get_array(), line);
  for (auto& entry : object) {
    const std::string_view key = entry.key();
    json::value& value = entry.value();
    const bool variable = !name.empty() && is_value_of_pair(key);
    const bool credential = variable || (web_key && is_of_web_key(key)) || names_a_credential(key) ||
                            (is_variable(key) && may_name_a_credential(key)) ||
                            (value.is_string() && ((key.ends_with("auth") && is_encoded_pair(view(value))) ||
                                                   belies_its_name(key, view(value))));
    if (key == "stringData" || (secret && key == "data")) {  // only Secrets and their templates have stringData
      if (!value.is_object())
        value = kRedacted;
      else
        for (auto& member : value.get_object()) member.value() = kRedacted;
    } else if (secrets && key == "items" && value.is_array()) {
      for (auto& item : value.get_array())
        if (item.is_object()) clean_object(item.get_object(), true);
    } else if (key == "binaryData" && value.is_object()) {
      clean_binary(value.get_object());
    } else if ((key == "command" || key == "args") && value.is_array()) {
      continue;
    } else if (variable) {
      clean_credential(value, name, true);
    } else if (credential) {
      clean_credential(value, key);
    } else if (key == "metadata" && value.is_object()) {
      value.get_object().erase("managedFields");
      clean_object(value.get_object(), false, secret);
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
