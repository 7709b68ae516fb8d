#include "identity/oidc.h"

#include "gate/audit.h"
#include "identity/jwt.h"
#include "identity/token.h"

namespace fairlead::identity {
namespace {

constexpr std::size_t kMostKnown = 10'000;
constexpr std::int64_t kQuiet = 60,  // seconds until the same is said once more
    kReuse = 10;                     // seconds

// The name that the subject has; empty: none.
Result<std::string> name_in(store::Session& session, const std::string& issuer, const std::string& subject) {
  auto rows = session.query("SELECT name FROM oidc_names WHERE issuer = ? AND subject = ?", {issuer, subject});
  if (!rows) return fail(std::move(rows.error()));
  return rows->empty() ? std::string() : rows->front().text(0);
}

Result<bool> is_taken(store::Session& session, const std::string& name) {
  auto rows = session.query("SELECT 1 FROM oidc_names WHERE name = ?", {name});
  if (!rows) return fail(std::move(rows.error()));
  return !rows->empty();
}

Result<void> keep(store::Session& session, const std::string& issuer, const std::string& subject,
                  const std::string& name, std::int64_t milliseconds) {
  auto added = session.execute("INSERT INTO oidc_names (issuer, subject, name, created) VALUES (?, ?, ?, ?)",
                               {issuer, subject, name, milliseconds / 1000});
  if (!added) return fail(std::move(added.error()));
  gate::AuditRecord record;
  record.time = milliseconds;
  record.who = "oidc:" + name;
  record.operation = "first_sign_in";
  record.arguments = json::object{{"issuer", issuer}, {"subject", subject}};
  record.outcome = "done";
  return gate::append_record(session, std::move(record));
}

Error too_many() {
  return {ErrorCode::rate_limited, "authenticate", "too many wrong tokens came from there",
          "Wait a second",         nullptr,        {}};
}

}  // namespace

Oidc::Oidc(net::Executor executor, OidcConfig config, Environment environment,
           std::function<void(const std::string&)> warn, store::Database& database, const Clock& clock)
    : executor_(std::move(executor)),
      environment_(std::move(environment)),
      config_(std::make_shared<const OidcConfig>(std::move(config))),
      warn_(std::move(warn)),
      database_(database),
      clock_(clock),
      keys_(make_keys(*config_)) {}

std::shared_ptr<IssuerKeys> Oidc::make_keys(const OidcConfig& config) const {
  return std::make_shared<IssuerKeys>(executor_, config, environment_, warn_, clock_);
}

tl::unexpected<Error> Oidc::refuse(std::string_view why) {
  const std::int64_t now = clock_.unix_seconds();
  auto [said, is_first] = said_.try_emplace(std::string(why), now);
  if (is_first || now - said->second >= kQuiet || now < said->second) {
    said->second = now;
    warn_("a token of the identity provider let nobody in: " + std::string(why));
  }
  return fail(not_let_in());
}

awaitable<Result<std::string>> Oidc::name_of(std::string issuer, std::string subject, std::string wanted,
                                             Deadline deadline) {
  std::string whole = issuer + "\n" + subject;
  if (const auto known = names_.find(whole); known != names_.end()) co_return known->second;
  auto found = std::make_shared<std::string>();
  auto taken = std::make_shared<bool>(false);
  store::Work look = [=](store::Session& session) -> Result<void> {
    auto name = name_in(session, issuer, subject);
    if (!name) return fail(std::move(name.error()));
    *found = std::move(*name);
    auto other = is_taken(session, wanted);
    if (!other) return fail(std::move(other.error()));
    *taken = *other;
    return {};
  };
  auto looked = co_await database_.read(std::move(look), deadline);
  if (!looked) co_return fail(std::move(looked.error()));
  if (found->empty() && *taken) co_return std::string();
  if (found->empty()) {
    store::Work make = [=, time = clock_.unix_milliseconds()](store::Session& session) -> Result<void> {
      auto name = name_in(session, issuer, subject);  // another one may have come in between
      if (!name) return fail(std::move(name.error()));
      *found = std::move(*name);
      if (!found->empty()) return {};
      auto other = is_taken(session, wanted);
      if (!other) return fail(std::move(other.error()));
      if (*other) return {};
      if (auto kept = keep(session, issuer, subject, wanted, time); !kept) return kept;
      *found = wanted;
      return {};
    };
    auto made = co_await database_.write(std::move(make), deadline);
    if (!made) co_return fail(std::move(made.error()));
    if (found->empty()) co_return std::string();
  }
  if (names_.size() >= kMostKnown) names_.clear();
  names_.insert_or_assign(std::move(whole), *found);
  co_return *found;
}

awaitable<Result<Admitted>> Oidc::authenticate(Secret text, Deadline deadline, std::function<bool()> may_check) {
  if (text.reveal().size() > kLongestJwt) co_return fail(not_let_in());
  const std::shared_ptr<const OidcConfig> config = config_;
  const std::shared_ptr<IssuerKeys> keys = keys_;
  const std::uint64_t epoch = epoch_;
  const std::int64_t now = clock_.unix_seconds();
  std::string digest = token_digest(text.reveal());
  if (const auto known = known_.find(digest); known != known_.end()) {
    const Known& one = known->second;
    if (one.generation == keys->generation() && now >= one.checked && now - one.checked < kReuse &&
        now < one.admitted.expires)
      co_return one.admitted;
    may_check = {};  // whoever has this token can make no others
  }
  if (may_check && !may_check()) co_return fail(too_many());
  auto token = parse_jwt(text.reveal());
  if (!token) co_return fail(not_let_in());
  if (!is_of_issuer(token->claims, *config)) co_return refuse("it is of another issuer");
  if (auto early = check_claims(token->claims, *config, clock_.unix_seconds()); !early)
    co_return refuse(early.error().why);  // whatever becomes of the keys
  auto key = co_await keys->find(*token, deadline);
  if (epoch != epoch_) co_return co_await authenticate(std::move(text), deadline, std::move(may_check));
  if (!key) co_return fail(std::move(key.error()));
  if (!*key) co_return refuse("the provider has no one key for it, by its kid and algorithm");
  // Others have come while the keys were waited for. From here to the answer nobody comes in between.
  if (may_check && !may_check()) co_return fail(too_many());
  const std::int64_t checked = clock_.unix_seconds();
  const std::uint64_t generation = keys->generation();
  if (!verify(*token, **key)) {
    known_.erase(digest);  // the key is another one by now
    co_return refuse("its signature is wrong");
  }
  auto claimed = check_claims(token->claims, *config, checked);
  if (!claimed) co_return refuse(claimed.error().why);
  auto name = co_await name_of(config->issuer, std::move(claimed->subject), std::move(claimed->name), deadline);
  if (epoch != epoch_) co_return co_await authenticate(std::move(text), deadline, std::move(may_check));
  if (!name) co_return fail(std::move(name.error()));
  if (name->empty()) co_return refuse("another subject came with the same name before; 'prefix' tells issuers apart");
  Admitted out;
  out.who.name = "oidc:" + *name;
  out.who.bindings = std::move(claimed->bindings);
  out.expires = claimed->expires;
  if (known_.size() >= kMostKnown) known_.clear();
  known_.insert_or_assign(std::move(digest), Known{out, checked, generation});
  co_return out;
}

}  // namespace fairlead::identity
