#include "fleet/known_as.h"

#include <algorithm>

#include "base/text.h"
#include "net/certificates.h"

namespace fairlead::fleet {
namespace {

constexpr std::string_view kAccount = "system:serviceaccount:";

// What a JWT says of its subject; nobody has verified it. Empty: it is none.
std::string subject_of_token(std::string_view token) {
  const auto parts = split(token, '.');
  if (parts.size() != 3) return "";
  std::string claims(parts[1]);
  std::replace(claims.begin(), claims.end(), '-', '+');
  std::replace(claims.begin(), claims.end(), '_', '/');
  while (claims.size() % 4 != 0) claims += '=';
  auto bytes = base64_decode(claims);
  if (!bytes) return "";
  auto document = parse_json(*bytes, "read the token");
  return document ? std::string(text_at(*document, {"sub"})) : "";
}

KnownAs unknown(std::string why) { return {"", false, std::move(why)}; }

}  // namespace

KnownAs name_by_credentials(const kube::Authorization& authorization, std::string_view certificate) {
  for (const auto& header : authorization.headers)
    if (equal_ignoring_case(header.name, "Impersonate-User")) return {header.value, false, ""};
  if (!authorization.certificate_pem.empty()) certificate = authorization.certificate_pem;
  if (!certificate.empty()) {  // which servers look at before a token
    const auto name = net::name_in_certificate(certificate);
    if (!name || name->common_name.empty()) return unknown("the client certificate names nobody (CN)");
    return {name->common_name, false, ""};
  }
  if (authorization.bearer.empty()) return unknown("nothing proves who calls: requests are sent without credentials");
  std::string subject = subject_of_token(trim(authorization.bearer.reveal()));
  // What another issuer calls its subject, the cluster may call something else.
  if (!subject.starts_with(kAccount)) return unknown("its token is not one of a service account");
  return {std::move(subject), false, ""};
}

awaitable<Result<KnownAs>> known_as(kube::Client& client, Deadline deadline) {
  json::object review{{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}};
  auto answer =
      co_await client.send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "", compact(review), deadline);
  if (answer) {
    std::string name(text_at(*answer, {"status", "userInfo", "username"}));
    if (!name.empty()) co_return KnownAs{std::move(name), true, ""};
  } else if (answer.error().code == ErrorCode::authentication_failed || answer.error().code == ErrorCode::timeout) {
    co_return fail(std::move(answer.error()));
  }
  auto authorization = co_await client.connection().credentials->get(deadline);
  if (!authorization) co_return fail(std::move(authorization.error()));
  const auto& connection = client.connection();
  co_return name_by_credentials(*authorization,
                                connection.server.scheme == "https" ? connection.tls.certificate_pem : "");
}

}  // namespace fairlead::fleet
