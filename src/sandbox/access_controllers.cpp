#include "sandbox/access_controllers.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view token_type = "kubernetes.io/service-account-token";
constexpr std::string_view name_annotation = "kubernetes.io/service-account.name",
                           uid_annotation = "kubernetes.io/service-account.uid";
constexpr int most_rounds = 100;  // of roles that gather from roles that gather

json::array gathered(const Objects& objects, const std::vector<ObjectPtr>& roles, const Object& role,
                     const json::value& value) {
  json::array out;
  for (const json::value& selector : array_at(value, {"aggregationRule", "clusterRoleSelectors"})) {
    LabelSelector wanted = LabelSelector::from_object(selector);
    for (const ObjectPtr& other : roles) {
      if (other->name == role.name || !wanted.matches(labels_of(*other))) continue;
      json::value from = objects.load_brief(*other);
      for (const json::value& rule : array_at(from, {"rules"})) {
        if (std::find(out.begin(), out.end(), rule) == out.end()) out.push_back(rule);
      }
    }
  }
  return out;
}

}  // namespace

struct AccessControllers::Alive {};

AccessControllers::AccessControllers(Objects& objects, std::shared_ptr<const ServiceAccountTokens> tokens,
                                     std::string ca_pem, std::function<void()> wake)
    : alive_(std::make_shared<Alive>()),
      objects_(objects),
      roles_(objects.resources().get("rbac.authorization.k8s.io", "clusterroles")),
      secrets_(objects.resources().get("", "secrets")),
      accounts_(objects.resources().get("", "serviceaccounts")),
      tokens_(std::move(tokens)),
      ca_pem_(std::move(ca_pem)),
      wake_(std::move(wake)) {
  for (const ObjectPtr& secret : objects_.store().list(secrets_, ""))
    changed_secrets_.emplace(secret->namespace_name, secret->name);
  objects_.store().observe([this, alive = std::weak_ptr<Alive>(alive_)](const Change& change) {
    if (alive.lock()) changed(change);
  });
}

AccessControllers::~AccessControllers() = default;

void AccessControllers::changed(const Change& change) {
  const Object& object = *change.object;
  bool deleted = change.type == Change::Type::deleted;
  if (object.resource == &roles_) {
    roles_changed_ = true;
  } else if (object.resource == &secrets_ && !deleted) {
    changed_secrets_.emplace(object.namespace_name, object.name);
  } else if (object.resource == &accounts_ && deleted) {
    gone_accounts_.emplace(object.namespace_name, object.name);
  } else {
    return;
  }
  if (wake_) wake_();
}

void AccessControllers::run() {
  if (std::exchange(roles_changed_, false)) gather_rules();
  while (!gone_accounts_.empty()) {
    auto account = gone_accounts_.extract(gone_accounts_.begin()).value();
    account_gone(account.first, account.second);
  }
  while (!changed_secrets_.empty()) {
    auto secret = changed_secrets_.extract(changed_secrets_.begin()).value();
    token_secret(secret.first, secret.second);
  }
}

void AccessControllers::gather_rules() {
  for (int round = 0; round < most_rounds && gather_rules_once(); ++round) {}
  roles_changed_ = false;
}

// Whether any role has changed by it.
bool AccessControllers::gather_rules_once() {
  bool any = false;
  const std::vector<ObjectPtr> roles = objects_.store().list(roles_, "");
  for (const ObjectPtr& role : roles) {
    if (!wire::at(role->body, {3})) continue;  // without an aggregationRule
    json::value value = objects_.load(*role);
    json::array rules = gathered(objects_, objects_.store().list(roles_, ""), *role, value);
    if (rules == array_at(value, {"rules"})) continue;
    value.get_object()["rules"] = std::move(rules);
    auto updated = objects_.update(role, std::move(value), Part::whole);
    any = any || updated.has_value();
  }
  return any;
}

void AccessControllers::account_gone(const std::string& namespace_name, const std::string& name) {
  for (const ObjectPtr& secret : objects_.store().list(secrets_, namespace_name)) {
    if (field_of(*secret, "type") != token_type) continue;
    json::value value = objects_.load_brief(*secret);
    if (text_at(value, {"metadata", "annotations", name_annotation}) == name)
      changed_secrets_.emplace(namespace_name, secret->name);
  }
}

void AccessControllers::token_secret(const std::string& namespace_name, const std::string& name) {
  ObjectPtr secret = objects_.store().find(secrets_, namespace_name, name);
  if (!secret || !tokens_ || field_of(*secret, "type") != token_type) return;
  json::value value = objects_.load(*secret);
  std::string account_name(text_at(value, {"metadata", "annotations", name_annotation}));
  std::string_view account_uid = text_at(value, {"metadata", "annotations", uid_annotation});
  if (account_name.empty()) return;
  ObjectPtr account = objects_.store().find(accounts_, namespace_name, account_name);
  if (!account || (!account_uid.empty() && account_uid != account->uid)) {
    // Its token is of nobody.
    std::ignore = objects_.remove(secret, DeleteRequest{});
    return;
  }
  bool complete = !account_uid.empty();
  for (std::string_view key : {"ca.crt", "namespace", "token"})
    complete = complete && !text_at(value, {"data", key}).empty();
  if (complete) return;
  json::object& data = object_in(value, {"data"});
  if (text_in(data, "token").empty()) {
    TokenClaims claims;
    claims.of_secret = true;
    claims.namespace_name = namespace_name;
    claims.account = {account->name, account->uid};
    claims.secret = {secret->name, secret->uid};
    auto token = tokens_->sign(claims);
    if (!token) return;
    data["token"] = base64_encode(*token);
  }
  data["ca.crt"] = base64_encode(ca_pem_);
  data["namespace"] = base64_encode(namespace_name);
  object_in(value, {"metadata", "annotations"})[uid_annotation] = account->uid;
  std::ignore = objects_.update(secret, std::move(value), Part::whole);
}

}  // namespace fairlead::sandbox
