// The configuration's file, read anew when it changes.
#include <fmt/format.h>
#include <sys/stat.h>

#include "identity/oidc.h"
#include "ops/explain.h"

namespace fairlead::identity {
namespace {

constexpr Duration kLook = std::chrono::seconds(2), kPatience = std::chrono::seconds(5),
                   kAgain = std::chrono::seconds(10);

// Another text whenever the file may hold something else: it was written, or another one has taken its place.
std::string state_of(const std::string& path) {
  struct stat at {};
  if (path.empty() || ::stat(path.c_str(), &at) != 0) return "none;";
  return fmt::format("{} {} {} {}.{} {}.{};", at.st_dev, at.st_ino, at.st_size, at.st_mtim.tv_sec, at.st_mtim.tv_nsec,
                     at.st_ctim.tv_sec, at.st_ctim.tv_nsec);
}

}  // namespace

std::string Oidc::look_at_files() const { return state_of(config_->file) + state_of(config_->ca_file); }

awaitable<void> Oidc::keep_up() {
  while (true) {
    auto slept = co_await net::sleep_for(kLook);
    if (!slept) co_return;
    keys_->look_ahead();
    if (config_->file.empty()) continue;
    std::string now = look_at_files();
    const bool is_at_rest = now == before_;  // half a file is another configuration
    before_ = now;
    // What was wrong may be right now without that file having changed: its 'ca' may have come.
    const bool is_due = !complaint_.empty() && std::chrono::steady_clock::now() - read_ >= kAgain;
    if (!is_at_rest || (now == looked_ && !is_due)) continue;
    looked_ = std::move(now);
    co_await read_again();
  }
}

awaitable<void> Oidc::read_again() {
  read_ = std::chrono::steady_clock::now();
  auto read = read_oidc_config(config_->file);
  const bool is_same = read && *read == *config_;
  Result<void> done;
  if (!read)
    done = fail(std::move(read.error()));
  else if (!is_same)
    done = co_await adopt(std::move(*read));
  if (!done && done.error().code == ErrorCode::cancelled) co_return;
  std::string complaint = done ? std::string() : ops::explain_in_a_line(done.error());
  if (!done && complaint != complaint_)
    warn_("the OIDC configuration was changed and is not taken; the one that was read before stays in force: " +
          complaint);
  if (done && !is_same) warn_("the OIDC configuration was read anew, and is in force from now on");
  if (is_same && !complaint_.empty()) warn_("the OIDC configuration is again the one that is in force");
  complaint_ = std::move(complaint);
}

awaitable<Result<void>> Oidc::adopt(OidcConfig config) {
  const bool keeps_keys = config.issuer == config_->issuer && config.ca_pem == config_->ca_pem &&
                          config.keys_seconds == config_->keys_seconds &&
                          config.keys_outage_seconds == config_->keys_outage_seconds;
  std::shared_ptr<IssuerKeys> keys = keys_;
  if (!keeps_keys) {
    keys = make_keys(config);
    auto asked = co_await keys->ask(Deadline::after(kPatience));
    // That it is away is no reason, as at the start: whom the file no longer names must not go on.
    if (!asked && (asked.error().code == ErrorCode::invalid_request || asked.error().code == ErrorCode::cancelled)) {
      co_await keys->close();
      co_return fail(std::move(asked.error()));
    }
  }
  config_ = std::make_shared<const OidcConfig>(std::move(config));
  ++epoch_;
  known_.clear();
  const std::shared_ptr<IssuerKeys> before = std::exchange(keys_, keys);
  if (!keeps_keys) co_await before->close();
  co_return Result<void>{};
}

}  // namespace fairlead::identity
