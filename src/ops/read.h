// How operations of every family read from the API server.
#pragma once

#include <functional>

#include "kube/decode.h"
#include "kube/protobuf_list.h"
#include "ops/operation.h"

namespace fairlead::ops {

// Streams the protobuf list at `target` and hands each object on as a View, one at a time; the view is valid during the
// call of `each`. `restart` is called before the first object of every attempt: forget what came before.
template <class View>
awaitable<Result<kube::ListMeta>> read_objects(Call& call, std::string target, std::string kind, std::function<void()> restart,
                                               std::function<void(const View&)> each) {
  View view;
  auto on_item = [&view, &each](std::string_view object) -> Result<net::Flow> {
    auto decoded = kube::decode(object, view);
    if (!decoded) return fail(std::move(decoded.error()));
    each(view);
    return net::Flow::more;
  };
  kube::ListDecoder::Options options;
  options.kind = std::move(kind);
  kube::ProtobufListSink sink(std::move(options), on_item, std::move(restart));
  auto done = co_await call.client.read(std::move(target), "application/vnd.kubernetes.protobuf", sink, call.deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return sink.finish();
}

// For a list that came back empty: a note when the namespace that was asked for does not exist.
awaitable<std::vector<std::string>> explain_empty(Call& call, std::size_t rows);

// One object as JSON, freed of credentials and of managedFields (ops/redact.h).
awaitable<Result<json::value>> read_object(Call& call, std::string target);

// Events of one object, newest first, equal ones together: [{type, reason, message, count, last_seen}].
// What was read so far when the server refuses: an empty list with a reason in `note`.
awaitable<json::array> read_events(Call& call, std::string ns, std::string kind, std::string name, std::string* note);

// The same as short lines for readers: "Warning BackOff x5 (3m ago): Back-off restarting failed container".
json::array event_lines(const json::array& events, std::int64_t now);

}  // namespace fairlead::ops
