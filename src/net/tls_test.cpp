#include "net/tls.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/test_certificates.h"
#include "net/test_support.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using testing::Authority;
using testing::await_on;
using testing::CertificateWish;
using testing::client_context;
using testing::Identity;
using testing::server_context;

// One direction of a connection in memory, with room for `limit` bytes.
struct Pipe {
  explicit Pipe(Executor executor, std::size_t room) : readable(executor), writable(executor), limit(room) {}
  std::string bytes;
  bool closed = false;
  Event readable, writable;
  std::size_t limit;
};

class PipeStream final : public Stream {
 public:
  PipeStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out) : in_(std::move(in)), out_(std::move(out)) {}
  ~PipeStream() override { close(); }

  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    auto pipe = in_;
    while (pipe->bytes.empty() && !pipe->closed) {
      pipe->readable.reset();
      auto waited = co_await pipe->readable.wait();
      if (!waited) co_return fail(waited.error());
    }
    std::size_t count = std::min({into.size(), piece, pipe->bytes.size()});
    pipe->bytes.copy(into.data(), count);
    pipe->bytes.erase(0, count);
    pipe->writable.set();
    co_return count;
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
    auto pipe = out_;
    while (!bytes.empty()) {
      if (pipe->closed) co_return fail(ErrorCode::unreachable, "write to the connection", "it is closed");
      std::size_t count = std::min(bytes.size(), pipe->limit - pipe->bytes.size());
      pipe->bytes += bytes.substr(0, count);
      bytes.remove_prefix(count);
      pipe->readable.set();
      if (bytes.empty()) break;
      pipe->writable.reset();
      auto waited = co_await pipe->writable.wait();
      if (!waited) co_return fail(waited.error());
    }
    co_return Result<void>{};
  }

  void close() override {
    for (const auto& pipe : {in_, out_}) {
      pipe->closed = true;
      pipe->readable.set();
      pipe->writable.set();
    }
  }

  std::size_t piece = 1 << 20;

 private:
  std::shared_ptr<Pipe> in_, out_;
};

struct Pair {
  std::unique_ptr<PipeStream> client, server;
};

Pair make_pair(Executor executor, std::size_t room = 1 << 20) {
  auto up = std::make_shared<Pipe>(executor, room);
  auto down = std::make_shared<Pipe>(executor, room);
  return {std::make_unique<PipeStream>(down, up), std::make_unique<PipeStream>(up, down)};
}

struct Shaken {
  Result<TlsStream> client = fail(Error{}), server = fail(Error{});
};

awaitable<void> shake_one(std::unique_ptr<Stream> below, std::shared_ptr<const TlsContext> context,
                          Result<TlsStream>* out) {
  *out = co_await tls_handshake(std::move(below), std::move(context));
}

awaitable<Shaken> shake(Executor executor, Pair pair, std::shared_ptr<const TlsContext> client,
                        std::shared_ptr<const TlsContext> server) {
  Shaken shaken;
  TaskGroup group(executor);
  group.spawn(shake_one(std::move(pair.client), std::move(client), &shaken.client));
  group.spawn(shake_one(std::move(pair.server), std::move(server), &shaken.server));
  co_await group.join();
  co_return shaken;
}

class Tls : public ::testing::Test {
 protected:
  Shaken shake_hands(std::shared_ptr<const TlsContext> client, std::shared_ptr<const TlsContext> server,
                     std::size_t room = 1 << 20) {
    return await_on(loop,
                    shake(loop.executor(), make_pair(loop.executor(), room), std::move(client), std::move(server)));
  }
  std::string failure(const Shaken& shaken) { return shaken.client ? "no failure" : shaken.client.error().sentence(); }

  Loop loop;
  Authority authority{"test authority"};
  Authority stranger{"another authority"};
  CertificateWish wish;
};

awaitable<std::string> read_all(Stream* stream, std::size_t size) {
  std::string out;
  std::vector<char> buffer(10'000);
  while (out.size() < size) {
    auto count = co_await stream->read_some(buffer);
    if (!count || *count == 0) break;
    out.append(buffer.data(), *count);
  }
  co_return out;
}

awaitable<bool> exchange_both_ways(Executor executor, Shaken* shaken, std::string text) {
  bool written = true;
  auto send = [&](Stream* stream) -> awaitable<void> {
    auto sent = co_await stream->write(text);
    if (!sent) written = false;
  };
  std::string at_client, at_server;
  auto receive = [&](Stream* stream, std::string* into) -> awaitable<void> {
    *into = co_await read_all(stream, text.size());
  };
  TaskGroup group(executor);
  group.spawn(send(shaken->client->stream.get()));
  group.spawn(send(shaken->server->stream.get()));
  group.spawn(receive(shaken->client->stream.get(), &at_client));
  group.spawn(receive(shaken->server->stream.get(), &at_server));
  co_await group.join();
  co_return written&& at_client == text&& at_server == text;
}

TEST_F(Tls, CarriesBytesBothWaysAtOnce) {
  for (std::size_t room : {2000, 20'000, 1 << 20}) {
    Shaken shaken =
        shake_hands(client_context(authority.certificate_pem()), server_context(authority.issue(wish)), room);
    ASSERT_TRUE(shaken.client) << failure(shaken);
    ASSERT_TRUE(shaken.server);
    EXPECT_TRUE(shaken.server->peer.common_name.empty());
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) text += std::to_string(i) + " ";
    EXPECT_TRUE(await_on(loop, exchange_both_ways(loop.executor(), &shaken, text)));
  }
}

TEST_F(Tls, ServerNamesAndAddresses) {
  auto server = server_context(authority.issue(wish));
  EXPECT_TRUE(shake_hands(client_context(authority.certificate_pem(), "localhost"), server).client);
  EXPECT_TRUE(shake_hands(client_context(authority.certificate_pem(), "127.0.0.1"), server).client);
  EXPECT_EQ(failure(shake_hands(client_context(authority.certificate_pem(), "example.org"), server)),
            "TLS handshake: the server's certificate is not for example.org, but for other names. Use a name "
            "that the certificate "
            "holds as the server's address, or set tls-server-name.");
  Shaken other = shake_hands(client_context(authority.certificate_pem(), "127.0.0.2"), server);
  ASSERT_FALSE(other.client);
  EXPECT_EQ(other.client.error().code, ErrorCode::certificate_invalid);
}

TEST_F(Tls, ACommonNameIsNoServerName) {
  wish.names.clear();
  Shaken shaken =
      shake_hands(client_context(authority.certificate_pem(), "localhost"), server_context(authority.issue(wish)));
  ASSERT_FALSE(shaken.client);
  EXPECT_EQ(shaken.client.error().code, ErrorCode::certificate_invalid);
}

TEST_F(Tls, SaysWhatIsWrongWithTheServersCertificate) {
  EXPECT_EQ(failure(shake_hands(client_context(stranger.certificate_pem()), server_context(authority.issue(wish)))),
            "TLS handshake: the server's certificate was signed by an authority that is not trusted (unable to get "
            "local issuer certificate). "
            "Give the cluster's own CA: --certificate-authority FILE, or certificate-authority in the kubeconfig.");
  wish.valid_until = -60;
  Shaken expired = shake_hands(client_context(authority.certificate_pem()), server_context(authority.issue(wish)));
  EXPECT_EQ(failure(expired).find("TLS handshake: the server's certificate has expired (20"), 0u) << failure(expired);
  ASSERT_FALSE(expired.server);  // it was told by an alert
  EXPECT_EQ(expired.server.error().code, ErrorCode::certificate_invalid);
  wish.valid_until = 7200;
  wish.valid_from = 3600;
  EXPECT_EQ(failure(shake_hands(client_context(authority.certificate_pem()), server_context(authority.issue(wish))))
                .find("TLS handshake: the server's certificate is not valid yet (20"),
            0u);
}

TEST_F(Tls, CanBeToldNotToVerify) {
  ClientTls settings;
  settings.verify = false;
  settings.server_name = "example.org";
  auto context = TlsContext::for_client(settings);
  ASSERT_TRUE(context);
  wish.valid_until = -60;
  EXPECT_TRUE(shake_hands(*context, server_context(stranger.issue(wish))).client);
}

TEST_F(Tls, TheServersOwnCertificateMayStandForTheAuthority) {
  Identity identity = authority.issue(wish);
  EXPECT_TRUE(shake_hands(client_context(identity.certificate_pem), server_context(identity)).client);
}

TEST_F(Tls, NamesTheClient) {
  wish.common_name = "jane";
  wish.organizations = {"system:masters", "dev"};
  wish.names.clear();
  auto server = server_context(authority.issue(CertificateWish{}), authority.certificate_pem());
  Shaken known = shake_hands(client_context(authority.certificate_pem(), "localhost", authority.issue(wish)), server);
  ASSERT_TRUE(known.server);
  EXPECT_EQ(known.server->peer.common_name, "jane");
  EXPECT_EQ(known.server->peer.organizations, (std::vector<std::string>{"system:masters", "dev"}));
}

TEST_F(Tls, AnInvalidClientCertificateIsNoName) {
  wish.common_name = "jane";
  auto server = server_context(authority.issue(CertificateWish{}), authority.certificate_pem());
  Authority same_name("test authority");
  CertificateWish later = wish;
  later.valid_from = 3600;
  later.valid_until = 7200;
  for (const Identity& identity : {stranger.issue(wish), same_name.issue(wish), authority.issue(later), Identity{}}) {
    Shaken shaken = shake_hands(client_context(authority.certificate_pem(), "localhost", identity), server);
    ASSERT_TRUE(shaken.client) << failure(shaken);
    ASSERT_TRUE(shaken.server);
    EXPECT_TRUE(shaken.server->peer.common_name.empty());
    EXPECT_TRUE(shaken.server->peer.organizations.empty());
  }
}

TEST_F(Tls, RefusesUnusableSettings) {
  Identity identity = authority.issue(wish);
  auto refusal = [](const ClientTls& tls) {
    auto context = TlsContext::for_client(tls);
    return context ? "accepted" : std::string(to_string(context.error().code)) + ": " + context.error().sentence();
  };
  ClientTls good;
  good.server_name = "localhost";
  good.ca_pem = authority.certificate_pem();
  good.certificate_pem = identity.certificate_pem;
  good.key_pem = Secret(identity.key_pem);
  EXPECT_EQ(refusal(good), "accepted");

  ClientTls tls = good;
  tls.server_name.clear();
  EXPECT_EQ(refusal(tls),
            "invalid_request: prepare TLS: there is no server name to hold the server's certificate against.");
  // It must not ask for a passphrase on the terminal.
  tls = good;
  tls.ca_pem.insert(tls.ca_pem.find('\n') + 1,
                    "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n");
  EXPECT_EQ(refusal(tls).find("invalid_request: "), 0u) << refusal(tls);
  tls.ca_pem += good.ca_pem;  // what cannot be read hides nothing behind it
  EXPECT_EQ(refusal(tls), "accepted");
  tls = good;
  tls.ca_pem = "rubbish";
  EXPECT_EQ(refusal(tls),
            "invalid_request: load the cluster's certificate authority: it holds no PEM certificate. It must start "
            "with -----BEGIN CERTIFICATE-----.");
  tls = good;
  tls.certificate_pem = "rubbish";
  EXPECT_EQ(refusal(tls),
            "invalid_request: load the client certificate: it holds no PEM certificate. It must start with -----BEGIN "
            "CERTIFICATE-----.");
  tls = good;
  tls.key_pem = Secret("rubbish SECRET");
  EXPECT_EQ(refusal(tls),
            "invalid_request: load the client certificate: its private key cannot be read. The key must be an "
            "unencrypted PEM private key.");
  tls = good;
  tls.key_pem = Secret(authority.issue(wish).key_pem);
  EXPECT_EQ(refusal(tls),
            "certificate_invalid: load the client certificate: the private key does not belong to the certificate. Use "
            "the certificate and key of the same user.");
  tls = good;
  wish.valid_until = -60;
  identity = authority.issue(wish);
  tls.certificate_pem = identity.certificate_pem;
  tls.key_pem = Secret(identity.key_pem);
  EXPECT_EQ(refusal(tls).find("certificate_invalid: load the client certificate: the certificate has expired (20"), 0u)
      << refusal(tls);

  ServerTls server;
  server.certificate_pem = identity.certificate_pem;
  EXPECT_FALSE(TlsContext::for_server(server));
}

TEST_F(Tls, APeerThatDoesNotSpeakTls) {
  for (std::string text : {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"}) {
    Pair pair = make_pair(loop.executor());
    auto context = client_context(authority.certificate_pem());
    auto body = [&]() -> awaitable<Result<TlsStream>> {
      co_await pair.server->write(text);
      co_return co_await tls_handshake(std::move(pair.client), context);
    };
    auto shaken = await_on(loop, body());
    ASSERT_FALSE(shaken);
    EXPECT_EQ(shaken.error().code, ErrorCode::unreachable);
    EXPECT_EQ(shaken.error().sentence(),
              "TLS handshake: the server does not speak TLS. Check the port; if the server is meant to be plain HTTP, "
              "its URL starts with http://.");
  }
}

TEST_F(Tls, AServerTellsPlainHttpToUseHttps) {
  Pair pair = make_pair(loop.executor());
  std::string answer;
  auto context = server_context(authority.issue(wish));
  auto body = [&]() -> awaitable<Result<TlsStream>> {
    co_await pair.client->write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    auto shaken = co_await tls_handshake(std::move(pair.server), context);
    answer = co_await read_all(pair.client.get(), 1 << 20);
    co_return shaken;
  };
  auto shaken = await_on(loop, body());
  ASSERT_FALSE(shaken);
  EXPECT_EQ(shaken.error().sentence(), "TLS handshake: the client does not speak TLS.");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("use https:// instead.\n")) << answer;
}

TEST_F(Tls, ACutInTheStreamIsAnErrorNotItsEnd) {
  Shaken shaken = shake_hands(client_context(authority.certificate_pem()), server_context(authority.issue(wish)));
  ASSERT_TRUE(shaken.client && shaken.server);
  auto body = [&]() -> awaitable<Result<std::size_t>> {
    co_await shaken.server->stream->write("hello");
    shaken.server->stream->close();
    std::vector<char> buffer(100);
    auto first = co_await shaken.client->stream->read_some(buffer);
    EXPECT_TRUE(first && *first == 5);
    co_return co_await shaken.client->stream->read_some(buffer);
  };
  auto end = await_on(loop, body());
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().sentence(), "read from the connection: the connection was cut.");
}

TEST_F(Tls, AWriterThatWasCancelledHalfwayBreaksTheStreamForLaterOnes) {
  Shaken shaken = shake_hands(client_context(authority.certificate_pem()), server_context(authority.issue(wish)), 4000);
  ASSERT_TRUE(shaken.client && shaken.server);
  std::vector<ErrorCode> codes;
  auto write = [&]() -> awaitable<void> {
    auto written = co_await shaken.client->stream->write(std::string(100'000, 'x'));
    codes.push_back(written ? ErrorCode::internal : written.error().code);
  };
  auto body = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    auto id = group.spawn(write());
    co_await sleep_for(milliseconds(5));
    group.cancel(id);
    co_await group.join();
    group.spawn(write());
    co_await group.join();
  };
  await_on(loop, body());
  EXPECT_EQ(codes, (std::vector<ErrorCode>{ErrorCode::cancelled, ErrorCode::unreachable}));
  EXPECT_FALSE(shaken.client->stream->looks_alive());
}

}  // namespace
}  // namespace fairlead::net
