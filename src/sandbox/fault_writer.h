// Serves a request under the faults that are set. Not thread-safe: one loop.
#pragma once

#include "net/http_server.h"
#include "sandbox/faults.h"

namespace fairlead::sandbox {

// Calls `handler` unless a fault says otherwise; requests below /sandbox (sandbox/admin.h) never fail on purpose.
net::awaitable<void> serve_with_faults(Faults& faults, net::HttpHandler& handler, net::ServerRequest request,
                                       net::ResponseWriter& writer);

}  // namespace fairlead::sandbox
