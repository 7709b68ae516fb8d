// Tests only: parts of watches, and an API server that lists and watches ConfigMaps as a real one does, until it is
// told to misbehave.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "kube/fake_api.h"
#include "kube/watch.h"

namespace fairlead::kube::testing {

inline WatchedPtr object(std::string key, std::string uid, std::string version) {
  auto out = std::make_shared<Watched>();
  out->key = std::move(key);
  out->uid = std::move(uid);
  out->resource_version = std::move(version);
  return out;
}

inline Error error_of(ErrorCode code) { return {code, "", "for the test"}; }

inline WatchPace pace() {
  WatchPace out;
  out.page = 2;
  return out;
}

// Everything short: what takes a minute takes a moment.
inline WatchTiming quick_timing() {
  using std::chrono::milliseconds;
  WatchTiming out;
  out.pace.first_pause = milliseconds(4);
  out.pace.longest_pause = milliseconds(20);
  out.pace.refused_pause = milliseconds(60);
  out.pace.healthy = milliseconds(20);
  out.pace.page = 2;
  out.answer = milliseconds(250);
  out.silence = milliseconds(150);
  return out;
}

class LittleApi {
 public:
  // Answers instead of the honest server when it returns true.
  using Misbehaviour = std::function<awaitable<bool>(const net::HttpRequest& request, net::ResponseWriter& writer)>;

  LittleApi() : changed_(loop.executor()) {
    auto listening =
        net::HttpServer::listen(loop.executor(), {}, [this](net::ServerRequest request, net::ResponseWriter& writer) {
          return answer(std::move(request.http), &writer);
        });
    server_ = std::move(listening.value());
  }

  std::shared_ptr<Client> client(std::shared_ptr<Credentials> credentials = no_credentials()) {
    Connection connection;
    connection.server = {"http", "", "127.0.0.1", server_->port(), ""};
    connection.credentials = std::move(credentials);
    return Client::make(loop.executor(), std::move(connection), FakeApi::quick(), "fairlead-test").value();
  }

  void put(std::string name, std::string value, std::string uid = "") {
    ++version_;
    const bool known = objects_.contains(name);
    if (uid.empty()) uid = known ? text_at(objects_[name], {"metadata", "uid"}) : "uid-" + std::to_string(version_);
    objects_[name] = json::object{
        {"metadata", {{"namespace", "n"}, {"name", name}, {"uid", uid}, {"resourceVersion", std::to_string(version_)}}},
        {"data", {{"value", value}}}};
    tell(known ? "MODIFIED" : "ADDED", objects_[name]);
  }
  void erase(const std::string& name) {
    ++version_;
    json::value last = objects_[name];
    last.as_object()["metadata"].as_object()["resourceVersion"] = std::to_string(version_);
    objects_.erase(name);
    tell("DELETED", last);
  }
  // A line that watches get, whatever it is.
  void say(std::string line) {
    events_.push_back({version_, std::move(line)});
    changed_.set();
  }
  void bookmark() {
    say(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":")" + std::to_string(version_) + R"("}}})");
  }
  void cut() {
    ++generation_;
    changed_.set();
  }
  void forget_events() {
    events_.clear();
    oldest_ = version_;
  }
  std::string version() const { return std::to_string(version_); }

  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const auto& request : requests) out.push_back(request.target);
    return out;
  }
  std::size_t lists() const { return requests.size() - watches(); }
  std::size_t watches() const {
    std::size_t count = 0;
    for (const auto& request : requests) count += request.target.find("watch=true") != std::string::npos ? 1 : 0;
    return count;
  }

  template <class T>
  T run(awaitable<T> body) {
    return net::testing::await_on(loop, std::move(body));
  }

  net::Loop loop;
  std::vector<net::HttpRequest> requests;
  Misbehaviour misbehave;
  int open_watches = 0;

 private:
  void tell(const char* type, const json::value& object) {
    say(compact(json::object{{"type", type}, {"object", object}}));
  }

  static std::string parameter(std::string_view target, const std::string& name) {
    for (auto pair : split(target.substr(std::min(target.find('?'), target.size() - 1) + 1), '&'))
      if (pair.starts_with(name + "=")) return net::percent_decode(pair.substr(name.size() + 1)).value();
    return "";
  }

  awaitable<void> answer(net::HttpRequest request, net::ResponseWriter* writer) {
    requests.push_back(request);
    if (misbehave) {
      const bool done = co_await misbehave(request, *writer);
      if (done) co_return;
    }
    if (parameter(request.target, "watch") == "true")
      co_await watch(std::move(request.target), writer);
    else
      co_await list(std::move(request.target), writer);
  }

  awaitable<void> list(std::string target, net::ResponseWriter* writer) {
    auto token = parameter(target, "continue");
    auto limit = parameter(target, "limit");
    std::size_t from = 0;
    auto all = objects_;
    auto version = version_;
    if (!token.empty()) {
      version = std::stoull(token);
      from = std::stoull(token.substr(token.find(':') + 1));
      all = snapshots_.at(version);
    }
    const std::size_t most = limit.empty() ? all.size() : std::stoull(limit);
    json::array items;
    std::size_t at = 0;
    for (const auto& [name, object] : all)
      if (at++ >= from && at <= from + most) items.push_back(object);
    json::object metadata{{"resourceVersion", std::to_string(version)}};
    if (from + most < all.size()) {
      metadata["continue"] = std::to_string(version) + ":" + std::to_string(from + most);
      snapshots_[version] = all;
    }
    std::string body = compact(json::object{{"kind", "ConfigMapList"}, {"metadata", metadata}, {"items", items}});
    std::vector<net::HttpHeader> headers{{"Content-Type", "application/json"}};
    auto sent = co_await writer->send(200, std::move(headers), std::move(body));
    (void)sent;
  }

  awaitable<void> watch(std::string target, net::ResponseWriter* writer) {
    std::uint64_t version = std::stoull(parameter(target, "resourceVersion"));
    if (version < oldest_) {
      Answer gone = refusal(410, "Expired", "too old resource version");
      std::vector<net::HttpHeader> headers{{"Content-Type", "application/json"}};
      auto sent = co_await writer->send(410, std::move(headers), std::move(gone.body));
      (void)sent;
      co_return;
    }
    ++open_watches;
    const auto generation = generation_;
    std::vector<net::HttpHeader> headers{{"Content-Type", "application/json"}};
    auto alive = co_await writer->start(200, std::move(headers));
    std::size_t told = 0;
    for (; told < events_.size() && events_[told].first <= version; ++told) continue;
    while (alive && generation == generation_) {
      changed_.reset();
      for (; alive && told < events_.size(); ++told) {
        std::string line = events_[told].second + "\n";
        alive = co_await writer->write(line);
      }
      if (!alive) break;
      auto woken = co_await changed_.wait(net::testing::patience());
      alive = std::move(woken);
    }
    --open_watches;
    writer->abort();
  }

  std::unique_ptr<net::HttpServer> server_;
  net::Event changed_;
  std::map<std::string, json::value> objects_;
  std::map<std::uint64_t, std::map<std::string, json::value>> snapshots_;
  std::vector<std::pair<std::uint64_t, std::string>> events_;
  std::uint64_t version_ = 100, oldest_ = 0;
  int generation_ = 0;
};

struct Value : Watched {
  std::string value;
};

inline Projection<Value> values(std::string name = "value") {
  return {std::move(name), [](const json::value& object) {
            auto out = std::make_shared<Value>();
            out->value = text_at(object, {"data", "value"});
            return out;
          }};
}

inline WatchQuery config_maps(std::string labels = "") {
  WatchQuery query;
  query.version = "v1";
  query.plural = "configmaps";
  query.ns = "n";
  query.label_selector = std::move(labels);
  return query;
}

class WatchTest : public ::testing::Test {
 protected:
  std::unique_ptr<Subscription<Value>> subscribe() { return watches.subscribe<Value>(client, config_maps(), values()); }

  // The next batch with changes: "+a=1" added, "~a=2" changed, "-a" removed.
  std::vector<std::string> changes(Subscription<Value>& of) {
    auto batch = api.run(next(&of));
    if (!batch) return {"error: " + batch.error().sentence()};
    std::vector<std::string> out;
    for (const auto& change : batch->changes)
      out.push_back(!change.after
                        ? "-" + std::string(change.before->name())
                        : (change.before ? "~" : "+") + std::string(change.after->name()) + "=" + change.after->value);
    std::sort(out.begin(), out.end());
    return out;
  }
  static awaitable<Result<WatchBatch<Value>>> next(Subscription<Value>* of) {
    while (true) {
      auto batch = co_await of->next(net::testing::patience());
      if (!batch || !batch->changes.empty() || of->size() == 0) co_return batch;
    }
  }

  // Until that many requests have come.
  awaitable<bool> requested(std::size_t count) {
    for (int i = 0; i < 3000 && api.requests.size() < count; ++i) {
      auto slept = co_await net::sleep_for(std::chrono::milliseconds(1));
      (void)slept;
    }
    co_return api.requests.size() >= count;
  }
  awaitable<bool> open(int count) {
    for (int i = 0; i < 3000 && api.open_watches != count; ++i) {
      auto slept = co_await net::sleep_for(std::chrono::milliseconds(1));
      (void)slept;
    }
    co_return api.open_watches == count;
  }
  awaitable<bool> wait(std::chrono::milliseconds span) {
    auto slept = co_await net::sleep_for(span);
    co_return slept.has_value();
  }

  // From now on: what is asked for nth (from 1), counted over watches alone, is answered with that.
  void answer_watch(int nth, Answer answer) {
    api.misbehave = [this, nth, answer, count = 0](const net::HttpRequest& request,
                                                   net::ResponseWriter& writer) mutable -> awaitable<bool> {
      if (request.target.find("watch=true") == std::string::npos || ++count != nth) return pass();
      return give(answer, &writer);
    };
  }
  static awaitable<bool> pass() { co_return false; }
  static awaitable<bool> give(Answer answer, net::ResponseWriter* writer) {
    std::vector<net::HttpHeader> headers = answer.headers;
    headers.push_back({"Content-Type", answer.type});
    auto sent = co_await writer->send(answer.status, std::move(headers), answer.body);
    (void)sent;
    co_return true;
  }

  LittleApi api;
  std::shared_ptr<Client> client = api.client();
  Watches watches{api.loop.executor(), [] { return 0.0; }, quick_timing()};
};

}  // namespace fairlead::kube::testing
