#include "sandbox/certificates.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "net/tls.h"

namespace fairlead::sandbox {
namespace {

std::shared_ptr<X509> read(const std::string& pem) {
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  std::shared_ptr<X509> out(PEM_read_bio_X509(in, nullptr, nullptr, nullptr), X509_free);
  BIO_free(in);
  return out;
}

TEST(Certificates, FormAChainThatTlsTakes) {
  std::int64_t now = std::time(nullptr);
  auto authority = make_authority({"test-ca", {}, {}, now});
  ASSERT_TRUE(authority);
  auto server = make_certificate(*authority, {"server", {}, {"127.0.0.1", "localhost", "::1"}, now});
  auto client = make_certificate(*authority, {"admin", {"system:masters", "ops"}, {}, now});
  ASSERT_TRUE(server && client);
  auto ca = read(authority->certificate_pem), first = read(server->certificate_pem),
       second = read(client->certificate_pem);
  ASSERT_TRUE(ca && first && second);
  EVP_PKEY* key = X509_get0_pubkey(ca.get());
  EXPECT_EQ(X509_verify(first.get(), key), 1);
  EXPECT_EQ(X509_verify(second.get(), key), 1);
  EXPECT_EQ(X509_check_ca(ca.get()), 1);
  EXPECT_EQ(X509_check_ca(first.get()), 0);
  EXPECT_EQ(X509_check_ip_asc(first.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_host(first.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(first.get(), "example.com", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_purpose(first.get(), X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_purpose(second.get(), X509_PURPOSE_SSL_CLIENT, 0), 1);
  EXPECT_EQ(X509_check_purpose(second.get(), X509_PURPOSE_SSL_SERVER, 0), 0);
  char* subject = X509_NAME_oneline(X509_get_subject_name(second.get()), nullptr, 0);
  EXPECT_STREQ(subject, "/O=system:masters/O=ops/CN=admin");
  OPENSSL_free(subject);

  net::ServerTls tls{server->certificate_pem, server->key_pem, authority->certificate_pem};
  EXPECT_TRUE(net::TlsContext::for_server(tls));
  net::ClientTls other{authority->certificate_pem, client->certificate_pem, client->key_pem, "127.0.0.1"};
  EXPECT_TRUE(net::TlsContext::for_client(other));
}

TEST(Certificates, AreNeverTheSameTwice) {
  auto first = make_authority({"ca", {}, {}, 1'700'000'000}), second = make_authority({"ca", {}, {}, 1'700'000'000});
  EXPECT_NE(first->certificate_pem, second->certificate_pem);
  auto token = random_token(32);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 64u);
  EXPECT_NE(*token, *random_token(32));
}

}  // namespace
}  // namespace fairlead::sandbox
