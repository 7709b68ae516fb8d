#include <algorithm>

#include "store/beat.h"
#include "store/postgres_connection.h"
#include "store/worker.h"

namespace fairlead::store {
namespace {

bool is_here(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" || host == "::1" ||
         host.starts_with("127.");
}

Error late(Phase phase, const std::string& step) {
  const auto error = [&](std::string cause, std::string remedy) {
    return Error{ErrorCode::timeout, step, std::move(cause), std::move(remedy), nullptr, {}};
  };
  if (phase == Phase::locked)
    return error("another process holds it", "Look at pg_stat_activity, and end a transaction that was left open");
  if (phase == Phase::opening) return error("it does not answer", "Look whether it runs, and at the way to it");
  return error("it did not answer in time", "Look at pg_stat_activity and the load of its machine");
}

// Beats from its first use on.
class Beating final : public Database {
 public:
  Beating(std::unique_ptr<Database> database, Beat::Connect connect, Work work, Duration every)
      : database_(std::move(database)), beat_(std::move(connect), std::move(work), every) {}
  awaitable<Result<void>> write(Work work, Deadline deadline) override {
    beat_.start();
    return database_->write(std::move(work), deadline);
  }
  awaitable<Result<void>> read(Work work, Deadline deadline) override {
    beat_.start();
    return database_->read(std::move(work), deadline);
  }
  awaitable<Result<void>> flush(Deadline deadline) override { return database_->flush(deadline); }
  bool post(Work work, std::function<void(const Error&)> failed) override {
    beat_.start();
    return database_->post(std::move(work), std::move(failed));
  }

 private:
  std::unique_ptr<Database> database_;
  Beat beat_;  // ends first
};

}  // namespace

Result<PostgresOptions> read_postgres_url(const Secret& url, const Environment& environment) {
  auto library = Libpq::load();
  if (!library) return fail(std::move(library.error()));
  char* message = nullptr;  // quotes what it does not understand, a password too
  const std::string text(url.reveal());
  PQconninfoOption* options = (*library)->conninfo_parse(text.c_str(), &message);
  if (message) (*library)->free_memory(message);
  if (!options)
    return fail(ErrorCode::invalid_request, "use PostgreSQL", "the database's URL cannot be read",
                "Write it such as postgres://USER@HOST:5432/NAME?sslmode=verify-full, special characters of a password "
                "as %40");
  PostgresOptions out;
  const auto find = [&](std::string_view name) {
    return std::find_if(out.parameters.begin(), out.parameters.end(),
                        [&](const auto& one) { return one.first == name; });
  };
  for (const PQconninfoOption* option = options; option->keyword; ++option)
    if (option->val && *option->val) out.parameters.emplace_back(option->keyword, Secret(option->val));
  (*library)->conninfo_free(options);
  const auto text_of = [&](std::string_view name, std::string_view variable) {
    const auto found = find(name);
    return found != out.parameters.end() ? std::string(found->second.reveal())
                                         : environment(variable).value_or(std::string());
  };
  const auto otherwise = [&](std::string_view name, std::string_view value) {
    if (find(name) == out.parameters.end()) out.parameters.emplace_back(name, Secret(std::string(value)));
  };
  const std::string host = text_of("host", "PGHOST"), address = text_of("hostaddr", "PGHOSTADDR");
  if (text_of("sslmode", "PGSSLMODE").empty() && !(is_here(host) && is_here(address))) otherwise("sslmode", "require");
  otherwise("client_encoding", "UTF8");
  otherwise("application_name", "fairlead");
  otherwise("connect_timeout", "5");
  otherwise("keepalives_idle", "10");
  otherwise("keepalives_interval", "5");
  otherwise("keepalives_count", "3");
  otherwise("tcp_user_timeout", "20000");
  const std::string name = text_of("dbname", "PGDATABASE");
  out.step =
      "use the database" + (name.empty() ? "" : " " + name) +
      (host.empty() && address.empty() ? " of this machine's PostgreSQL" : " at " + (host.empty() ? address : host));
  return out;
}

std::unique_ptr<Database> open_postgres(PostgresOptions options) {
  WorkerOptions worker;
  worker.step = options.step;
  worker.busy_timeout = options.busy_timeout;
  worker.backlog = options.backlog;
  worker.late = [step = options.step](Phase phase) { return late(phase, step); };
  Work beat = options.beat;
  const Duration every = options.beat_every;
  worker.connect =
      [options = std::make_shared<const PostgresOptions>(std::move(options))]() -> Result<std::unique_ptr<Connection>> {
    auto opened = PostgresConnection::open(options);
    if (!opened) return fail(std::move(opened.error()));
    return std::unique_ptr<Connection>(std::move(*opened));
  };
  if (!beat) return work_through(std::move(worker));
  Beat::Connect connect = worker.connect;
  return std::make_unique<Beating>(work_through(std::move(worker)), std::move(connect), std::move(beat), every);
}

}  // namespace fairlead::store
