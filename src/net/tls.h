// TLS as a sans-IO engine over OpenSSL 3 (TLS 1.2 and newer), used by client and server streams alike.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "net/stream.h"

struct ssl_ctx_st;

namespace fairlead::net {

struct ClientTls {
  std::string ca_pem;           // certificates to trust; empty: the system's
  std::string certificate_pem;  // the client's own chain; empty: none
  Secret key_pem;
  std::string server_name;  // name or IP address to verify, and SNI when it is a name
  bool verify = true;
  bool trust_system = false;  // the system's authorities, too, where ca_pem is given
};

struct ServerTls {
  std::string certificate_pem;
  Secret key_pem;
  std::string client_ca_pem;  // empty: client certificates are not asked for
};

// Who presented a client certificate: CN and the O entries.
struct PeerName {
  std::string common_name;
  std::vector<std::string> organizations;
};

// A parsed configuration, shared by many connections. Immutable and thread-safe.
class TlsContext {
 public:
  // invalid_request when a certificate or key cannot be read or there is no server name to verify, certificate_invalid
  // when a certificate does not belong to its key, or when the client's own has expired.
  static Result<std::shared_ptr<const TlsContext>> for_client(const ClientTls& tls);
  static Result<std::shared_ptr<const TlsContext>> for_server(const ServerTls& tls);
  ~TlsContext();

  ssl_ctx_st* handle() const { return handle_; }
  const std::string& server_name() const { return server_name_; }
  bool verify() const { return verify_; }
  bool server() const { return server_; }

 private:
  TlsContext() = default;
  ssl_ctx_st* handle_ = nullptr;
  std::string server_name_;
  bool verify_ = true;
  bool server_ = false;
};

struct TlsStream {
  std::unique_ptr<Stream> stream;
  PeerName peer;  // server side, when the client showed a certificate that was accepted
};

// Shakes hands over `below`. certificate_invalid names what is wrong with the other side's certificate;
// unreachable when the other side does not speak TLS.
awaitable<Result<TlsStream>> tls_handshake(std::unique_ptr<Stream> below, std::shared_ptr<const TlsContext> context);

}  // namespace fairlead::net
