#include "cli/books.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gate/lease.h"
#include "runtimes/book.h"

namespace fairlead::cli {
namespace {

constexpr std::size_t kPolicyBytes = 1 << 20;

std::string audit_trouble(const std::string& directory) {
  return "the audit log in " + directory + " could not be written";
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

Result<std::unique_ptr<Books>> Books::open(World& world, const BooksOption& option) {
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
  auto database = open_database(world, option.data,
                                [instance, entered = books->has_entered_](store::Session& session) -> Result<void> {
                                  return entered->load() ? gate::renew_lease(session, instance) : Result<void>();
                                });
  if (!database) return fail(std::move(database.error()));
  books->database_ = std::move(*database);
  books->audit_ = std::make_unique<gate::AuditLog>(*books->database_);
  gate::Journal::Enter enter;
  if (books->is_shared_)
    enter = [instance, entered = books->has_entered_](store::Session& session) -> Result<void> {
      *entered = true;
      return gate::renew_lease(session, instance);
    };
  else
    enter = [directory = books->directory_, instance,
             entered = std::make_shared<std::unique_ptr<gate::Instance>>()](store::Session&) -> Result<void> {
      if (*entered) return {};
      auto mine = gate::Instance::enter(directory, instance);
      if (!mine) return fail(std::move(mine.error()));
      *entered = std::move(*mine);
      return {};
    };
  // In one transaction, whichever gate makes the change.
  gate::Journal::Begun begun = [audited = gate::record_begun(world.catalog, world.clock)](
                                   store::Session& session, const gate::Change& change) -> Result<void> {
    if (auto noted = runtimes::note_begun(session, change); !noted) return noted;
    return audited(session, change);
  };
  books->journal_ =
      std::make_unique<gate::Journal>(*books->database_, make_vault(world, option.data, books->directory_), instance,
                                      std::move(enter), std::move(begun));
  return books;
}

gate::Books Books::gate_books() {
  gate::Books out;
  out.policy = [this] { return policy_.in_force(); };
  out.journal = journal_.get();
  out.audit = audit_.get();
  out.clock = clock_.get();
  if (is_shared_)
    out.is_alive = gate::holds_lease;
  else
    out.is_alive = [directory = directory_](store::Session&, const std::string& instance) {
      return gate::Instance::is_alive(directory, instance);
    };
  // Called by the database's thread.
  out.audit_failed = [failed = audit_failed_, world = world_, directory = directory_](const Error& error) {
    if (!failed->exchange(true)) note(*world, "warning: " + audit_trouble(directory) + ": " + error.cause);
  };
  return out;
}

net::awaitable<void> Books::close() {
  if (has_entered_->load()) {
    store::Work leave = [instance = instance_](store::Session& session) { return gate::end_lease(session, instance); };
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
