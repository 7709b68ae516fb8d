#include "kube/watch_performer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "kube/decode.h"
#include "kube/json_list.h"
#include "kube/status.h"
#include "kube/watch_events.h"
#include "redact/redact.h"

namespace fairlead::kube {
namespace {

constexpr std::string_view kProtobuf = "application/vnd.kubernetes.protobuf";
constexpr std::size_t kNameLimit = 253;
constexpr std::size_t kUidLimit = 128;
constexpr std::size_t kObjectNodes = 500'000;

tl::unexpected<Error> malformed(std::string cause) {
  return fail(ErrorCode::server_error, "read an object", std::move(cause),
              "Look at the API server, and at proxies on the way to it");
}

// Whether the answer is protobuf; else it is JSON.
Result<bool> is_protobuf(const net::HttpHead& head) {
  const auto type = trim(split(head.header("Content-Type"), ';').front());
  if (equal_ignoring_case(type, kProtobuf)) return true;
  if (equal_ignoring_case(type, "application/json")) return false;
  return fail_with("Content-Type: " + first_words(type, 100), ErrorCode::server_error, "read the answer",
                   "the server answered with content of another type than was asked for",
                   "Check that the address is that of a Kubernetes API server, and that no proxy stands in between");
}

}  // namespace

// What both kinds of answers have in common: when they have been silent for too long.
class WatchPerformer::Sink : public net::BodySink {
 public:
  explicit Sink(WatchPerformer& of) : of_(of), silence_(of.timing_.answer) { heard(); }

  // The moment at which the connection is to be given up.
  Deadline silent_at() const { return silence_ == Duration::max() ? Deadline::never() : Deadline(heard_ + silence_); }
  bool has_begun() const { return begun_.has_value(); }
  Duration lived() const { return begun_ ? std::chrono::steady_clock::now() - *begun_ : Duration{}; }

 protected:
  void heard() { heard_ = std::chrono::steady_clock::now(); }
  void begin() {
    heard();
    begun_ = heard_;
  }

  WatchPerformer& of_;
  Duration silence_;
  TimePoint heard_;
  std::optional<TimePoint> begun_;
};

class WatchPerformer::ListSink final : public Sink {
 public:
  using Sink::Sink;

  Result<void> on_head(const net::HttpHead& head) override {
    begin();
    auto protobuf = is_protobuf(head);
    if (!protobuf) return fail(std::move(protobuf.error()));
    of_.state_.page_begins();
    protobuf_.reset();
    json_.reset();
    if (*protobuf)
      protobuf_.emplace(ListDecoder::Options{}, [this](std::string_view raw) { return on_protobuf(raw); });
    else
      json_.emplace(JsonListDecoder::Options{}, [this](std::string_view text) { return on_json(text); });
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    heard();
    return json_ ? json_->feed(bytes) : protobuf_->feed(bytes);
  }
  Result<ListMeta> finish() {
    if (json_) return json_->finish();
    return protobuf_->finish();
  }

 private:
  Result<net::Flow> on_protobuf(std::string_view raw) {
    auto object = of_.decode_object(raw);
    return take(std::move(object));
  }
  Result<net::Flow> on_json(std::string_view text) {
    auto value = parse_json(text, "read an object", {.nodes = kObjectNodes});
    if (!value) return malformed("it is not JSON, or too much of it");
    auto object = of_.adopt(*value);
    return take(std::move(object));
  }
  Result<net::Flow> take(Result<WatchedPtr> object) {
    if (!object) return fail(std::move(object.error()));
    auto taken = of_.state_.item(std::move(*object));
    if (!taken) return fail(std::move(taken.error()));
    return net::Flow::more;
  }

  std::optional<ListDecoder> protobuf_;
  std::optional<JsonListDecoder> json_;
};

class WatchPerformer::EventSink final : public Sink {
 public:
  using Sink::Sink;

  Result<void> on_head(const net::HttpHead& head) override {
    begin();
    silence_ = Duration::max();  // the server may have nothing to say
    auto protobuf = is_protobuf(head);
    if (!protobuf) return fail(std::move(protobuf.error()));
    const auto format = *protobuf ? WatchEventDecoder::Format::protobuf : WatchEventDecoder::Format::json;
    decoder_.emplace(WatchEventDecoder::Options{.format = format},
                     [this](WatchEvent event) { return on_event(std::move(event)); });
    of_.state_.watch_begins();
    of_.publish({});
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    heard();
    return decoder_->feed(bytes);
  }
  bool ended_between_events() const { return decoder_ && decoder_->between_events(); }
  int retry_after() const { return retry_after_; }

 private:
  Result<net::Flow> on_event(WatchEvent event) {
    auto changes = apply(event);
    if (!changes) return fail(std::move(changes.error()));
    if (!changes->empty()) of_.publish(*changes);
    return of_.stopped_ ? net::Flow::enough : net::Flow::more;
  }

  Result<WatchChanges> apply(WatchEvent& event) {
    if (event.type == WatchEvent::Type::error) return fail(error_of(event));
    if (event.type == WatchEvent::Type::unknown) return malformed("an event is of no known type");
    std::string_view raw;
    if (!event.envelope.empty()) {
      auto envelope = open_envelope(event.envelope);
      if (!envelope) return fail(std::move(envelope.error()));
      raw = envelope->raw;
    }
    if (event.type == WatchEvent::Type::bookmark) return on_bookmark(event, raw);
    if (event.type == WatchEvent::Type::deleted) return on_deletion(event, raw);
    auto object = raw.empty() ? of_.adopt(event.object) : of_.decode_object(raw);
    if (!object) return fail(std::move(object.error()));
    return of_.state_.put(std::move(*object));
  }

  Result<WatchChanges> on_bookmark(const WatchEvent& event, std::string_view raw) {
    silence_ = of_.timing_.silence;  // from now on silence means that something is wrong
    if (raw.empty()) {
      of_.state_.bookmark(text_at(event.object, {"metadata", "resourceVersion"}));
      return WatchChanges{};
    }
    ObjectMeta meta;
    auto decoded = decode(raw, meta);
    if (!decoded) return fail(std::move(decoded.error()));
    of_.state_.bookmark(meta.resource_version);
    return WatchChanges{};
  }

  Result<WatchChanges> on_deletion(const WatchEvent& event, std::string_view raw) {
    ObjectMeta meta;
    if (raw.empty()) {
      meta.ns = text_at(event.object, {"metadata", "namespace"});
      meta.name = text_at(event.object, {"metadata", "name"});
      meta.uid = text_at(event.object, {"metadata", "uid"});
      meta.resource_version = text_at(event.object, {"metadata", "resourceVersion"});
    } else if (auto decoded = decode(raw, meta); !decoded) {
      return fail(std::move(decoded.error()));
    }
    auto identity = of_.identify(meta.ns, meta.name, meta.uid, meta.resource_version);
    if (!identity) return fail(std::move(identity.error()));
    return of_.state_.deleted(identity->key, identity->resource_version);
  }

  // An ERROR event holds a Status.
  Error error_of(const WatchEvent& event) {
    std::string body = event.envelope.empty() ? compact(event.object) : std::string(event.envelope);
    for (const auto& bearer : of_.client_->bearers()) redact::cut_out(body, bearer.reveal());
    net::HttpHead head;
    head.status = 500;
    const std::string step = "watch " + of_.query_.plural;
    Error error = error_from_answer(head, body, step);
    const std::int64_t code = error.status ? integer_at(*error.status, {"code"}) : 0;
    if (code >= 400 && code <= 599) {
      head.status = static_cast<int>(code);
      error = error_from_answer(head, body, step);
    }
    retry_after_ = retry_after_seconds(head, error);
    return error;
  }

  std::optional<WatchEventDecoder> decoder_;
  int retry_after_ = -1;
};

awaitable<void> WatchPerformer::run(std::shared_ptr<WatchPerformer> self) {
  using Kind = WatchState::Step::Kind;
  while (!self->stopped_) {
    Result<void> done;
    switch (self->state_.next().kind) {
      case Kind::list: done = co_await self->list(); break;
      case Kind::watch: done = co_await self->watch(); break;
      case Kind::pause:
        done = co_await net::sleep_for(self->state_.next().pause);
        if (done) self->state_.pause_is_over();
        break;
    }
    if (!done) co_return;  // cancelled: all else is the state's
    self->publish({});
  }
}

// Fails only with cancelled.
awaitable<Result<void>> WatchPerformer::list() {
  const auto step = state_.next();
  std::string target = this->target();
  if (step.limit > 0) add_query(target, "limit", std::to_string(step.limit));
  add_query(target, "continue", step.continue_token);
  ListSink sink(*this);
  int retry_after = -1;
  const Deadline deadline = Deadline::after(timing_.list);
  std::string accepted = accept(false);
  auto read = co_await exchange(std::move(target), std::move(accepted), &sink, deadline, &retry_after);
  auto alive = co_await net::sleep_for(Duration::zero());
  if (!alive || stopped_) co_return fail(ErrorCode::cancelled, "list the objects", "the watch was given up");
  if (!read) {
    failed(std::move(read.error()), Duration{}, retry_after);
    co_return Result<void>{};
  }
  auto meta = sink.finish();
  if (!meta) {
    failed(std::move(meta.error()), Duration{}, -1);
    co_return Result<void>{};
  }
  auto changes = state_.page_ends(*meta);
  if (changes)
    publish(*changes);
  else
    failed(std::move(changes.error()), Duration{}, -1);
  co_return Result<void>{};
}

// Fails only with cancelled.
awaitable<Result<void>> WatchPerformer::watch() {
  const auto step = state_.next();
  std::string target = this->target();
  add_query(target, "watch", "true");
  add_query(target, "allowWatchBookmarks", "true");
  add_query(target, "resourceVersion", step.resource_version);
  add_query(target, "timeoutSeconds", std::to_string(step.watch_for.count()));
  EventSink sink(*this);
  int retry_after = -1;
  const Deadline deadline = Deadline::after(step.watch_for + timing_.grace);
  std::string accepted = accept(true);
  auto read = co_await exchange(std::move(target), std::move(accepted), &sink, deadline, &retry_after);
  auto alive = co_await net::sleep_for(Duration::zero());
  if (!alive || stopped_) co_return fail(ErrorCode::cancelled, "watch the objects", "the watch was given up");
  if (read && sink.ended_between_events()) {
    state_.watch_ends(sink.lived());
    co_return Result<void>{};
  }
  if (read)
    read = fail(ErrorCode::unreachable, "watch " + query_.plural, "the answer ended in the middle of an event",
                "Look at proxies on the way to the API server");
  failed(std::move(read.error()), sink.lived(), std::max(retry_after, sink.retry_after()));
  co_return Result<void>{};
}

// One request; gives up when the sink has heard nothing for too long.
awaitable<Result<void>> WatchPerformer::exchange(std::string target, std::string accept, Sink* sink, Deadline deadline,
                                                 int* retry_after) {
  net::Executor executor = co_await net::current_executor();
  Result<void> result = fail(ErrorCode::cancelled, "watch the objects", "the watch was given up");
  net::Event done(executor);
  net::TaskGroup task(executor);
  auto perform = [](std::shared_ptr<Client> client, std::string what, std::string how, Sink* into, Deadline until,
                    int* after, Result<void>* to, net::Event* end) -> awaitable<void> {
    *to = co_await client->read_once(std::move(what), std::move(how), *into, until, after);
    end->set();
  };
  task.spawn(perform(client_, std::move(target), std::move(accept), sink, deadline, retry_after, &result, &done));
  bool silent = false;
  while (!done.is_set() && !silent) {
    // A look now and then: when it is too long changes with what is heard.
    auto woken = co_await done.wait(sink->silent_at().sooner(Deadline::after(timing_.silence / 3)));
    if (!woken && woken.error().code != ErrorCode::timeout) break;
    silent = !woken && sink->silent_at().passed();
  }
  task.cancel_all();
  co_await task.join();
  if (silent && !result)
    co_return fail(
        ErrorCode::timeout, "watch " + query_.plural,
        sink->has_begun() ? "the connection has been silent for too long" : "the server did not answer in time",
        "Look at the API server, and at proxies on the way to it");
  co_return result;
}

void WatchPerformer::failed(Error error, Duration lived, int retry_after) {
  if (error.code == ErrorCode::cancelled) error.code = ErrorCode::unreachable;  // not by us: the connection was closed
  state_.failed(std::move(error), lived, retry_after);
}

void WatchPerformer::publish(const WatchChanges& changes) {
  if (stopped_) return;
  const bool other = state_.phase() != told_phase_ || state_.problem().has_value() != told_problem_;
  told_phase_ = state_.phase();
  told_problem_ = state_.problem().has_value();
  if (other || !changes.empty()) on_change_(changes, other);
}

// ---- objects

Result<WatchPerformer::Identity> WatchPerformer::identify(std::string_view ns, std::string_view name,
                                                          std::string_view uid,
                                                          std::string_view resource_version) const {
  if (name.empty() || uid.empty() || resource_version.empty())
    return malformed("an object has no name, no uid or no resourceVersion");
  if (name.size() > kNameLimit || ns.size() > kNameLimit || uid.size() > kUidLimit ||
      name.find('/') != std::string_view::npos || ns.find('/') != std::string_view::npos)
    return malformed("an object has a name or a uid that is none");
  if (!query_.ns.empty() && ns != query_.ns) return malformed("an object is of another namespace than was asked for");
  Identity out;
  out.key.reserve(ns.size() + name.size() + 1);
  if (!ns.empty()) out.key.append(ns).append("/");
  out.key.append(name);
  out.uid = uid;
  out.resource_version = resource_version;
  return out;
}

Result<WatchedPtr> WatchPerformer::make(const json::value& object, Identity identity) {
  std::shared_ptr<Watched> made = project_(object);
  made->key = std::move(identity.key);
  made->uid = identity.uid;
  made->resource_version = identity.resource_version;
  return made;
}

Result<WatchedPtr> WatchPerformer::adopt(const json::value& object) {
  auto identity = identify(text_at(object, {"metadata", "namespace"}), text_at(object, {"metadata", "name"}),
                           text_at(object, {"metadata", "uid"}), text_at(object, {"metadata", "resourceVersion"}));
  if (!identity) return fail(std::move(identity.error()));
  if (auto known = state_.known(identity->key, identity->uid, identity->resource_version)) return known;
  return make(object, std::move(*identity));
}

Result<WatchedPtr> WatchPerformer::decode_object(std::string_view raw) {
  ObjectMeta meta;
  auto decoded = decode(raw, meta);
  if (!decoded) return fail(std::move(decoded.error()));
  auto identity = identify(meta.ns, meta.name, meta.uid, meta.resource_version);
  if (!identity) return fail(std::move(identity.error()));
  if (auto known = state_.known(identity->key, identity->uid, identity->resource_version)) return known;
  if (!query_.message) return malformed("it is in protobuf, which was not asked for");
  auto value = read_message(raw, *query_.message);
  if (!value) return fail(std::move(value.error()));
  return make(*value, std::move(*identity));
}

// ---- requests

std::string WatchPerformer::target() const {
  std::string out = ResourcePath{query_.group, query_.version, query_.plural, query_.ns, "", ""}.text();
  add_query(out, "labelSelector", query_.label_selector);
  add_query(out, "fieldSelector", query_.field_selector);
  return out;
}

std::string WatchPerformer::accept(bool watch) const {
  if (!query_.message) return "application/json";
  return std::string(kProtobuf) + (watch ? ";stream=watch" : "") + ",application/json";
}

}  // namespace fairlead::kube
