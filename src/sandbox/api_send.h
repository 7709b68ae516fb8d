// Internal to the API: sending whole answers.
#pragma once

#include "sandbox/api.h"

namespace fairlead::sandbox {

std::vector<net::HttpHeader> common_headers(std::string_view content_type);
Answer error_answer(const StatusError& error, Format format);
void add_warnings(const Call& call, std::vector<net::HttpHeader>* headers);
net::awaitable<void> send_answer(net::ResponseWriter* writer, Answer answer);
net::awaitable<void> send_error(net::ResponseWriter* writer, StatusError error, Format format);

}  // namespace fairlead::sandbox
