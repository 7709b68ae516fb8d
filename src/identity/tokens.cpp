#include "identity/tokens.h"

#include "base/text.h"
#include "gate/audit.h"
#include "gate/caller_name.h"
#include "identity/token.h"

namespace fairlead::identity {
namespace {

constexpr std::size_t kMostKnown = 10'000, kMostBindings = 50;
constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr std::string_view kColumns = "id, name, digest, bindings, created_by, created, expires, revoked, last_used";

// Roles that cannot be read are none: it lets nobody in, and can be listed and revoked.
TokenRow row_of(const store::Row& row) {
  TokenRow out{row.text(0),    row.text(1),   {}, row.text(4), row.integer(5), row.integer(6),
               row.integer(7), row.integer(8)};
  auto bindings = parse_json(row.text(3), "read the token");
  if (!bindings || !bindings->is_array()) return out;
  for (const auto& one : bindings->get_array()) {
    auto binding = gate::binding_from_json(one);
    if (!binding) {
      out.bindings.clear();
      break;
    }
    out.bindings.push_back(std::move(*binding));
  }
  return out;
}

std::string text_of(const gate::Bindings& bindings) {
  json::array out;
  for (const auto& binding : bindings) out.push_back(gate::to_json(binding));
  return compact(out);
}

Result<void> insert(store::Session& session, const TokenRow& row, const std::string& digest) {
  auto added = session.execute("INSERT INTO tokens (" + std::string(kColumns) + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                               {row.id, row.name, digest, text_of(row.bindings), row.created_by, row.created,
                                row.expires, row.revoked, row.last_used});
  if (!added) return fail(std::move(added.error()));
  return {};
}

Result<void> audit(store::Session& session, std::string word, const TokenRow& row, std::string by,
                   std::int64_t milliseconds) {
  gate::AuditRecord record;
  record.time = milliseconds;
  record.who = std::move(by);
  record.operation = std::move(word);
  record.arguments = json::object{{"token", row.name}, {"id", row.id}};
  json::array roles;
  for (const auto& binding : row.bindings) roles.push_back(json::value(gate::to_string(binding)));
  record.arguments["roles"] = std::move(roles);
  if (row.expires) record.arguments["expires"] = format_rfc3339(row.expires);
  record.outcome = "done";
  return gate::append_record(session, std::move(record));
}

Result<std::optional<store::Row>> find(store::Session& session, const std::string& id_or_name) {
  auto rows = session.query("SELECT " + std::string(kColumns) + " FROM tokens WHERE id = ? OR name = ?",
                            {id_or_name, id_or_name});
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty()) return std::nullopt;
  return std::move(rows->front());
}

tl::unexpected<Error> no_token(const std::string& name) {
  return fail(ErrorCode::not_found, "find the token",
              "there is no token '" + escape_untrusted(name, Newlines::escape) + "'",
              "'fairlead tokens list' shows them all");
}

Result<NewToken> made(std::string name, gate::Bindings bindings, std::int64_t created, std::int64_t expires,
                      std::string by) {
  auto text = make_token();
  if (!text) return fail(std::move(text.error()));
  NewToken out;
  out.row = {std::move(text->id), std::move(name), std::move(bindings), std::move(by), created, expires, 0, 0};
  out.text = std::move(text->text);
  return out;
}

}  // namespace

json::object to_json(const TokenRow& row) {
  json::array roles;
  for (const auto& binding : row.bindings) roles.push_back(gate::to_json(binding));
  const auto time = [](std::int64_t at) { return at ? json::value(format_rfc3339(at)) : json::value(nullptr); };
  return {{"id", row.id},
          {"name", row.name},
          {"roles", std::move(roles)},
          {"created", time(row.created)},
          {"created_by", row.created_by},
          {"expires", time(row.expires)},
          {"revoked", time(row.revoked)},
          {"last_used", time(row.last_used)}};
}

gate::Identity identity_of(const TokenRow& row) {
  gate::Identity out;
  out.name = "api:" + row.name;
  out.bindings = row.bindings;
  return out;
}

awaitable<Result<NewToken>> Tokens::create(std::string name, gate::Bindings bindings, std::int64_t expires,
                                           std::string by, Deadline deadline) {
  const auto refuse = [](std::string cause, std::string remedy) {
    return fail(ErrorCode::invalid_request, "make the token", std::move(cause), std::move(remedy));
  };
  const std::int64_t now = clock_.unix_seconds();
  if (!gate::is_caller_name(name))
    co_return refuse("its name is wrong",
                     "Lower-case letters, digits, '.', '_' and '-', at most 63, such as ci-deployer");
  if (bindings.empty()) co_return refuse("it has no role", "Give it one, such as viewer");
  if (bindings.size() > kMostBindings)
    co_return refuse("it has too many roles", "Name clusters and namespaces together");
  for (const auto& binding : bindings)
    if (auto good = gate::check_binding(binding); !good) co_return fail(std::move(good.error()));
  if (expires != 0 && expires <= now) co_return refuse("it would have expired already", "Give a time to come");
  auto token = made(std::move(name), std::move(bindings), now, expires, by);
  if (!token) co_return fail(std::move(token.error()));
  store::Work work = [row = token->row, digest = token_digest(token->text.reveal()), by,
                      time = clock_.unix_milliseconds()](store::Session& session) -> Result<void> {
    auto there = find(session, row.name);
    if (!there) return fail(std::move(there.error()));
    if (*there)
      return fail(ErrorCode::conflict, "make the token", "there is, or was, a token '" + row.name + "' already",
                  "Choose another name: journal and audit log tell callers apart by it");
    if (auto added = insert(session, row, digest); !added) return added;
    return audit(session, "create_token", row, by, time);
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return token;
}

awaitable<Result<std::optional<NewToken>>> Tokens::first(Deadline deadline) {
  const std::int64_t now = clock_.unix_seconds();
  gate::Bindings bindings{{gate::Role::admin, {}, {}}};
  auto token = made("first-admin", std::move(bindings), now, now + kDay, "fairlead");
  if (!token) co_return fail(std::move(token.error()));
  auto is_first = std::make_shared<bool>(false);
  store::Work work = [row = token->row, digest = token_digest(token->text.reveal()), is_first,
                      time = clock_.unix_milliseconds()](store::Session& session) -> Result<void> {
    *is_first = false;
    auto any = session.query("SELECT 1 FROM tokens LIMIT 1");
    if (!any) return fail(std::move(any.error()));
    if (!any->empty()) return {};
    if (auto added = insert(session, row, digest); !added) return added;
    *is_first = true;
    return audit(session, "create_token", row, "fairlead", time);
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  if (!*is_first) co_return std::nullopt;
  co_return std::move(*token);
}

awaitable<Result<TokenRow>> Tokens::revoke(std::string id_or_name, std::string by, Deadline deadline) {
  auto out = std::make_shared<TokenRow>();
  store::Work work = [out, id_or_name, by = std::move(by), now = clock_.unix_seconds(),
                      time = clock_.unix_milliseconds()](store::Session& session) -> Result<void> {
    auto found = find(session, id_or_name);
    if (!found) return fail(std::move(found.error()));
    if (!*found) return no_token(id_or_name);
    *out = row_of(**found);
    if (out->revoked != 0) return {};
    out->revoked = now;
    auto done = session.execute("UPDATE tokens SET revoked = ? WHERE id = ?", {now, out->id});
    if (!done) return fail(std::move(done.error()));
    return audit(session, "revoke_token", *out, by, time);
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  known_.erase(out->id);
  co_return std::move(*out);
}

awaitable<Result<TokenRow>> Tokens::read(std::string id_or_name, Deadline deadline) {
  auto out = std::make_shared<TokenRow>();
  store::Work work = [out, id_or_name](store::Session& session) -> Result<void> {
    auto found = find(session, id_or_name);
    if (!found) return fail(std::move(found.error()));
    if (!*found) return no_token(id_or_name);
    *out = row_of(**found);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<std::vector<TokenRow>>> Tokens::list(std::string after, std::size_t limit, Deadline deadline) {
  auto out = std::make_shared<std::vector<TokenRow>>();
  store::Work work = [out, after = std::move(after), limit](store::Session& session) -> Result<void> {
    out->clear();
    auto rows = session.query("SELECT " + std::string(kColumns) + " FROM tokens WHERE name > ? ORDER BY name LIMIT ?",
                              {after, static_cast<std::int64_t>(limit)});
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& row : *rows) out->push_back(row_of(row));
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

void Tokens::note_use(Known& known) {
  const std::int64_t now = clock_.unix_seconds();
  if (now - known.row.last_used < 60) return;
  known.row.last_used = now;
  store::Work work = [id = known.row.id, now](store::Session& session) -> Result<void> {
    auto done = session.execute("UPDATE tokens SET last_used = ? WHERE id = ?", {now, id});
    if (!done) return fail(std::move(done.error()));
    return {};
  };
  database_.post(std::move(work), [](const Error&) {});  // it only informs
}

awaitable<Result<gate::Identity>> Tokens::authenticate(Secret text, Deadline deadline, std::string* whose) {
  const auto id = token_id(text.reveal());
  if (!id) co_return fail(not_let_in());
  const TimePoint now = std::chrono::steady_clock::now();
  if (const auto known = known_.find(*id);
      known == known_.end() || now - known->second.looked > std::chrono::seconds(1)) {
    auto found = std::make_shared<std::optional<Known>>();
    store::Work work = [found, id = *id](store::Session& session) -> Result<void> {
      found->reset();
      auto rows = session.query("SELECT " + std::string(kColumns) + " FROM tokens WHERE id = ?", {id});
      if (!rows) return fail(std::move(rows.error()));
      if (rows->empty()) return {};
      *found = Known{row_of(rows->front()), rows->front().text(2), {}};
      return {};
    };
    auto looked = co_await database_.read(std::move(work), deadline);
    if (!looked) co_return fail(std::move(looked.error()));
    known_.erase(*id);
    if (!*found) co_return fail(not_let_in());
    if (known_.size() >= kMostKnown) known_.clear();
    (*found)->looked = now;
    known_.emplace(*id, std::move(**found));
  }
  const auto known = known_.find(*id);  // others may have come and gone while the database was asked
  if (known == known_.end()) co_return fail(not_let_in());
  if (!is_token(known->second.digest, text.reveal())) co_return fail(not_let_in());
  if (!known->second.row.is_good(clock_.unix_seconds()) || known->second.row.bindings.empty()) {
    if (whose) *whose = identity_of(known->second.row).name;
    co_return fail(not_let_in());
  }
  note_use(known->second);
  co_return identity_of(known->second.row);
}

}  // namespace fairlead::identity
