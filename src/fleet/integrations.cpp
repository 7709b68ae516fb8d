#include "fleet/integrations.h"

#include <fmt/format.h>

#include "base/text.h"
#include "fleet/connect.h"
#include "gate/audit.h"
#include "gate/caller_name.h"
#include "vault/envelope.h"

namespace fairlead::fleet {
namespace {

constexpr std::string_view kStep = "check the integration";
constexpr std::string_view kProvider = "kubernetes";
constexpr std::string_view kColumns =
    "agent, fields, validation, created, updated, version, credential_version, credential";
constexpr std::string_view kOne = " WHERE agent = ? AND provider = 'kubernetes'";

// The context is pinned by it: nobody puts another one beside the kubeconfig without the key.
std::string sealed_for(const Integration& row) {
  return fmt::format("integration {} of {} of {} credential {} context {}", kProvider, row.agent,
                     row.created_milliseconds, row.credential_version, row.context);
}

Result<void> check_agent(const std::string& agent) {
  if (gate::is_caller_name(agent)) return {};
  return fail(ErrorCode::invalid_request, std::string(kStep), "the agent's name is wrong",
              "Lower-case letters, digits, '.', '_' and '-', at most 63, as its API token is called");
}

Result<void> record(store::Session& session, std::string word, const std::string& agent, std::string by,
                    std::int64_t milliseconds, json::array fields = {}) {
  gate::AuditRecord record;
  record.time = milliseconds;
  record.who = std::move(by);
  record.operation = std::move(word);
  record.arguments = json::object{{"agent", agent}, {"provider", kProvider}};
  if (!fields.empty()) record.arguments["fields"] = std::move(fields);
  record.outcome = "done";
  return gate::append_record(session, std::move(record));
}

struct Stored {
  Integration row;
  std::string envelope;
};

Stored stored_of(const store::Row& row) {
  Stored out;
  out.row.agent = row.text(0);
  // What is damaged is taken for nothing: the context is bound to the envelope, which does not open then.
  if (auto fields = parse_json(row.text(1), "read the integration")) out.row.context = text_at(*fields, {"context"});
  if (auto test = parse_json(row.text(2), "read the integration"))
    out.row.validation = {flag_at(*test, {"ok"}), std::string(text_at(*test, {"message"})),
                          integer_at(*test, {"time"})};
  out.row.created_milliseconds = row.integer(3);
  out.row.updated = row.integer(4);
  out.row.version = row.integer(5);
  out.row.credential_version = row.integer(6);
  out.envelope = row.bytes(7);
  return out;
}

std::string fields_text(const Integration& row) { return compact(json::object{{"context", row.context}}); }
std::string validation_text(const LastTest& test) {
  return compact(json::object{{"ok", test.ok}, {"message", test.message}, {"time", test.time}});
}

Result<std::optional<Stored>> find(store::Session& session, const std::string& agent) {
  auto rows = session.query(fmt::format("SELECT {} FROM integrations{}", kColumns, kOne), {agent});
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty()) return std::nullopt;
  return stored_of(rows->front());
}

tl::unexpected<Error> none(const std::string& agent) {
  return fail(ErrorCode::not_found, "find the integration",
              "agent '" + escape_untrusted(agent, Newlines::escape) + "' has no kubeconfig here",
              "'fairlead integrations set' gives it one; 'fairlead integrations list' shows those that have one");
}

Result<Stored> load(store::Session& session, const std::string& agent) {
  auto found = find(session, agent);
  if (!found) return fail(std::move(found.error()));
  if (!*found) return none(agent);
  return std::move(**found);
}

Result<void> check_etag(const Integration& row, const std::optional<std::string>& wanted) {
  if (!wanted || *wanted == row.etag()) return {};
  return fail(ErrorCode::conflict, "change the integration", "it was changed since it was read",
              "Look at it, and make the change again");
}

Result<Secret> open(vault::Vault& vault, store::Session& session, vault::Use use, const Stored& stored) {
  auto sealer = vault.sealer(session, use);
  if (!sealer) return fail(std::move(sealer.error()));
  auto opened = vault::open_envelope(**sealer, stored.envelope, sealed_for(stored.row));
  if (!opened) opened.error().step = "decrypt the kubeconfig of agent " + stored.row.agent;
  return opened;
}

Result<void> check_text(const Secret& text, const std::string& context, bool allow_link_local) {
  if (text.reveal().size() > kMostKubeconfig)
    return fail(ErrorCode::invalid_request, std::string(kStep),
                fmt::format("the kubeconfig has more than the {} KiB that an environment variable can hold",
                            kMostKubeconfig >> 10),
                "Give the agent its own cluster alone: 'kubectl config view --minify --flatten --raw'");
  if (text.reveal().find('\0') != std::string_view::npos)
    return fail(ErrorCode::invalid_request, std::string(kStep), "the kubeconfig holds a NUL character", "Remove it");
  return check_whole_kubeconfig(text, context, allow_link_local);
}

// What was asked to be put.
struct Wanted {
  std::string context;
  Secret kubeconfig;  // empty: the one that is kept
  json::array fields;
};

Result<Wanted> read_fields(const json::object& fields) {
  auto valid = ops::Arguments::validate(fields, integration_parameters(), kStep);
  if (!valid) return fail(std::move(valid.error()));
  Wanted out;
  out.context = valid->text("context");
  if (const json::value* value = valid->value("kubeconfig")) {
    out.kubeconfig = Secret(value->is_string() ? std::string(value->get_string()) : compact(*value));
    if (trim(out.kubeconfig.reveal()).empty())
      return fail(ErrorCode::invalid_request, std::string(kStep), "kubeconfig: it is empty",
                  "Give the file's content, YAML or JSON, or leave it out to keep the one that is stored");
  }
  if (out.context.find('\0') != std::string::npos)
    return fail(ErrorCode::invalid_request, std::string(kStep), "context: it holds a NUL character", "Remove it");
  for (const auto& [name, value] : fields) out.fields.push_back(json::value(name));
  return out;
}

}  // namespace

std::string Integration::etag() const { return fmt::format("{}-{}", created_milliseconds, version); }

const std::vector<ops::Parameter>& integration_parameters() {
  static const std::vector<ops::Parameter> all{
      {.name = "kubeconfig",
       .type = ops::ParameterType::document,
       .meaning =
           "A kubeconfig's content, YAML or JSON; stored encrypted and never shown (left out: the one that is kept)",
       .secret = true},
      {.name = "context", .meaning = "Which of its contexts the agent uses (default: its current one)"}};
  return all;
}

json::object shown(const Integration& row) {
  json::array variables{json::value("KUBECONFIG_CONTENTS")};
  if (!row.context.empty()) variables.push_back(json::value("KUBECONFIG_CONTEXT"));
  return {{"agent", row.agent},
          {"provider", kProvider},
          {"context", row.context},
          {"variables", std::move(variables)},
          {"last_validation", json::object{{"status", row.validation.ok ? "ok" : "failed"},
                                           {"message", row.validation.message},
                                           {"time", format_rfc3339(row.validation.time)}}},
          {"created", format_rfc3339(row.created_milliseconds / 1000)},
          {"updated", format_rfc3339(row.updated)},
          {"version", row.version}};
}

std::vector<std::pair<std::string_view, Secret>> AgentEnvironment::variables() const {
  std::vector<std::pair<std::string_view, Secret>> out;
  out.emplace_back("KUBECONFIG_CONTENTS", contents);
  if (!context.empty()) out.emplace_back("KUBECONFIG_CONTEXT", Secret(context));
  return out;
}

Integrations::Integrations(store::Database& database, std::shared_ptr<vault::Vault> vault, const Clock& clock)
    : database_(database), vault_(std::move(vault)), clock_(clock) {}

awaitable<Result<Integrations::Put>> Integrations::put(std::string agent, json::object fields, bool allow_link_local,
                                                       std::optional<std::string> if_etag, std::string by,
                                                       Deadline deadline) {
  if (auto good = check_agent(agent); !good) co_return fail(std::move(good.error()));
  auto wanted = read_fields(fields);
  if (!wanted) co_return fail(std::move(wanted.error()));
  auto out = std::make_shared<Put>();
  store::Work work = [out, agent, wanted = std::move(*wanted), allow_link_local, if_etag = std::move(if_etag), by,
                      now = clock_.unix_milliseconds(), vault = vault_](store::Session& session) -> Result<void> {
    auto found = find(session, agent);
    if (!found) return fail(std::move(found.error()));
    std::optional<Stored>& before = *found;
    if (!before && (if_etag || wanted.kubeconfig.empty())) return none(agent);
    Integration row;
    if (before) {
      if (auto same = check_etag(before->row, if_etag); !same) return same;
      row = before->row;
      ++row.version;
      // Never used twice, so that nothing that was sealed before can be put back.
      ++row.credential_version;
    } else {
      row.agent = agent;
      row.created_milliseconds = now;
    }
    Secret kubeconfig = wanted.kubeconfig;
    if (kubeconfig.empty()) {
      auto kept = open(*vault, session, vault::Use::write, *before);
      if (!kept) return fail(std::move(kept.error()));
      kubeconfig = std::move(*kept);
    }
    if (auto good = check_text(kubeconfig, wanted.context, allow_link_local); !good) return good;
    row.context = wanted.context;
    row.updated = now / 1000;
    row.validation = {true, std::string(kStoredMessage), now / 1000};
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    auto envelope = vault::seal_envelope(**sealer, kubeconfig, sealed_for(row));
    if (!envelope) return fail(std::move(envelope.error()));
    store::Value credential = store::Blob{std::move(*envelope)};
    Result<std::uint64_t> done =
        before
            ? session.execute(
                  fmt::format("UPDATE integrations SET fields = ?, validation = ?, updated = ?, version = ?, "
                              "credential_version = ?, credential = ?{}",
                              kOne),
                  {fields_text(row), validation_text(row.validation), row.updated, row.version, row.credential_version,
                   std::move(credential), agent})
            : session.execute(
                  fmt::format("INSERT INTO integrations ({}, provider) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", kColumns),
                  {agent, fields_text(row), validation_text(row.validation), row.created_milliseconds, row.updated,
                   row.version, row.credential_version, std::move(credential), std::string(kProvider)});
    if (!done) return fail(std::move(done.error()));
    *out = {std::move(row), !before};
    return record(session, "set_integration", agent, by, now, wanted.fields);
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<void>> Integrations::remove(std::string agent, std::optional<std::string> if_etag, std::string by,
                                             Deadline deadline) {
  store::Work work = [agent = std::move(agent), if_etag = std::move(if_etag), by = std::move(by),
                      now = clock_.unix_milliseconds()](store::Session& session) -> Result<void> {
    auto stored = load(session, agent);
    if (!stored) return fail(std::move(stored.error()));
    if (auto same = check_etag(stored->row, if_etag); !same) return same;
    auto removed = session.execute(fmt::format("DELETE FROM integrations{}", kOne), {agent});
    if (!removed) return fail(std::move(removed.error()));
    return record(session, "remove_integration", agent, by, now);
  };
  co_return co_await database_.write(std::move(work), deadline);
}

awaitable<Result<Integration>> Integrations::test(std::string agent, bool allow_link_local, std::string by,
                                                  Deadline deadline) {
  auto out = std::make_shared<Integration>();
  store::Work work = [out, agent = std::move(agent), allow_link_local, by = std::move(by), vault = vault_,
                      now = clock_.unix_milliseconds()](store::Session& session) -> Result<void> {
    auto stored = load(session, agent);
    if (!stored) return fail(std::move(stored.error()));
    auto kubeconfig = open(*vault, session, vault::Use::write, *stored);
    if (!kubeconfig) return fail(std::move(kubeconfig.error()));
    Integration& row = stored->row;
    auto good = check_text(*kubeconfig, row.context, allow_link_local);
    row.validation = {good.has_value(), good ? std::string(kStoredMessage) : good.error().sentence(), now / 1000};
    ++row.version;
    auto kept = session.execute(fmt::format("UPDATE integrations SET validation = ?, version = ?{}", kOne),
                                {validation_text(row.validation), row.version, agent});
    if (!kept) return fail(std::move(kept.error()));
    *out = std::move(row);
    return record(session, "test_integration", agent, by, now);
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<AgentEnvironment>> Integrations::environment(std::string agent, std::string by, Deadline deadline) {
  auto out = std::make_shared<AgentEnvironment>();
  store::Work work = [out, agent = std::move(agent), by = std::move(by), vault = vault_,
                      now = clock_.unix_milliseconds()](store::Session& session) -> Result<void> {
    auto stored = load(session, agent);
    if (!stored) return fail(std::move(stored.error()));
    auto kubeconfig = open(*vault, session, vault::Use::write, *stored);
    if (!kubeconfig) return fail(std::move(kubeconfig.error()));
    *out = {std::move(*kubeconfig), std::move(stored->row.context)};
    return record(session, "give_integration", agent, by, now);
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<Integration>> Integrations::read(std::string agent, Deadline deadline) {
  auto out = std::make_shared<Integration>();
  store::Work work = [out, agent = std::move(agent)](store::Session& session) -> Result<void> {
    auto stored = load(session, agent);
    if (!stored) return fail(std::move(stored.error()));
    *out = std::move(stored->row);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<std::vector<Integration>>> Integrations::list(std::string after, std::size_t limit,
                                                               Deadline deadline) {
  auto out = std::make_shared<std::vector<Integration>>();
  store::Work work = [out, after = std::move(after), limit](store::Session& session) -> Result<void> {
    out->clear();
    auto rows = session.query(
        fmt::format("SELECT {} FROM integrations WHERE provider = 'kubernetes' AND agent > ? ORDER BY agent LIMIT ?",
                    kColumns),
        {after, static_cast<std::int64_t>(limit)});
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& row : *rows) out->push_back(stored_of(row).row);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<vault::Resealed>> Integrations::reseal(Deadline deadline) {
  auto all = std::make_shared<vault::Resealed>();
  store::Work work = [vault = vault_, all](store::Session& session) -> Result<void> {
    *all = {};
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    auto rows = session.query(fmt::format("SELECT {} FROM integrations WHERE provider = 'kubernetes'", kColumns));
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& one : *rows) {
      const Stored stored = stored_of(one);
      auto sealed = vault::reseal_envelope(**sealer, stored.envelope, sealed_for(stored.row));
      if (!sealed) {
        all->fail("the kubeconfig of agent " + stored.row.agent, sealed.error());
        continue;
      }
      if (*sealed == stored.envelope) continue;
      auto done = session.execute(fmt::format("UPDATE integrations SET credential = ?{}", kOne),
                                  {store::Blob{std::move(*sealed)}, stored.row.agent});
      if (!done) return fail(std::move(done.error()));
      ++all->done;
    }
    return {};
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*all);
}

}  // namespace fairlead::fleet
