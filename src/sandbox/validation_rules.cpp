#include "sandbox/validation_rules.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/names.h"
#include "sandbox/quantity.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view not_negative_text = "must be greater than or equal to 0";

std::string list_of(std::initializer_list<std::string_view> values) {
  std::string out;
  for (std::string_view value : values) out += (out.empty() ? "" : ", ") + quoted_text(value);
  return out;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_address(std::string_view text) {
  in6_addr buffer;
  std::string copy(text);
  return copy.size() < 64 &&
         (::inet_pton(AF_INET, copy.c_str(), &buffer) == 1 || ::inet_pton(AF_INET6, copy.c_str(), &buffer) == 1);
}

}  // namespace

std::string quoted_text(std::string_view text) { return compact(json::value(json::string(text))); }

Place Place::operator[](std::string_view member) const {
  return {value_ ? find(*value_, member) : nullptr,
          path_.empty() ? std::string(member) : path_ + "." + std::string(member)};
}

Place Place::operator[](std::initializer_list<std::string_view> members) const {
  Place out = *this;
  for (std::string_view member : members) out = out[member];
  return out;
}

Place Place::entry(std::string_view key) const {
  return {value_ ? find(*value_, key) : nullptr, path_ + "[" + std::string(key) + "]"};
}

std::vector<Place> Place::items() const {
  std::vector<Place> out;
  if (!value_ || !value_->is_array()) return out;
  std::size_t index = 0;
  for (const json::value& item : value_->get_array())
    out.emplace_back(&item, path_ + "[" + std::to_string(index++) + "]");
  return out;
}

std::vector<Place> Place::entries() const {
  std::vector<Place> out;
  if (!value_ || !value_->is_object()) return out;
  for (const auto& member : value_->get_object())
    out.emplace_back(&member.value(), path_ + "[" + std::string(member.key()) + "]");
  return out;
}

const json::value& Place::value() const {
  static const json::value none;
  return value_ ? *value_ : none;
}

void Findings::required(const Place& place, std::string_view detail) { add(sandbox::required(place.path(), detail)); }
void Findings::invalid(const Place& place, std::string_view detail) { invalid(place, place.value(), detail); }
void Findings::invalid(const Place& place, const json::value& shown, std::string_view detail) {
  Cause cause = invalid_value(place.path(), shown, detail);
  if (detail.empty()) cause.message.resize(cause.message.size() - 2);
  add(std::move(cause));
}
void Findings::invalid(const Place& place, const json::value& shown, const std::vector<std::string>& details) {
  for (const std::string& detail : details) invalid(place, shown, detail);
}
void Findings::not_supported(const Place& place, std::initializer_list<std::string_view> supported) {
  add(unsupported_value(place.path(), place.text(), list_of(supported)));
}
void Findings::forbidden(const Place& place, std::string_view detail) { add(field_forbidden(place.path(), detail)); }
void Findings::duplicate(const Place& place) {
  add(Cause{"FieldValueDuplicate", "Duplicate value: " + compact(place.value()), place.path()});
}
void Findings::not_found(const Place& place) {
  add(Cause{"FieldValueNotFound", "Not found: " + quoted_text(place.text()), place.path()});
}
void Findings::too_long(const Place& place, std::size_t most) {
  add(Cause{"FieldValueTooLong", "Too long: may not be more than " + std::to_string(most) + " bytes", place.path()});
}

void Findings::one_of(const Place& place, std::initializer_list<std::string_view> supported) {
  if (place.text().empty()) return required(place);
  if (std::find(supported.begin(), supported.end(), place.text()) == supported.end()) not_supported(place, supported);
}

void Findings::not_negative(const Place& place) {
  if (place.number() < 0) invalid(place, not_negative_text);
}

void Findings::positive(const Place& place) {
  if (place.number(1) <= 0) invalid(place, "must be greater than 0");
}

void Findings::port(const Place& place) {
  if (place.number() < 1 || place.number() > 65'535)
    invalid(place, place.given() ? place.value() : json::value(0), "must be between 1 and 65535, inclusive");
}

void Findings::port_number_or_name(const Place& place) {
  if (!place.value().is_string()) return port(place);
  port_name(place);
}

void Findings::port_name(const Place& place) {
  for (const std::string& problem : port_name_problems(place.text())) invalid(place, problem);
}

void Findings::subdomain(const Place& place) {
  if (std::string problem = subdomain_problem(place.text()); !problem.empty())
    invalid(place, json::string(place.text()), problem);
}

void Findings::label(const Place& place) { invalid(place, json::string(place.text()), label_problems(place.text())); }

void Findings::label_key(const Place& place) {
  invalid(place, json::string(place.text()), label_key_problems(place.text()));
}

void Findings::labels(const Place& place) {
  if (!place.value().is_object()) return;
  for (const auto& label : place.value().get_object()) {
    invalid(place, json::string(label.key()), label_key_problems(label.key()));
    if (label.value().is_string()) invalid(place, label.value(), label_value_problems(label.value().get_string()));
  }
}

void Findings::label_selector(const Place& place) {
  labels(place["matchLabels"]);
  for (const Place& expression : place["matchExpressions"].items()) {
    Place op = expression["operator"], values = expression["values"];
    if (op.is("In") || op.is("NotIn")) {
      if (values.items().empty()) required(values, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op.is("Exists") || op.is("DoesNotExist")) {
      if (!values.items().empty())
        forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else {
      invalid(op, json::string(op.text()), "not a valid selector operator");
    }
    label_key(expression["key"]);
    for (const Place& value : values.items()) invalid(value, value.value(), label_value_problems(value.text()));
  }
}

void Findings::config_key(const Place& place, std::string_view key) {
  if (std::string problem = config_key_problem(key); !problem.empty()) invalid(place, json::string(key), problem);
}

void Findings::amount(const Place& place, std::string_view resource) {
  auto quantity = Quantity::parse(place.text());
  if (!quantity) return;
  if (quantity->negative()) invalid(place, json::string(quantity->text()), not_negative_text);
  bool counted = resource == "pods" || resource == "services" || resource == "secrets" || resource == "configmaps" ||
                 resource == "persistentvolumeclaims" || resource == "replicationcontrollers" ||
                 resource == "resourcequotas" || resource.starts_with("services.") || resource.starts_with("count/") ||
                 (is_qualified(resource) && !resource.starts_with("requests."));
  if (counted && !quantity->whole()) invalid(place, json::string(quantity->text()), "must be an integer");
}

void Findings::unchanged(const Place& now, const Place& before) {
  if (now.value() != before.value()) invalid(now, "field is immutable");
}

std::string ip_problem(std::string_view text) {
  return is_address(text) ? "" : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
}

std::string cidr_problem(std::string_view text) {
  constexpr std::string_view problem = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
  std::size_t slash = text.find('/');
  if (slash == text.npos || !is_address(text.substr(0, slash))) return std::string(problem);
  std::string_view length = text.substr(slash + 1);
  int most = text.substr(0, slash).find(':') == text.npos ? 32 : 128;
  if (!is_number(length) || length.size() > 3 || std::stoi(std::string(length)) > most) return std::string(problem);
  return {};
}

bool is_strict_subset(std::string_view cidr, std::string_view of) {
  struct Range {
    int family = AF_INET, length = 0;
    unsigned char bytes[16] = {};
  };
  auto range = [](std::string_view text) {
    Range out;
    std::size_t slash = text.find('/');
    std::string address(text.substr(0, slash));
    out.length = std::stoi(std::string(text.substr(slash + 1)));
    if (address.find(':') != address.npos) out.family = AF_INET6;
    ::inet_pton(out.family, address.c_str(), out.bytes);
    return out;
  };
  Range inner = range(cidr), outer = range(of);
  if (inner.family != outer.family || inner.length <= outer.length) return false;
  for (int bit = 0; bit < outer.length; ++bit) {
    int mask = 0x80 >> (bit % 8);
    if ((inner.bytes[bit / 8] & mask) != (outer.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

std::string percent_problem(std::string_view text) {
  if (text.ends_with('%') && is_number(text.substr(0, text.size() - 1))) return {};
  return "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used "
         "for validation is '[0-9]+%')";
}

bool is_qualified(std::string_view resource_name) { return resource_name.find('/') != resource_name.npos; }

bool is_zero(const Place& int_or_percent) {
  std::string_view text = int_or_percent.text();
  if (!text.empty()) return text.find_first_not_of("0%") == text.npos;
  return int_or_percent.number() == 0;
}

}  // namespace fairlead::sandbox
