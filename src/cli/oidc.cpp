#include "cli/oidc.h"

#include "redact/redact.h"

namespace fairlead::cli {

void OidcOption::add_to(CLI::App& app) {
  app.add_option("--oidc", file, "Let in tokens of an identity provider, as this file says (else FAIRLEAD_OIDC)")
      ->check(CLI::Validator(refuse_value, "FILE"));
}

Result<std::unique_ptr<identity::Oidc>> OidcOption::open(World& world, net::Executor executor,
                                                         store::Database& database) const {
  const std::string path = file.empty() ? world.environment("FAIRLEAD_OIDC").value_or("") : file;
  if (path.empty()) return nullptr;
  auto config = identity::read_oidc_config(path);
  if (!config) return fail(std::move(config.error()));
  auto warn = [&world](const std::string& text) { note(world, "warning: " + redact::text(text)); };
  return std::make_unique<identity::Oidc>(std::move(executor), std::move(*config), world.environment, std::move(warn),
                                          database, *world.clock);
}

net::awaitable<Result<void>> ask_provider(identity::Oidc* oidc) {
  if (!oidc) co_return Result<void>{};
  auto asked = co_await oidc->start(Deadline::after(std::chrono::seconds(5)));
  if (asked || asked.error().code == ErrorCode::timeout) co_return Result<void>{};
  if (asked.error().code == ErrorCode::invalid_request || asked.error().code == ErrorCode::cancelled)
    co_return fail(std::move(asked.error()));
  co_return Result<void>{};  // what is wrong was said by its warning
}

}  // namespace fairlead::cli
