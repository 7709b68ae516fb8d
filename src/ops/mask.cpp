#include "ops/mask.h"

#include <algorithm>
#include <string>
#include <vector>

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

std::size_t count(std::string_view text, std::string_view credential) {
  std::size_t found = 0;
  for (std::size_t at = text.find(credential); at != std::string_view::npos;
       at = text.find(credential, at + credential.size()))
    ++found;
  return found;
}

void mask_json(json::value& value, std::string_view credential) {
  if (value.is_string()) return mask_text(value.get_string(), credential);
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
  } else if (auto* document = std::get_if<Document>(&reply.body)) {
    mask_json(document->value, credential);
    mask_json(document->brief, credential);
  } else {
    mask(std::get<Text>(reply.body).text, secret);
  }
  for (auto& note : reply.notes) mask_text(note, credential);
}

void mask(std::string& text, const Secret& secret) {
  const std::string_view credential = secret.reveal();
  if (credential.size() < kShortest) return;
  if (std::string plain = redact::without_decoration(text); count(plain, credential) > count(text, credential))
    text = std::move(plain);
  mask_text(text, credential);
}

void mask(Error& error, const Secret& secret) {
  const std::string_view credential = secret.reveal();
  if (credential.size() < kShortest) return;
  for (std::string* part : {&error.step, &error.cause, &error.remedy, &error.foreign}) {
    std::string plain = redact::without_decoration(*part);
    if (plain.find(credential) != std::string::npos) *part = std::move(plain);
    mask_text(*part, credential);
  }
}

}  // namespace fairlead::ops
