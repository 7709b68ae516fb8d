#include "cli/books.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "gate/lease.h"
#include "runtimes/book.h"
#include "vault/holders.h"

namespace fairlead::cli {
namespace {

constexpr std::size_t kPolicyBytes = 1 << 20;

std::string audit_trouble(const std::string& directory) {
  return "the audit log in " + directory + " could not be written";
}

// "serve on host-a, process 17"
std::string label_of(std::string_view server) {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format("{} on {}, process {}", server.empty() ? "a command" : server, host.data(), ::getpid());
}

// What those that have ended said of their keys.
Result<void> forget_ended(store::Session& session, const gate::Journal::IsAlive& lives) {
  auto all = vault::key_holders(session);
  if (!all) return fail(std::move(all.error()));
  for (const auto& one : *all) {
    auto alive = lives(session, one.instance);
    if (!alive) return fail(std::move(alive.error()));
    if (*alive) continue;
    if (auto gone = vault::forget_keys(session, one.instance); !gone) return gone;
  }
  return {};
}

}  // namespace

std::string account_name() {
  passwd entry{}, *found = nullptr;
  std::vector<char> room(16 << 10);
  const uid_t account = ::geteuid();
  if (::getpwuid_r(account, &entry, room.data(), room.size(), &found) == 0 && found && *found->pw_name)
    return found->pw_name;
  return std::to_string(account);
}

std::string by() { return "cli:" + account_name(); }

void BooksOption::add_to(CLI::App& app, const std::string& data_flags) {
  data.add_to(app, data_flags);
  app.add_option("--policy", policy,
                 "Policy file (else FAIRLEAD_POLICY, else policy.yaml of the data directory, else the built-in one)")
      ->check(CLI::Validator(refuse_value, "FILE"));
}

Result<PolicyFile> PolicyFile::of(const World& world, const BooksOption& option) {
  PolicyFile out(world.catalog);
  out.path_ = option.policy;
  if (out.path_.empty()) out.path_ = world.environment("FAIRLEAD_POLICY").value_or("");
  out.is_optional_ = out.path_.empty();
  if (!out.is_optional_) return out;
  auto directory = option.data.directory(world);
  if (!directory) return fail(std::move(directory.error()));
  out.path_ = *directory + "/policy.yaml";
  return out;
}

Result<gate::Policy> PolicyFile::in_force() {
  const FileVersion version = file_version(path_);
  if (!read_ || version != version_) {
    version_ = version;
    read_ = read();
  }
  return *read_;
}

Result<gate::Policy> PolicyFile::read() {
  struct stat seen {};
  if (is_optional_ && ::lstat(path_.c_str(), &seen) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    if (!was_there_) return gate::Policy::built_in();
    return fail(ErrorCode::policy_denied, "read the policy " + path_, "it was there, and has gone",
                "Put it back; where the built-in policy is wanted, start Fairlead again without it");
  }
  was_there_ = true;
  auto text = read_file(path_, "read the policy", kPolicyBytes);
  if (!text) return fail(std::move(text.error()));
  auto policy = gate::Policy::parse(*text);
  if (!policy) {
    policy.error().step = "read the policy " + path_;
    return fail(std::move(policy.error()));
  }
  if (auto known = policy->check_operations(*catalog_); !known) return fail(std::move(known.error()));
  return policy;
}

gate::Journal::IsAlive is_alive(bool is_shared, const std::string& directory) {
  if (is_shared) return gate::holds_lease;
  return [directory](store::Session&, const std::string& instance) {
    return gate::Instance::is_alive(directory, instance);
  };
}

Result<std::unique_ptr<Books>> Books::open(World& world, const BooksOption& option, std::string_view server) {
  auto directory = option.data.directory(world);
  if (!directory) return fail(std::move(directory.error()));
  auto policy = PolicyFile::of(world, option);
  if (!policy) return fail(std::move(policy.error()));
  if (auto read = policy->in_force(); !read) return fail(std::move(read.error()));
  std::unique_ptr<Books> books(new Books(std::move(*policy)));
  books->world_ = &world;
  books->directory_ = std::move(*directory);
  books->clock_ = world.clock;
  books->data_ = option.data;
  books->is_shared_ = !option.data.database_url(world).empty();
  books->instance_ = fmt::format("{:016x}{:016x}", world.random(), world.random());
  const std::string instance = books->instance_;
  // Whoever lives on says with which keys (vault/holders.h).
  auto holder = [environment = world.environment, path = key_file(books->directory_), is_shared = books->is_shared_,
                 instance, label = label_of(server)] {
    return vault::KeyHolder{instance, label, vault::held_keys(environment, path, !is_shared)};
  };
  gate::Journal::Enter beat = [instance, holder](store::Session& session) -> Result<void> {
    if (auto renewed = gate::renew_lease(session, instance); !renewed) return renewed;
    return vault::tell_keys(session, holder());
  };
  auto database =
      open_database(world, option.data, [beat, entered = books->has_entered_](store::Session& session) -> Result<void> {
        return entered->load() ? beat(session) : Result<void>();
      });
  if (!database) return fail(std::move(database.error()));
  books->database_ = std::move(*database);
  books->audit_ = std::make_unique<gate::AuditLog>(*books->database_);
  const auto lives = is_alive(books->is_shared_, books->directory_);
  if (books->is_shared_)
    books->enter_ = [beat, lives, entered = books->has_entered_](store::Session& session) -> Result<void> {
      *entered = true;
      if (auto told = beat(session); !told) return told;
      return forget_ended(session, lives);
    };
  else
    books->enter_ = [directory = books->directory_, instance, holder, lives, lives_on = !server.empty(),
                     entered =
                         std::make_shared<std::unique_ptr<gate::Instance>>()](store::Session& session) -> Result<void> {
      if (!*entered) {
        auto mine = gate::Instance::enter(directory, instance);
        if (!mine) return fail(std::move(mine.error()));
        *entered = std::move(*mine);
      }
      if (!lives_on) return {};
      if (auto told = vault::tell_keys(session, holder()); !told) return told;
      return forget_ended(session, lives);
    };
  // In one transaction, whichever gate makes the change.
  gate::Journal::Begun begun = [audited = gate::record_begun(world.catalog, world.clock)](
                                   store::Session& session, const gate::Change& change) -> Result<void> {
    if (auto noted = runtimes::note_begun(session, change); !noted) return noted;
    return audited(session, change);
  };
  books->journal_ = std::make_unique<gate::Journal>(
      *books->database_, make_vault(world, option.data, books->directory_), instance, books->enter_, std::move(begun));
  return books;
}

gate::Books Books::gate_books() {
  gate::Books out;
  out.policy = [this] { return policy_.in_force(); };
  out.journal = journal_.get();
  out.audit = audit_.get();
  out.clock = clock_.get();
  out.is_alive = is_alive(is_shared_, directory_);
  // Called by the database's thread.
  out.audit_failed = [failed = audit_failed_, world = world_, directory = directory_](const Error& error) {
    if (!failed->exchange(true)) note(*world, "warning: " + audit_trouble(directory) + ": " + error.cause);
  };
  return out;
}

net::awaitable<Result<void>> Books::enter(Deadline deadline) { return database_->write(enter_, deadline); }

net::awaitable<void> Books::close() {
  if (has_entered_->load()) {
    store::Work leave = [instance = instance_](store::Session& session) -> Result<void> {
      if (auto gone = vault::forget_keys(session, instance); !gone) return gone;
      return gate::end_lease(session, instance);
    };
    database_->post(std::move(leave), [](const Error&) {});  // else it lapses
  }
  auto flushed = co_await database_->flush(Deadline::after(std::chrono::seconds(2)));
  // Whoever is interrupted waits no longer; the database's own end does, for a moment.
  if (!flushed && flushed.error().code == ErrorCode::cancelled) co_return;
  if (!flushed && !audit_failed_->load())
    note(*world_, "warning: " + audit_trouble(directory_) + ": " + flushed.error().cause);
}

net::awaitable<void> settle_now_and_then(gate::Gate& gate) {
  for (Duration pause = std::chrono::seconds(1);; pause = std::chrono::seconds(5)) {
    if (auto slept = co_await net::sleep_for(pause); !slept) co_return;
    auto settled = co_await gate.settle_interrupted(Deadline::after(std::chrono::seconds(30)));
    static_cast<void>(settled);  // what cannot be looked at stays interrupted, and 'changes show' says why
  }
}

}  // namespace fairlead::cli
