// A Kubernetes API server in this process, with a little cluster behind it: for trying Fairlead out, for practice, and
// for tests. Real clients work against it, over TLS, with a kubeconfig that it writes. Everything is in memory and ends
// with it. Not thread-safe: use on the executor's thread.
//
//   auto sandbox = Sandbox::start(loop.executor(), {.pods = 200}, clock);
//   (*sandbox)->write_kubeconfig("sandbox.kubeconfig");
//   loop.run();
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "net/task.h"

namespace fairlead::sandbox {

struct SandboxOptions {
  int nodes = 3;                      // 1 to 5,000
  int pods = 25;                      // 0 to 200,000; as many as that, whatever the nodes could bear
  std::string address = "127.0.0.1";  // to listen on
  std::uint16_t port = 0;             // 0: one that is free
  std::uint64_t seed = 1;             // names, uids, addresses and logs follow from it; keys and tokens never do
  std::string server_name;            // what clients call it, when that is not the address
  std::string scenario;               // an incident (sandbox/scenario.h) that it has lived through; empty: none
  double speed = 1;                   // sandbox seconds a real second, 0 to 1,000
};

class Sandbox {
 public:
  // Builds the cluster and listens; it answers when this returns and the executor runs. Its time starts with `clock`.
  // invalid_request, not_found (no such scenario), or unreachable when the port is taken.
  static Result<std::unique_ptr<Sandbox>> start(net::Executor executor, SandboxOptions options, const Clock& clock);
  ~Sandbox();  // closes every connection
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // https://127.0.0.1:6443
  const std::string& ca_pem() const;
  Secret token() const;  // of the user in the context sandbox-token
  // Contexts: sandbox (a client certificate of system:masters), sandbox-token (an administrator too) and sandbox-viewer
  // (a ServiceAccount that may read all but Secrets, for a year); CA, certificate, key and tokens inline.
  Secret kubeconfig() const;
  // Mode 0600, whole or not at all; replaces a file only if a sandbox wrote it. invalid_request, permission_denied,
  // not_found, internal.
  Result<void> write_kubeconfig(const std::string& path) const;

  // Lets that much of its time go by at once: everything that becomes due in it is done in order before this returns.
  void advance(std::chrono::milliseconds time);

  void close();  // idempotent

 private:
  Sandbox() = default;
  struct State;
  struct Parts;
  std::shared_ptr<State> state_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fairlead::sandbox
