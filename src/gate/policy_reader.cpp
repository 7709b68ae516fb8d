#include "gate/policy_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/similar.h"
#include "base/text.h"

namespace fairlead::gate {
namespace {

constexpr std::size_t kEntries = 1000, kName = 63, kWord = 253;

std::string joined(PolicyReader::Keys words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::string why_not(PolicyReader::Words words, std::string_view text) {
  if (text.empty() || text.size() > kWord) return "From 1 to 253 characters";
  if (text.find("**") != std::string_view::npos) return "One '*' stands for any number of characters";
  const auto all = [&](std::string_view more, bool upper) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
      return (c >= 'a' && c <= 'z') || (upper && c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*' ||
             more.find(c) != std::string_view::npos;
    });
  };
  using Words = PolicyReader::Words;
  switch (words) {
    case Words::ns:
      return all("-", false) ? "" : "A namespace has small letters, digits and '-' only; '*' stands for any of them";
    case Words::operation:
      return all("_", false) ? "" : "'fairlead ops' lists the operations; '*' stands for any characters";
    case Words::role: return is_policy_name(text) ? "" : "Letters, digits, '-', '_' and '.', without '*'";
    case Words::identity:
    case Words::cluster:
      return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; })
                 ? ""
                 : "Printable ASCII without blanks";
  }
  return "";
}

}  // namespace

bool is_policy_name(std::string_view text) {
  return !text.empty() && text.size() <= kName && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

bool PolicyReader::refuse(const std::string& place, std::string what, std::string remedy) {
  error_ = Error{ErrorCode::invalid_request, "read the policy", place + " " + std::move(what), std::move(remedy), {}};
  return false;
}

const json::object* PolicyReader::object(const json::value& value, const std::string& place) {
  if (value.is_object()) return &value.get_object();
  refuse(place, "is not a mapping of keys", "docs/policy.md shows what stands there");
  return nullptr;
}

const json::array* PolicyReader::list(const json::value& value, const std::string& place, std::string_view such) {
  if (value.is_array() && !value.get_array().empty()) return &value.get_array();
  refuse(place, value.is_array() ? "is an empty list, which could mean all or nothing" : "is not a list",
         fmt::format("Write a list such as {}, or leave the key out", such));
  return nullptr;
}

bool PolicyReader::known(const json::object& of, const std::string& place, Keys keys) {
  for (const auto& member : of) {
    if (std::find(keys.begin(), keys.end(), member.key()) != keys.end()) continue;
    const auto near = similar_names(member.key(), std::vector<std::string>(keys.begin(), keys.end()));
    return refuse(place, "has a key that it does not take: " + plain_word(member.key()),
                  near.empty() ? "It takes " + joined(keys) : "Did you mean " + near[0] + "?");
  }
  return true;
}

bool PolicyReader::text(const json::object& of, std::string_view key, const std::string& place, std::string_view such,
                        std::string& out) {
  const json::value* value = of.if_contains(key);
  if (!value || !value->is_string())
    return refuse(fmt::format("{}.{}", place, key), value ? "is not a text" : "is missing",
                  fmt::format("Write it such as {}", such));
  out = value->get_string();
  return true;
}

bool PolicyReader::name(const json::object& of, std::string& place, std::vector<std::string>& taken, std::string& out) {
  if (!text(of, "name", place, "name: agents-in-staging", out)) return false;
  if (!is_policy_name(out) || out == "default")
    return refuse(place + ".name", "is not a name", "Letters, digits, '-', '_' and '.', at most 63, and not 'default'");
  if (std::find(taken.begin(), taken.end(), out) != taken.end())
    return refuse(place + ".name", "is there twice: " + out, "Give each a name of its own");
  taken.push_back(out);
  place += " (" + out + ")";
  return true;
}

bool PolicyReader::words(const json::value& value, const std::string& place, Words kind, std::string_view such,
                         std::vector<std::string>& out) {
  const json::array* all = list(value, place, such);
  if (!all) return false;
  for (const auto& one : *all) {
    const std::string here = fmt::format("{}[{}]", place, out.size());
    if (!one.is_string())
      return refuse(here, "is not a text",
                    fmt::format("Write it such as {}; quote what reads as something else", such));
    const std::string_view text = one.get_string();
    if (auto why = why_not(kind, text); !why.empty()) return refuse(here, "is not valid: " + plain_word(text), why);
    if (!count(here)) return false;
    out.emplace_back(text);
  }
  return true;
}

bool PolicyReader::words(const json::object& of, std::string_view key, const std::string& place, Words kind,
                         std::string_view such, std::vector<std::string>& out) {
  const json::value* value = of.if_contains(key);
  return !value || words(*value, fmt::format("{}.{}", place, key), kind, such, out);
}

bool PolicyReader::count(const std::string& place) {
  if (++entries_ <= kEntries) return true;
  return refuse(place, fmt::format("is one too many: a policy has at most {} entries in its lists", kEntries),
                "Use '*', or make rules wider");
}

bool PolicyReader::decision(const json::value& value, const std::string& place, Decision& out) {
  for (Decision one : {Decision::allow, Decision::approve, Decision::deny})
    if (value.is_string() && value.get_string() == to_string(one)) {
      out = one;
      return true;
    }
  return refuse(place, "is no decision", "It is one of allow, approve, deny");
}

}  // namespace fairlead::gate
