// How operations of every family read from the API server.
#pragma once

#include <functional>

#include "kube/decode.h"
#include "kube/protobuf_list.h"
#include "ops/operation.h"

namespace fairlead::ops {

// Streams the protobuf list at `target` and hands each object on as bytes that are valid during the call of `each`.
// `restart` is called before the first object of every attempt: forget what came before. A server that sends the list
// in pages although none were asked for is followed; if a page after the first breaks off, the call fails.
awaitable<Result<kube::ListMeta>> read_list(Call& call, std::string target, std::string kind,
                                            std::function<void()> restart,
                                            std::function<Result<void>(std::string_view object)> each);

// The same with each object as a View.
template <class View>
awaitable<Result<kube::ListMeta>> read_objects(Call& call, std::string target, std::string kind,
                                               std::function<void()> restart, std::function<void(const View&)> each) {
  View view;
  auto decode = [&](std::string_view object) -> Result<void> {
    auto decoded = kube::decode(object, view);
    if (!decoded) return fail(std::move(decoded.error()));
    each(view);
    return {};
  };
  co_return co_await read_list(call, std::move(target), std::move(kind), std::move(restart), decode);
}

// Those that there are; what is no name of a namespace, no call can be about.
awaitable<Result<std::vector<std::string>>> read_namespace_names(Call& call);

// A value inside a field selector: RBAC's objects may have a comma in their names.
std::string selector_value(std::string_view text);

// For a list that came back empty: a note when the namespace that was asked for does not exist.
awaitable<std::vector<std::string>> explain_empty(Call& call, std::size_t rows);

// One object of that kind as JSON, just as the server sent it: redact::object() before it is shown.
awaitable<Result<json::value>> read_object(Call& call, std::string target, std::string kind);

// server_error unless it is an object of that kind: a change must not be planned on anything else.
Result<void> expect_kind(const json::value& object, std::string_view kind, std::string_view step);

// Events of one object, the 50 newest first, equal ones together: [{type, reason, message, count, last_seen}]. A note
// when there are more.
awaitable<Result<json::array>> read_events(Call& call, std::string ns, std::string kind, std::string name,
                                           std::string* note);

// The same as short lines for readers: "Warning BackOff x5 (3m ago): Back-off restarting failed container".
json::array event_lines(const json::array& events, std::int64_t now);

// A document with the events of its object under "events": as lines in the brief form, null with a note when they
// cannot be read.
awaitable<Document> with_events(Call& call, json::object brief, json::object whole, std::string ns, std::string kind,
                                std::string name, std::vector<std::string>& notes);

}  // namespace fairlead::ops
