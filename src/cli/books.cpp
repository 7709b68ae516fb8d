#include "cli/books.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fairlead::cli {
namespace {

constexpr std::size_t kPolicyBytes = 1 << 20;

}  // namespace

std::string account_name() {
  passwd entry{}, *found = nullptr;
  std::vector<char> room(16 << 10);
  const uid_t account = ::geteuid();
  if (::getpwuid_r(account, &entry, room.data(), room.size(), &found) == 0 && found && *found->pw_name)
    return found->pw_name;
  return std::to_string(account);
}

void BooksOption::add_to(CLI::App& app, const std::string& data_flags) {
  data.add_to(app, data_flags);
  app.add_option("--policy", policy,
                 "Policy file (else FAIRLEAD_POLICY, else policy.yaml of the data directory, else the built-in one)")
      ->check(CLI::Validator(refuse_value, "FILE"));
}

Result<gate::Policy> read_policy(const World& world, const BooksOption& option) {
  std::string path = option.policy;
  if (path.empty()) path = world.environment("FAIRLEAD_POLICY").value_or("");
  if (path.empty()) {
    auto directory = option.data.directory(world);
    if (!directory) return fail(std::move(directory.error()));
    path = *directory + "/policy.yaml";
    struct stat seen {};
    if (::lstat(path.c_str(), &seen) != 0 && (errno == ENOENT || errno == ENOTDIR)) return gate::Policy::built_in();
  }
  auto text = read_file(path, "read the policy", kPolicyBytes);
  if (!text) return fail(std::move(text.error()));
  auto policy = gate::Policy::parse(*text);
  if (!policy) {
    policy.error().step = "read the policy " + path;
    return fail(std::move(policy.error()));
  }
  if (auto known = policy->check_operations(world.catalog); !known) return fail(std::move(known.error()));
  return policy;
}

Result<std::unique_ptr<Books>> Books::open(World& world, const BooksOption& option) {
  auto directory = option.data.directory(world);
  if (!directory) return fail(std::move(directory.error()));
  auto policy = read_policy(world, option);
  if (!policy) return fail(std::move(policy.error()));
  std::unique_ptr<Books> books(new Books());
  books->world_ = &world;
  books->directory_ = std::move(*directory);
  books->policy_ = std::move(*policy);
  books->clock_ = world.clock;
  books->database_ = open_database(books->directory_);
  books->audit_ = std::make_unique<gate::AuditLog>(*books->database_);
  const std::string instance = fmt::format("{:016x}{:016x}", world.random(), world.random());
  gate::Journal::Prepare prepare;
  prepare.key = [directory = books->directory_, environment = world.environment] {
    return vault::Sealer::from(environment, directory + "/vault.key");
  };
  prepare.enter = [directory = books->directory_, instance,
                   entered = std::make_shared<std::unique_ptr<gate::Instance>>()]() -> Result<void> {
    if (*entered) return {};
    auto mine = gate::Instance::enter(directory, instance);
    if (!mine) return fail(std::move(mine.error()));
    *entered = std::move(*mine);
    return {};
  };
  books->journal_ =
      std::make_unique<gate::Journal>(*books->database_, std::move(prepare), instance, gate::record_begun(world.clock));
  return books;
}

gate::Books Books::gate_books() {
  gate::Books out;
  out.policy = policy_;
  out.journal = journal_.get();
  out.audit = audit_.get();
  out.clock = clock_.get();
  out.is_alive = [directory = directory_](const std::string& instance) {
    return gate::Instance::is_alive(directory, instance);
  };
  // Said once, and by the thread of the faces.
  out.audit_failed = [failed = audit_failed_](const Error&) { failed->store(true); };
  return out;
}

net::awaitable<void> Books::close() {
  auto flushed = co_await database_->flush(Deadline::after(std::chrono::seconds(2)));
  // Whoever is interrupted waits no longer; the database's own end does, for a moment.
  if (!flushed && flushed.error().code == ErrorCode::cancelled) co_return;
  if (!flushed || audit_failed_->load())
    note(*world_, "warning: the audit log in " + directory_ + " could not be written" +
                      (flushed ? "" : ": " + flushed.error().cause));
}

}  // namespace fairlead::cli
