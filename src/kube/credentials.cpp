#include "kube/credentials.h"

#include <algorithm>

#include "base/confined_file.h"
#include "base/environment.h"
#include "base/text.h"

namespace fairlead::kube {
namespace {

constexpr std::uint64_t largest_token_file = 1 << 20;

class NoCredentials final : public Credentials {
 public:
  awaitable<Result<Authorization>> get(Deadline) override { co_return Authorization{}; }
};

class TokenCredentials final : public Credentials {
 public:
  explicit TokenCredentials(Secret token) : token_(std::move(token)) {}
  awaitable<Result<Authorization>> get(Deadline) override {
    Authorization out;
    out.bearer = token_;
    co_return out;
  }

 private:
  Secret token_;
};

class TokenFileCredentials final : public Credentials {
 public:
  explicit TokenFileCredentials(TokenFileOptions options) : options_(std::move(options)) {
    if (!options_.clock) options_.clock = std::make_shared<SystemClock>();
  }

  awaitable<Result<Authorization>> get(Deadline) override {
    auto read = refresh();
    if (!read && token_.empty()) co_return fail(std::move(read.error()));
    Authorization out;
    out.bearer = token_;
    co_return out;
  }

  bool rejected() override {
    token_ = Secret();
    return true;
  }

 private:
  Result<void> refresh() {
    const FileVersion version = file_version(options_.path);
    const std::int64_t now = options_.clock->unix_seconds();
    const bool due = now >= read_at_ + options_.reread_seconds || now < read_at_;
    if (!token_.empty() && version == version_ && !due) return {};
    auto token = read();
    if (!token && token_.empty() && !ever_read_ && !options_.otherwise.empty()) {
      token_ = options_.otherwise;  // not remembered as the file's: the next call looks again
      version_ = {};
      read_at_ = 0;
      return {};
    }
    if (!token) return fail(std::move(token.error()));
    token_ = std::move(*token);
    version_ = version;
    read_at_ = now;
    ever_read_ = true;
    return {};
  }

  Result<Secret> read() const {
    const std::string step = "read the token file " + plain_word(options_.path);
    auto refuse = [&](std::string cause, std::string remedy) {
      return fail(ErrorCode::authentication_failed, step, std::move(cause), std::move(remedy));
    };
    auto text = options_.below.empty() ? read_file(options_.path, step, largest_token_file)
                                       : read_file_below(options_.below, options_.path, step, largest_token_file);
    if (!text && text.error().code == ErrorCode::policy_denied) return fail(std::move(text.error()));
    if (!text)
      return fail_with(text.error().foreign, ErrorCode::authentication_failed, step, text.error().cause,
                       text.error().remedy);
    Secret whole(std::move(*text));
    std::string_view token = trim(whole.reveal());
    if (token.empty()) return refuse("it is empty", "Write the bearer token into it");
    if (!is_sendable_token(token))
      return refuse("it holds something that is not a bearer token", "Write the token alone into it, on one line");
    return Secret(std::string(token));
  }

  TokenFileOptions options_;
  Secret token_;
  FileVersion version_;
  std::int64_t read_at_ = 0;
  bool ever_read_ = false;
};

class Impersonating final : public Credentials {
 public:
  Impersonating(std::shared_ptr<Credentials> inner, std::vector<net::HttpHeader> headers)
      : inner_(std::move(inner)), headers_(std::move(headers)) {}

  awaitable<Result<Authorization>> get(Deadline deadline) override {
    auto authorization = co_await inner_->get(deadline);
    if (authorization) authorization->headers.insert(authorization->headers.end(), headers_.begin(), headers_.end());
    co_return authorization;
  }
  bool rejected() override { return inner_->rejected(); }

 private:
  std::shared_ptr<Credentials> inner_;
  std::vector<net::HttpHeader> headers_;
};

}  // namespace

std::shared_ptr<Credentials> no_credentials() { return std::make_shared<NoCredentials>(); }
std::shared_ptr<Credentials> token_credentials(Secret token) {
  return std::make_shared<TokenCredentials>(std::move(token));
}
std::shared_ptr<Credentials> token_file_credentials(TokenFileOptions options) {
  return std::make_shared<TokenFileCredentials>(std::move(options));
}
std::shared_ptr<Credentials> impersonating(std::shared_ptr<Credentials> inner, std::vector<net::HttpHeader> headers) {
  return std::make_shared<Impersonating>(std::move(inner), std::move(headers));
}

bool is_sendable_token(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace fairlead::kube
