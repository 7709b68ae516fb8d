// Which server, as whom: what is refused before anything is sent.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/remote.h"
#include "kube/proxy_environment.h"

namespace fairlead::cli {
namespace {

constexpr std::string_view kStep = "reach the server", kApi = "/api/v1";

Result<Secret> read_token(const World& world, const ServerOption& option) {
  std::string text;
  if (option.token_file.empty()) {
    text = world.environment("FAIRLEAD_TOKEN").value_or("");
  } else {
    auto read = read_file(option.token_file, "read --server-token-file", 64 << 10);
    if (!read) return fail(std::move(read.error()));
    text = std::move(*read);
  }
  Secret token{std::string(trim(text))};
  if (token.empty())
    return fail(ErrorCode::authentication_failed, std::string(kStep),
                option.token_file.empty() ? "there is no token for it" : "there is no token in --server-token-file",
                "Give one in FAIRLEAD_TOKEN, or in a file with --server-token-file; 'fairlead tokens create' makes it");
  for (unsigned char c : token.reveal())
    if (c <= ' ' || c >= 0x7f)
      return fail(ErrorCode::invalid_request, std::string(kStep), "the token holds what no token holds",
                  "Give it as 'fairlead tokens create' has printed it, and nothing else");
  return token;
}

Result<net::Url> read_url(const World& world, const ServerOption& option) {
  const std::string text = option.given.empty() ? world.environment("FAIRLEAD_SERVER").value_or("") : option.given;
  auto refuse = [](std::string cause, std::string remedy = "It looks like https://fairlead.example.com:8475") {
    return fail(ErrorCode::invalid_request, "read the URL of --server", std::move(cause), std::move(remedy));
  };
  auto url = net::parse_url(text, "read the URL of --server");
  if (!url) {
    url.error().remedy = "It looks like https://fairlead.example.com:8475";
    return url;
  }
  if (url->scheme != "https" && url->scheme != "http") return refuse("it is neither https nor http");
  if (!url->user_info.empty() || text.find_first_of("?#") != std::string::npos)
    return refuse("it holds more than a host, a port and a path",
                  "Leave the rest out; a token is given in FAIRLEAD_TOKEN or with --server-token-file");
  if (url->scheme == "http" && !kube::is_loopback(url->host))
    return refuse("plain HTTP would send the token in the clear, so it is for this machine alone",
                  "Use https, or a tunnel to the server's port on localhost (ssh -L)");
  while (url->path.ends_with('/')) url->path.pop_back();
  if (url->path.ends_with(kApi)) url->path.resize(url->path.size() - kApi.size());  // as 'fairlead serve' prints it
  while (url->path.ends_with('/')) url->path.pop_back();
  return url;
}

}  // namespace

const std::vector<std::string> kConnectionOptions{"--kubeconfig",
                                                  "--context",
                                                  "--api-server",
                                                  "--token-file",
                                                  "--certificate-authority",
                                                  "--tls-server-name",
                                                  "--insecure-skip-tls-verify"},
    kBooksOptions{"--data-dir", "--database", "--policy", "--allow"}, kFleetOptions{"--kubeconfigs", "--exec-plugins"};

void ServerOption::add_to(CLI::App& app, const std::vector<std::string>& local) {
  for (const auto& name : local)
    if (const CLI::Option* option = app.get_option_no_throw(name)) local_.push_back(option);
  app.add_option("--server", given,
                 "URL of a Fairlead that serves, to be asked instead of working from here (else FAIRLEAD_SERVER); the "
                 "token comes from FAIRLEAD_TOKEN or --server-token-file")
      ->check(CLI::Validator(refuse_value, "URL"));
  app.add_option("--server-token-file", token_file, "File with the token for --server")
      ->check(CLI::Validator(refuse_value, "FILE"));
  app.add_option("--server-ca", authority, "File with the authority of --server, PEM [the system's]")
      ->check(CLI::Validator(refuse_value, "FILE"));
}

bool ServerOption::is_meant(const World& world) const {
  return !given.empty() || !world.environment("FAIRLEAD_SERVER").value_or("").empty();
}

Result<void> ServerOption::check(const World& world) const {
  if (!is_meant(world)) {
    if (token_file.empty() && authority.empty()) return {};
    return fail(ErrorCode::invalid_request, "",
                "--server-token-file and --server-ca are for a server, and none is given", "Give --server URL as well");
  }
  for (const auto* option : local_) {
    if (option->count() == 0) continue;
    const std::string name = "--" + option->get_lnames().front();
    if (!given.empty())
      return fail(ErrorCode::invalid_request, "", name + " is for work from here, and --server works over there",
                  "Leave one of them out");
    return fail(ErrorCode::invalid_request, "", name + " is for work from here, and FAIRLEAD_SERVER names a server",
                "Leave it out, or unset FAIRLEAD_SERVER");
  }
  return {};
}

Result<std::unique_ptr<Remote>> Remote::make(const World& world, const ServerOption& option, net::Executor executor) {
  auto url = read_url(world, option);
  if (!url) return fail(std::move(url.error()));
  auto token = read_token(world, option);
  if (!token) return fail(std::move(token.error()));
  net::HttpOrigin origin;
  origin.host = url->host;
  origin.port = url->port;
  if (!option.authority.empty() && url->scheme != "https")
    return fail(ErrorCode::invalid_request, "", "--server-ca is for https, and the URL says http", "Leave one out");
  if (url->scheme == "https") {
    net::ClientTls tls;
    tls.server_name = url->host;
    if (!option.authority.empty()) {
      auto pem = read_file(option.authority, "read --server-ca", 1 << 20);
      if (!pem) return fail(std::move(pem.error()));
      tls.ca_pem = std::move(*pem);
      if (trim(tls.ca_pem).empty())  // it would mean the system's
        return fail(ErrorCode::invalid_request, "read --server-ca", "there is no certificate in it", "Give it in PEM");
    }
    auto context = net::TlsContext::for_client(tls);
    if (!context) return fail(std::move(context.error()));
    origin.tls = std::move(*context);
  }
  auto proxy = kube::proxy_from_environment(*url, world.environment);
  if (!proxy) return fail(std::move(proxy.error()));
  origin.proxy = std::move(*proxy);
  const std::string host = url->host.find(':') == std::string::npos ? url->host : "[" + url->host + "]";
  std::string shown = fmt::format("{}://{}:{}{}", url->scheme, host, url->port, url->path);
  auto http = std::make_unique<net::HttpClient>(std::move(executor), std::move(origin));
  return std::unique_ptr<Remote>(
      new Remote(std::move(shown), url->path + std::string(kApi), std::move(*token), std::move(http)));
}

}  // namespace fairlead::cli
