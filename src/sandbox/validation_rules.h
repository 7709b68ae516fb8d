// How validations are written: a place in an object that knows its path, the causes found so far, and the rules that
// many kinds share. Internal to the validations. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/admission.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {

// A value somewhere in an object, there or not, and the name of its field. The object must live as long.
class Place {
 public:
  Place(const json::value* value, std::string path)
      : value_(value && !value->is_null() ? value : nullptr), path_(std::move(path)) {}

  Place operator[](std::string_view member) const;  // path.member
  Place operator[](std::initializer_list<std::string_view> members) const;
  Place entry(std::string_view key) const;  // path[key]
  std::vector<Place> items() const;         // path[0], path[1], …
  std::vector<Place> entries() const;       // path[key] of every member

  bool given() const { return value_ != nullptr; }
  bool is(std::string_view text) const {
    return value_ && value_->is_string() && std::string_view(value_->get_string()) == text;
  }
  std::string_view text() const {
    return value_ && value_->is_string() ? std::string_view(value_->get_string()) : std::string_view();
  }
  std::int64_t number(std::int64_t otherwise = 0) const {
    return value_ && value_->is_int64() ? value_->get_int64() : otherwise;
  }
  bool flag() const { return value_ && *value_ == true; }
  const json::value& value() const;
  const std::string& path() const { return path_; }

 private:
  const json::value* value_;
  std::string path_;
};

class Findings {
 public:
  void required(const Place& place, std::string_view detail = "");
  void invalid(const Place& place, std::string_view detail);
  void invalid(const Place& place, const json::value& shown, std::string_view detail);
  void invalid(const Place& place, const json::value& shown, const std::vector<std::string>& details);
  void not_supported(const Place& place, std::initializer_list<std::string_view> supported);
  void forbidden(const Place& place, std::string_view detail);
  void duplicate(const Place& place);
  void not_found(const Place& place);
  void too_long(const Place& place, std::size_t most);
  void add(Cause cause) { causes_.push_back(std::move(cause)); }
  std::size_t size() const { return causes_.size(); }
  std::vector<Cause> take() { return std::move(causes_); }

  // ---- the rules
  // One of those texts; `required` when it is empty and that is not allowed.
  void one_of(const Place& place, std::initializer_list<std::string_view> supported);
  void not_negative(const Place& place);
  void positive(const Place& place);
  void port(const Place& place);  // 1 to 65535
  void port_number_or_name(const Place& place);
  void port_name(const Place& place);
  void subdomain(const Place& place);  // RFC 1123
  void label(const Place& place);
  void label_key(const Place& place);  // of the text that is there
  void labels(const Place& place);     // a map of them
  void label_selector(const Place& place);
  void config_key(const Place& place, std::string_view key);
  // "" or a whole number where the resource is counted; never negative.
  void amount(const Place& place, std::string_view resource);
  void unchanged(const Place& now, const Place& before);  // "field is immutable"

 private:
  std::vector<Cause> causes_;
};

// Texts and how they have to be; empty when they are.
std::string ip_problem(std::string_view text);
std::string cidr_problem(std::string_view text);
bool is_strict_subset(std::string_view cidr, std::string_view of);  // of two that are fine
std::string percent_problem(std::string_view text);
bool is_qualified(std::string_view resource_name);  // has a domain
// Whether a value that may be a number or a percentage is nothing at all.
bool is_zero(const Place& int_or_percent);
std::string quoted_text(std::string_view text);

// An object's own name, as its kind demands.
void check_metadata(const Resource& resource, const json::value& object, const json::value* before, Findings& out);

// ---- the families; `before` is null for a new object
enum class PodUse { pod, pod_template };
void check_pod_spec(const Place& spec, PodUse use, Findings& out);  // validation_pod.cpp
void check_pod_template(const Place& pod_template, Findings& out);
void check_node_selector(const Place& selector, Findings& out);
void check_containers(const Place& spec, Findings& out);  // validation_container.cpp
void check_resources(const Place& resources, Findings& out);
void check_volumes(const Place& volumes, Findings& out);  // validation_volume.cpp
void check_claim_spec(const Place& spec, Findings& out);  // validation_storage.cpp

using Check = void (*)(const Place& object, const Place* before, Findings& out);
Check pod_check(std::string_view kind);       // null for kinds of other families
Check workload_check(std::string_view kind);  // validation_workload.cpp
Check service_check(std::string_view kind);   // validation_service.cpp
Check network_check(std::string_view kind);   // validation_network.cpp
Check storage_check(std::string_view kind);
Check policy_check(std::string_view kind);  // validation_policy.cpp
Check quota_check(std::string_view kind);   // validation_quota.cpp
Check config_check(std::string_view kind);  // validation_config.cpp
Check node_check(std::string_view kind);    // validation_node.cpp

}  // namespace fairlead::sandbox
