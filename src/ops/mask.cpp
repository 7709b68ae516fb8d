#include "ops/mask.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kShortest = 8;

template <class Text>
void mask_text(Text& text, std::string_view credential) {
  for (std::size_t at = std::string_view(text).find(credential); at != std::string_view::npos;
       at = std::string_view(text).find(credential, at + credential.size()))
    std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), credential.size(), '*');
}

// Other ways to write it: in capitals, in hex, and what of it stands in base64 whatever comes before and after it.
std::vector<std::string> other_forms(std::string_view credential) {
  std::vector<std::string> forms(3);
  for (unsigned char c : credential) {
    forms[0] += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    for (int shift : {4, 0}) {
      forms[1] += "0123456789abcdef"[c >> shift & 15];
      forms[2] += "0123456789ABCDEF"[c >> shift & 15];
    }
  }
  constexpr std::array<std::size_t, 3> known_from{0, 2, 3};
  for (std::size_t before = 0; before < 3; ++before) {
    std::string text = base64_encode(std::string(before, '\0') + std::string(credential));
    while (text.ends_with('=')) text.pop_back();
    if ((before + credential.size()) % 3 != 0) text.pop_back();
    forms.push_back(text.substr(known_from[before]));
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    forms.push_back(text.substr(known_from[before]));
  }
  return forms;
}

// Also where line breaks and blanks of their indentation stand inside it, which stay.
void mask_wrapped(std::string& text, std::string_view credential) {
  for (std::size_t at = text.find(credential.front()); at != std::string::npos;
       at = text.find(credential.front(), at + 1)) {
    std::size_t end = at, matched = 0;
    bool broken = false;
    for (; end < text.size() && matched < credential.size(); ++end) {
      if (text[end] == credential[matched])
        ++matched;
      else if (text[end] == '\n' || text[end] == '\r' || (broken && (text[end] == ' ' || text[end] == '\t')))
        broken = true;
      else
        break;
    }
    if (matched < credential.size()) continue;
    for (std::size_t i = at; i < end; ++i)
      if (text[i] != '\n' && text[i] != '\r' && text[i] != ' ' && text[i] != '\t') text[i] = '*';
  }
}

std::size_t count(std::string_view text, std::string_view credential) {
  std::size_t found = 0;
  for (std::size_t at = text.find(credential); at != std::string_view::npos;
       at = text.find(credential, at + credential.size()))
    ++found;
  return found;
}

void mask_all(std::string& text, std::string_view credential) {
  mask_wrapped(text, credential);
  for (const auto& form : other_forms(credential)) mask_text(text, form);
}

void mask_json(json::value& value, std::string_view credential) {
  if (value.is_string()) {
    std::string text(value.get_string());
    mask_all(text, credential);
    if (text != value.get_string()) value = text;
    return;
  }
  if (value.is_array())
    for (auto& item : value.get_array()) mask_json(item, credential);
  if (!value.is_object()) return;
  std::vector<std::string> keys;
  for (auto& entry : value.get_object()) {
    mask_json(entry.value(), credential);
    if (std::string_view(entry.key()).find(credential) != std::string_view::npos) keys.emplace_back(entry.key());
  }
  for (const auto& key : keys) {
    std::string masked = key;
    mask_text(masked, credential);
    json::value member = std::move(value.get_object().at(key));
    value.get_object().erase(key);
    value.get_object()[masked] = std::move(member);
  }
}

}  // namespace

void mask(Reply& reply, const Secret& secret) {
  const std::string_view credential = secret.reveal();
  if (credential.size() < kShortest) return;
  if (auto* table = std::get_if<Table>(&reply.body)) {
    table->rows.mask(credential);
    for (const auto& form : other_forms(credential)) table->rows.mask(form);
  } else if (auto* document = std::get_if<Document>(&reply.body)) {
    mask_json(document->value, credential);
    mask_json(document->brief, credential);
  } else {
    mask(std::get<Text>(reply.body).text, secret);
  }
  for (auto& note : reply.notes) mask_all(note, credential);
}

void mask(std::string& text, const Secret& secret) {
  const std::string_view credential = secret.reveal();
  if (credential.size() < kShortest) return;
  if (std::string plain = redact::without_decoration(text); count(plain, credential) > count(text, credential))
    text = std::move(plain);
  mask_all(text, credential);
}

void mask(Error& error, const Secret& secret) {
  const std::string_view credential = secret.reveal();
  if (credential.size() < kShortest) return;
  for (std::string* part : {&error.step, &error.cause, &error.remedy, &error.foreign}) {
    std::string plain = redact::without_decoration(*part);
    if (plain.find(credential) != std::string::npos) *part = std::move(plain);
    mask_all(*part, credential);
  }
}

}  // namespace fairlead::ops
