// How operations of every family read from the API server.
#pragma once

#include <functional>

#include "kube/decode.h"
#include "kube/protobuf_list.h"
#include "ops/operation.h"

namespace fairlead::ops {

// A cluster has far fewer of anything; a server that never ends is stopped.
inline constexpr std::uint64_t kMostObjects = 1'000'000;
inline constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30;

// Streams the protobuf list at `target` and hands each object on as a View, one at a time; the view is valid during the
// call of `each`. `restart` is called before the first object of every attempt: forget what came before. A server that
// sends the list in pages although none were asked for is followed; if a page after the first breaks off, the call
// fails.
template <class View>
awaitable<Result<kube::ListMeta>> read_objects(Call& call, std::string target, std::string kind,
                                               std::function<void()> restart, std::function<void(const View&)> each) {
  View view;
  std::uint64_t objects = 0, bytes = 0, earlier = 0;  // `earlier`: of the pages before this one
  constexpr std::uint64_t kReportEvery = 1000;
  auto on_item = [&](std::string_view object) -> Result<net::Flow> {
    if (++objects > kMostObjects || (bytes += object.size()) > kMostBytes)
      return fail(ErrorCode::server_error, "read the list", "it has more than a million objects or 2 GiB",
                  "Narrow it by namespace or label_selector");
    auto decoded = kube::decode(object, view);
    if (!decoded) return fail(std::move(decoded.error()));
    each(view);
    if (call.progress && objects % kReportEvery == 0)
      call.progress->report(static_cast<double>(objects), std::nullopt, std::to_string(objects) + " objects read");
    return net::Flow::more;
  };
  bool first_page = true, broke_off = false;
  auto on_start = [&] {
    broke_off = !first_page && objects > earlier;
    if (!first_page) return;
    objects = bytes = 0;
    restart();
  };
  std::string page = target, token;
  while (true) {
    kube::ListDecoder::Options options;
    options.kind = kind;
    kube::ProtobufListSink sink(std::move(options), on_item, on_start);
    auto done = co_await call.client.read(page, "application/vnd.kubernetes.protobuf", sink, call.deadline);
    if (!done) co_return fail(std::move(done.error()));
    auto meta = sink.finish();
    if (meta && broke_off)
      co_return fail(ErrorCode::unreachable, "read the list", "a later page of it broke off and came twice",
                     "Try again");
    if (!meta || meta->continue_token.empty()) co_return meta;
    if ((objects == earlier && !first_page) || meta->continue_token == token)
      co_return fail(ErrorCode::server_error, "read the list",
                     "its pages do not end: one was empty, or led to itself, and yet there should be more",
                     "Try again; if it stays so, look at the API server and at proxies on the way");
    first_page = false;
    earlier = objects;
    token = meta->continue_token;
    page = target;
    kube::add_query(page, "continue", meta->continue_token);
  }
}

// For a list that came back empty: a note when the namespace that was asked for does not exist.
awaitable<std::vector<std::string>> explain_empty(Call& call, std::size_t rows);

// One object of that kind as JSON, just as the server sent it: redact::object() before it is shown.
awaitable<Result<json::value>> read_object(Call& call, std::string target, std::string kind);

// server_error unless it is an object of that kind: a change must not be planned on anything else.
Result<void> expect_kind(const json::value& object, std::string_view kind, std::string_view step);

// Events of one object, the 50 newest first, equal ones together: [{type, reason, message, count, last_seen}]. A note
// when there are more; when the server refuses, nothing and a note.
awaitable<std::optional<json::array>> read_events(Call& call, std::string ns, std::string kind, std::string name,
                                                  std::string* note);

// The same as short lines for readers: "Warning BackOff x5 (3m ago): Back-off restarting failed container".
json::array event_lines(const json::array& events, std::int64_t now);

}  // namespace fairlead::ops
