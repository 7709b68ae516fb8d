#include "ops/mask.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kShortest = 8;

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

bool is_blank(char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; }

// Where `credential` ends that begins at `at`, line breaks and blanks of their indentation inside it or none; 0: it
// does not stand there.
std::size_t end_of(std::string_view text, std::size_t at, std::string_view credential) {
  bool broken = false;
  for (std::size_t matched = 0; matched < credential.size(); ++at) {
    if (at == text.size()) return 0;
    if (text[at] == credential[matched])
      ++matched;
    else if (text[at] == '\n' || text[at] == '\r' || (broken && is_blank(text[at])))
      broken = true;
    else
      return 0;
  }
  return at;
}

bool may_be_decorated(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == 27; });
}

}  // namespace

Mask::Mask(std::initializer_list<const std::vector<Secret>*> credentials) {
  for (const auto* some : credentials) {
    if (!some) continue;
    for (const auto& secret : *some)
      if (const auto plain = secret.reveal(); plain.size() >= kShortest)
        credentials_.push_back({plain, other_forms(plain)});
  }
}

std::vector<Mask::Range> Mask::places_in(std::string_view text) const {
  std::vector<Range> places;
  const bool lines = text.find_first_of("\r\n") != std::string_view::npos;
  for (const auto& credential : credentials_) {
    const std::string_view start = lines ? credential.plain.substr(0, 1) : credential.plain;
    for (std::size_t at = text.find(start); at != std::string_view::npos; at = text.find(start, at + 1))
      if (const std::size_t end = end_of(text, at, credential.plain); end > 0) places.push_back({at, end});
    for (const auto& form : credential.forms)
      for (std::size_t at = text.find(form); at != std::string_view::npos; at = text.find(form, at + form.size()))
        places.push_back({at, at + form.size()});
  }
  return places;
}

std::optional<std::string> Mask::masked(std::string_view text) const {
  if (credentials_.empty()) return std::nullopt;
  const std::string plain = may_be_decorated(text) ? redact::without_decoration(text) : std::string();
  const auto open = places_in(text), all = places_in(plain);
  if (open.empty() && all.empty()) return std::nullopt;
  const bool decorated = all.size() > open.size();
  std::string out = decorated ? plain : std::string(text);
  for (const auto& place : decorated ? all : open)
    for (std::size_t i = place.begin; i < place.end; ++i)
      if (!is_blank(out[i])) out[i] = '*';
  return out;
}

void Mask::apply(std::string& text) const {
  if (auto out = masked(text)) text = std::move(*out);
}

void Mask::apply(Rows& rows) const {
  if (credentials_.empty()) return;
  rows.rewrite(SIZE_MAX, [this](std::string_view cell) { return masked(cell); });
}

void Mask::apply(json::value& value) const {
  if (value.is_string()) {
    if (auto out = masked(value.get_string())) value = *out;
    return;
  }
  if (value.is_array())
    for (auto& item : value.get_array()) apply(item);
  if (!value.is_object()) return;
  json::object& object = value.get_object();
  std::vector<std::pair<std::string, std::string>> keys;
  for (auto& entry : object) {
    apply(entry.value());
    if (auto out = masked(entry.key())) keys.emplace_back(entry.key(), std::move(*out));
  }
  for (auto& [key, shown] : keys) {
    json::value member = std::move(object.at(key));
    object.erase(key);
    object[shown] = std::move(member);
  }
}

void Mask::apply(Reply& reply) const {
  if (credentials_.empty()) return;
  if (auto* table = std::get_if<Table>(&reply.body)) {
    apply(table->rows);
  } else if (auto* document = std::get_if<Document>(&reply.body)) {
    apply(document->value);
    apply(document->brief);
  } else {
    apply(std::get<Text>(reply.body).text);
  }
  for (auto& note : reply.notes) apply(note);
}

std::size_t Mask::begun_at_end(std::string_view text) const {
  std::size_t most = 0;
  const auto look = [&](std::string_view credential) {
    for (std::size_t size = std::min(text.size(), credential.size() - 1); size > most; --size)
      if (text.ends_with(credential.substr(0, size))) most = size;
  };
  for (const auto& credential : credentials_) {
    look(credential.plain);
    for (const auto& form : credential.forms) look(form);
  }
  return most;
}

void Mask::apply(Error& error) const {
  for (std::string* part : {&error.step, &error.cause, &error.remedy, &error.foreign}) apply(*part);
}

}  // namespace fairlead::ops
