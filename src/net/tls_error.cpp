#include "net/tls_error.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "base/text.h"

namespace fairlead::net {
namespace {

constexpr std::string_view kNewCredentials = "Get new credentials for this user";

std::string reason_text(unsigned long code) {
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "TLS protocol error";
}

bool is_no_tls(int reason) {
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_BAD_PACKET_LENGTH:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_UNEXPECTED_RECORD: return true;
    default: return false;
  }
}

// The names that a certificate is for, as many as a person can read.
std::string names_in(const X509* certificate) {
  std::string out;
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  const int count = sk_GENERAL_NAME_num(names);
  for (int i = 0; i < count && out.size() < 200; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    std::string text;
    if (name->type == GEN_DNS) {
      text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                  static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      char buffer[INET6_ADDRSTRLEN] = {};
      int length = ASN1_STRING_length(name->d.iPAddress);
      if (length == 4 || length == 16)
        ::inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress), buffer, sizeof buffer);
      text = buffer;
    }
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text.substr(0, 100);
  }
  GENERAL_NAMES_free(names);
  return out;
}

std::string dated(std::string text, const ASN1_TIME* time) {
  std::string when = time ? certificate_time(time) : "";
  return when.empty() ? text : text + " (" + when + ")";
}

}  // namespace

std::string certificate_time(const ASN1_TIME* time) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return {};
  return format_rfc3339(::timegm(&broken_down));
}

Error tls_error(std::string step, TlsPhase phase, bool server) {
  unsigned long code = ERR_get_error();
  ERR_clear_error();
  Error error{ErrorCode::unreachable, std::move(step), reason_text(code), "", nullptr};
  const int reason = ERR_GET_REASON(code);
  if (phase == TlsPhase::handshake && is_no_tls(reason)) {
    error.cause = server ? "the client does not speak TLS" : "the server does not speak TLS";
    if (!server) error.remedy = "Check the port; if the server is meant to be plain HTTP, its URL starts with http://";
    return error;
  }
  if (reason < SSL_AD_REASON_OFFSET) return error;
  error.cause = "the other side ended the TLS connection (" + reason_text(code) + ")";
  switch (reason - SSL_AD_REASON_OFFSET) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
      error.code = ErrorCode::certificate_invalid;
      error.cause = "the other side refused our certificate (" + reason_text(code) + ")";
      error.remedy = kNewCredentials;
      break;
    case TLS13_AD_CERTIFICATE_REQUIRED:
      error.code = ErrorCode::certificate_invalid;
      error.cause = "the other side wants a client certificate";
      error.remedy = kNewCredentials;
      break;
    case SSL_AD_UNRECOGNIZED_NAME: error.remedy = "Check the server's name, or set tls-server-name"; break;
    case SSL_AD_PROTOCOL_VERSION: error.remedy = "The server must speak TLS 1.2 or newer"; break;
    default: break;
  }
  return error;
}

Error untrusted_server(std::string step, int verify_error, const std::string& expected, const X509* certificate) {
  Error error{ErrorCode::certificate_invalid, std::move(step), "", "", nullptr};
  const std::string text = X509_verify_cert_error_string(verify_error);
  switch (verify_error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: {
      std::string names = certificate ? names_in(certificate) : "";
      error.cause = "the server's certificate is not for " + expected + (names.empty() ? "" : ", but for other names");
      error.foreign = std::move(names);
      error.remedy = "Use a name that the certificate holds as the server's address, or set tls-server-name";
      break;
    }
    case X509_V_ERR_CERT_HAS_EXPIRED:
      error.cause =
          dated("the server's certificate has expired", certificate ? X509_get0_notAfter(certificate) : nullptr);
      error.remedy = "Renew the server's certificate, and check this machine's clock";
      break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      error.cause =
          dated("the server's certificate is not valid yet", certificate ? X509_get0_notBefore(certificate) : nullptr);
      error.remedy = "Check this machine's clock";
      break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      error.cause = "the server's certificate was signed by an authority that is not trusted (" + text + ")";
      error.remedy =
          "Give the cluster's own CA: --certificate-authority FILE, or certificate-authority in the kubeconfig";
      break;
    default:
      error.cause = "the server's certificate was not accepted (" + text + ")";
      error.remedy = "Renew the server's certificate, or give the cluster's own CA (certificate-authority)";
      break;
  }
  return error;
}

}  // namespace fairlead::net
