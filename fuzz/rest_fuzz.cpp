// Requests of the REST API: any bytes end in a request or an Error, and what was taken is what it says it is. A body
// that is a cluster's fields makes a row that its own fields make again, and nobody is impersonated by a header that
// another one hides in.
#include <cstdint>
#include <cstdlib>

#include "fleet/cluster_row.h"
#include "rest/message.h"

namespace {

using namespace fairlead;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void use_fields(const json::object& fields, std::string_view caller) {
  auto change = fleet::new_cluster(fields);
  if (!change) return;
  const json::object shown = fleet::fields_of(change->row);
  auto again = fleet::row_of(shown);
  require(again.has_value() && fleet::fields_of(*again) == shown);
  require(!shown.contains("token") && !shown.contains("kubeconfig"));
  auto headers = fleet::headers_of(change->row.impersonation, caller);
  if (!headers) return;
  for (const auto& header : *headers) {
    require(header.name.starts_with("Impersonate-"));
    for (const char c : header.name + header.value) require(c >= ' ' && c <= '~');
    require(!header.value.starts_with("system:"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  net::HttpRequest http;
  http.method = take_line(text);
  http.target = take_line(text);
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      http.headers.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))});
  }
  http.body = text;
  auto request = rest::read_head(http);
  if (!request) {
    require(!request.error().cause.empty());
    return 0;
  }
  const auto number = rest::number_of(*request, "limit", 50, 1, 1000);
  if (number) require(*number >= 1 && *number <= 1000);
  if (auto read = rest::read_body(*request, http); !read) {
    require(!read.error().cause.empty());
    return 0;
  }
  use_fields(request->body, http.method);
  return 0;
}
