// The controllers behind access: ClusterRoles that gather the rules of others, and Secrets that hold a ServiceAccount's
// token. Not thread-safe: one loop.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "sandbox/objects.h"
#include "sandbox/service_account_tokens.h"

namespace fairlead::sandbox {

class AccessControllers {
 public:
  // `tokens` may be null: then Secrets stay as they are. `ca_pem` is what they hold beside the token. `wake` is called
  // when there is something for run() to do.
  AccessControllers(Objects& objects, std::shared_ptr<const ServiceAccountTokens> tokens, std::string ca_pem,
                    std::function<void()> wake);
  ~AccessControllers();
  AccessControllers(const AccessControllers&) = delete;
  AccessControllers& operator=(const AccessControllers&) = delete;

  // Does all that is to be done.
  void run();

 private:
  void changed(const Change& change);
  void gather_rules();
  bool gather_rules_once();
  void token_secret(const std::string& namespace_name, const std::string& name);
  void account_gone(const std::string& namespace_name, const std::string& name);

  struct Alive;  // ends the store's observer with this object
  std::shared_ptr<Alive> alive_;
  Objects& objects_;
  const Resource &roles_, &secrets_, &accounts_;
  std::shared_ptr<const ServiceAccountTokens> tokens_;
  std::string ca_pem_;
  std::function<void()> wake_;
  bool roles_changed_ = true;
  using Names = std::set<std::pair<std::string, std::string>>;  // namespace, name
  Names changed_secrets_, gone_accounts_;
};

}  // namespace fairlead::sandbox
