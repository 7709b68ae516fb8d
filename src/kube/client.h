// Requests to one Kubernetes API server as one identity.
//
// Reads (GET) are repeated after 429, 5xx and broken connections, after a jittered backoff or a longer Retry-After, as
// long as the deadline allows; writes are sent once, and an error of theirs says so when it is not known what became of
// them. Every answer that is not 2xx comes back as an Error with the Status whole. A 401 makes the credentials be
// fetched afresh and the request be sent once more. Nothing here holds a whole list: read() streams. Use on one
// executor; calls may overlap.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "kube/connection.h"
#include "net/http_client.h"

namespace fairlead::kube {

using net::awaitable;

struct RetryPolicy {
  int attempts = 4;  // in all
  Duration first_wait = std::chrono::milliseconds(200);
  Duration longest_wait = std::chrono::seconds(10);  // of the backoff's own pauses
  Duration longest_ask = std::chrono::minutes(5);    // of a Retry-After where the call has no deadline
  std::function<double()> jitter;                    // in [0, 1)
};

struct Patch {
  static constexpr std::string_view merge = "application/merge-patch+json";
  static constexpr std::string_view strategic = "application/strategic-merge-patch+json";
  static constexpr std::string_view json = "application/json-patch+json";
  static constexpr std::string_view apply = "application/apply-patch+yaml";
};

struct Discovery;

class Client {
 public:
  // `user_agent` names the program to the server's audit log.
  static Result<std::unique_ptr<Client>> make(net::Executor executor, Connection connection, RetryPolicy retry,
                                              std::string user_agent);
  ~Client();

  // Streams the answer to GET `target` ("/api/v1/pods?limit=5") into the sink; its on_head is called for 2xx only, and
  // again for each repetition.
  awaitable<Result<void>> read(std::string target, std::string accept, net::BodySink& sink, Deadline deadline);

  // As read(), but sent once (and once more with fresh credentials after a 401): for answers that must not begin again,
  // such as a watch's. `retry_after` becomes the seconds that a refusal asks for, negative where it does not.
  awaitable<Result<void>> read_once(std::string target, std::string accept, net::BodySink& sink, Deadline deadline,
                                    int* retry_after);

  // A whole JSON document of at most 32 MiB.
  awaitable<Result<json::value>> get(std::string target, Deadline deadline, std::string accept = "application/json");

  // One write with its answer as JSON. An empty content type stands for application/json.
  awaitable<Result<json::value>> send(std::string method, std::string target, std::string content_type,
                                      std::string body, Deadline deadline);

  // A connection to GET `target` that goes on with the protocol that `headers` ask for (kube/remote_command.h). Sent
  // once.
  awaitable<Result<net::Upgraded>> upgrade(std::string target, std::vector<net::HttpHeader> headers, Deadline deadline);

  const Connection& connection() const;
  // Tokens that requests were sent with, at most three: whoever shows an answer takes them out of it.
  const std::vector<Secret>& bearers() const;

  // For kube/discovery.h, which fills it.
  struct KnownDiscovery {
    std::shared_ptr<const Discovery> discovery;
    Deadline until;
  };
  KnownDiscovery& known_discovery();
  std::string& known_cluster_uid();  // for kube/cluster_identity.h

 private:
  Client() = default;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// "/api/v1/namespaces/shop/pods/web-1/log": the core group is "", a cluster-scoped or all-namespaces path has no
// namespace. Each part is percent-encoded.
struct ResourcePath {
  std::string_view group, version, plural;
  std::string_view ns, name, subresource;
  std::string text() const;
};

// Appends "?key=value" or "&key=value" when the value is not empty.
void add_query(std::string& target, std::string_view key, std::string_view value);

}  // namespace fairlead::kube
