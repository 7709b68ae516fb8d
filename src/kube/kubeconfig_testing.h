// What the tests of kubeconfigs and credentials share.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <optional>
#include <thread>

#include "base/environment.h"
#include "kube/credentials.h"

namespace fairlead::kube {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "fairlead.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + "/" + name; }
  std::string write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string script(const std::string& name, std::string_view body) const {
    write(name, "#!/bin/sh\n" + std::string(body));
    std::filesystem::permissions(path(name), std::filesystem::perms::owner_all);
    return path(name);
  }

 private:
  std::string path_;
};

using Variables = std::map<std::string, std::string, std::less<>>;

inline Environment variables(Variables values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

inline awaitable<void> keep_authorization(std::shared_ptr<Credentials> credentials, Deadline deadline,
                                          std::optional<Result<Authorization>>* out) {
  Result<Authorization> result = co_await credentials->get(deadline);
  *out = std::move(result);
}

// One loop for all that a test does, on a thread of its own. Must outlive the credentials that are used on it.
class TestLoop {
 public:
  TestLoop()
      : work_(loop_.hold()),
        group_(std::make_unique<net::TaskGroup>(loop_.executor())),
        thread_([this] { loop_.run(); }) {}
  ~TestLoop() {
    loop_.post([this] { group_.reset(); });
    work_.reset();
    thread_.join();
  }

  Result<Authorization> get(std::shared_ptr<Credentials> credentials,
                            Deadline deadline = Deadline::after(std::chrono::seconds(30))) {
    std::promise<Result<Authorization>> promise;
    auto future = promise.get_future();
    loop_.post([&, credentials = std::move(credentials)] { group_->spawn(answer(credentials, deadline, &promise)); });
    return future.get();
  }

  // Waits until nothing is left to do (a run that nobody waits for is being stopped).
  void settle() {
    for (int turns = 0; turns < 10; ++turns) {
      std::promise<void> done;
      loop_.post([&] { done.set_value(); });
      done.get_future().get();
    }
  }

 private:
  static awaitable<void> answer(std::shared_ptr<Credentials> credentials, Deadline deadline,
                                std::promise<Result<Authorization>>* promise) {
    Result<Authorization> result = co_await credentials->get(deadline);
    promise->set_value(std::move(result));
  }

  net::Loop loop_;
  std::shared_ptr<void> work_;
  std::unique_ptr<net::TaskGroup> group_;
  std::thread thread_;
};

}  // namespace fairlead::kube
