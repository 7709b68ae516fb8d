// What a connection inside the cluster meets: names and addresses of Services and pods, and the small HTTP server that
// every port answers with that a running container declares. Pure functions over the store.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sandbox/objects.h"

namespace fairlead::net {
class RequestParser;
}

namespace fairlead::sandbox {

struct Connection {
  enum class Outcome { answered, refused, timed_out, unknown_name } outcome = Outcome::unknown_name;
  std::string address;                         // what the name stands for; empty when it is unknown
  std::string namespace_name, pod, container;  // who answers
  std::int64_t port = 0;                       // there
};
// As seen from a pod of that namespace: an address, a pod's address, or a Service's name (db, db.shop, db.shop.svc, …).
// A Service is answered by its first ready pod.
Connection connect_inside(const Objects& objects, std::string_view namespace_name, std::string_view host,
                          std::int64_t port);
// To a port of one pod, as kubectl port-forward does.
Connection connect_to_pod(const Objects& objects, const Object& pod, std::int64_t port);

// One connection of that HTTP server, without I/O.
class PodHttpServer {
 public:
  explicit PodHttpServer(Connection connection);
  ~PodHttpServer();
  // The answers to the requests that these bytes complete; after one that cannot be read, or that asks for it, the
  // connection ends().
  std::string feed(std::string_view bytes);
  bool ends() const { return ends_; }

 private:
  Connection connection_;
  std::unique_ptr<net::RequestParser> parser_;
  std::string unread_;
  bool ends_ = false;
};

struct PodAnswer {
  int status = 200;
  std::string content_type, body;
};
PodAnswer pod_answer(const Connection& connection, std::string_view method, std::string_view target);
std::string_view reason_of(int status);

}  // namespace fairlead::sandbox
