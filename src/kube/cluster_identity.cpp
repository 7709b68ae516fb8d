#include "kube/cluster_identity.h"

#include "base/digest.h"

namespace fairlead::kube {

awaitable<Result<ClusterIdentity>> identify(Client& client, Deadline deadline) {
  const Connection& to = client.connection();
  ClusterIdentity out;
  const json::array place{to.server.scheme, to.server.host,      to.server.port, to.server.path,
                          to.tls.ca_pem,    to.tls.trust_system, to.tls.verify,  to.tls.server_name};
  out.place = sha256_hex(compact(place));
  std::string& known = client.known_cluster_uid();
  if (known.empty()) {
    auto read = co_await client.get("/api/v1/namespaces/kube-system", deadline);
    if (read)
      known = text_at(*read, {"metadata", "uid"});
    else if (read.error().code != ErrorCode::not_found && read.error().code != ErrorCode::permission_denied)
      co_return fail(std::move(read.error()));
  }
  out.uid = known;
  co_return out;
}

}  // namespace fairlead::kube
