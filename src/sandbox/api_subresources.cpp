#include <charconv>
#include <tuple>

#include "base/text.h"
#include "sandbox/api.h"
#include "sandbox/api_send.h"
#include "sandbox/containers.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"
#include "sandbox/logs.h"
#include "sandbox/lost_node.h"
#include "sandbox/protobuf_encoder.h"

namespace fairlead::sandbox {
namespace {

json::object scale_of(const Resource& resource, const json::value& workload) {
  if (resource.custom) return custom_scale(*resource.custom, workload);
  json::object metadata;
  for (std::string_view field : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const json::value* value = find(workload, "metadata", field)) metadata[field] = *value;
  }
  json::object spec, status{{"replicas", integer_at(workload, {"status", "replicas"})}};
  if (std::int64_t wanted = integer_at(workload, {"spec", "replicas"}); wanted != 0) spec["replicas"] = wanted;
  if (const json::value* selector = find(workload, "spec", "selector"))
    status["selector"] = LabelSelector::from_object(*selector).text();
  return {{"kind", "Scale"},
          {"apiVersion", "autoscaling/v1"},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)},
          {"status", std::move(status)}};
}

json::object without_type(json::object object) {
  object.erase("kind");
  object.erase("apiVersion");
  return object;
}

constexpr std::size_t piece_bytes = 64 << 10;

ApiResult<std::optional<std::int64_t>> whole_number(const Query& query, std::string_view name) {
  std::string_view text = query.get(name);
  if (text.empty()) return std::optional<std::int64_t>();
  std::int64_t value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) {
    return refuse(
        bad_request("strconv.ParseInt: parsing " + compact(json::value(json::string(text))) + ": invalid syntax"));
  }
  return std::optional(value);
}

ApiResult<LogRequest> log_request(const Query& query, std::string_view pod) {
  LogRequest out;
  out.container = query.get("container");
  out.previous = query.flag("previous");
  out.follow = query.flag("follow");
  out.timestamps = query.flag("timestamps");
  std::vector<Cause> causes;
  auto read = [&](std::string_view name, std::optional<std::int64_t>* into, std::int64_t least) -> ApiResult<void> {
    auto number = whole_number(query, name);
    if (!number) return refuse(std::move(number.error()));
    *into = *number;
    if (*into && **into < least) {
      causes.push_back(invalid_value(std::string(name), **into,
                                     least == 0 ? "must be greater than or equal to 0" : "must be greater than 0"));
    }
    return {};
  };
  if (auto done = read("tailLines", &out.tail_lines, 0); !done) return refuse(std::move(done.error()));
  if (auto done = read("sinceSeconds", &out.since_seconds, 1); !done) return refuse(std::move(done.error()));
  if (auto done = read("limitBytes", &out.limit_bytes, 1); !done) return refuse(std::move(done.error()));
  if (std::string_view since = query.get("sinceTime"); !since.empty()) {
    out.since_time = parse_rfc3339(since);
    if (!out.since_time) {
      return refuse(bad_request("parsing time \"" + std::string(since) +
                                "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"" + std::string(since) +
                                "\" as \"2006\""));
    }
    if (out.since_seconds)
      causes.push_back(field_forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  }
  if (!causes.empty()) return refuse(invalid("", "PodLogOptions", pod, std::move(causes)));
  for (std::string_view name : {"follow", "limitBytes", "previous", "sinceSeconds", "tailLines", "timestamps"}) {
    std::string_view value = query.get(name);
    bool flag = name == "follow" || name == "previous" || name == "timestamps";
    if (value.empty() || (flag && !query.flag(name))) continue;
    out.query += (out.query.empty() ? "" : "&") + std::string(name) + "=" + (flag ? "true" : std::string(value));
  }
  return out;
}

// Where an ephemeral container is asked for, it stands among the others.
json::value with_named(json::value pod, std::string_view name) {
  for (auto [part, from, into] : {std::tuple("spec", "ephemeralContainers", "containers"),
                                  std::tuple("status", "ephemeralContainerStatuses", "containerStatuses")}) {
    for (const json::value& one : json::array(array_at(pod, {part, from}))) {
      if (text_at(one, {"name"}) == name) array_in(object_in(pod, {part}), into).push_back(one);
    }
  }
  return pod;
}

std::int64_t milliseconds_now(const Objects& objects) { return objects.now() * 1000 + 999; }

// The first line to send: what is kept, then the tail, then the times.
std::int64_t first_line(const ContainerLog& log, const LogRequest& request, std::int64_t now_ms) {
  std::int64_t first = log.kept_from(now_ms), end = log.count(now_ms);
  std::optional<std::int64_t> since;
  if (request.since_seconds) since = now_ms - std::min<std::int64_t>(*request.since_seconds, 1LL << 40) * 1000;
  if (request.since_time) since = *request.since_time * 1000;
  if (since) {
    std::int64_t low = first, high = end;
    while (low < high) {
      std::int64_t middle = low + (high - low) / 2;
      if (log.next_at_ms(middle) < *since) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    first = low;
  }
  if (request.tail_lines) first = std::max(first, end - *request.tail_lines);
  return first;
}

}  // namespace

ApiResult<Answer> Api::scale(const Call& call) {
  const Resource& resource = *call.path.resource;
  auto before = existing(call);
  if (!before && call.method == "GET")
    return refuse(not_found(resource.group, resource.plural + "/scale", call.path.name));
  if (!before) return refuse(std::move(before.error()));
  json::value workload = objects_.load(**before);
  json::object current = scale_of(resource, workload);
  if (call.method == "GET" && resource.custom && !resource.custom->replicas->first(workload)) {
    return refuse(internal_error("the spec replicas field \"" + resource.custom->replicas_text + "\" does not exist"));
  }
  if (call.method == "GET") return answer_value(call, 200, current, "Scale");
  const Message& message = *Schema::builtin().message("Scale");
  bool applies = call.method == "PATCH" && media_type(call.content_type) == "application/apply-patch+yaml";
  ApiResult<json::value> wanted = applies                ? apply_scale(call, without_type(current), &workload)
                                  : call.method == "PUT" ? request_object(call, message, "Scale", "autoscaling/v1")
                                                         : patched(call, message, current);
  if (!wanted) return refuse(std::move(wanted.error()));
  if (auto typed = encode(message, *wanted); !typed) return refuse(invalid_patch(*wanted, typed.error()));
  if (auto checked = check_place(call, *wanted); !checked) return refuse(std::move(checked.error()));
  std::int64_t count = integer_at(*wanted, {"spec", "replicas"});
  if (!resource.custom && (count < 0 || count > INT32_MAX)) {
    return refuse(invalid("autoscaling", "Scale", call.path.name,
                          {invalid_value("spec.replicas", count, "must be greater than or equal to 0")}));
  }
  std::string_view version = text_at(*wanted, {"metadata", "resourceVersion"});
  json::object& metadata = object_in(workload, {"metadata"});
  if (!version.empty() && version != text_in(metadata, "resourceVersion")) {
    return refuse(object_modified(resource.group, resource.plural, call.path.name));
  }
  if (resource.custom) {
    resource.custom->replicas->set(workload, count);
  } else {
    object_in(workload, {"spec"})["replicas"] = count;
  }
  Writer by = writer(call);
  by.tracked = applies;
  auto updated = objects_.update(*before, std::move(workload), Part::main, call.dry_run, by, &resource);
  if (!updated) return refuse(std::move(updated.error()));
  return answer_value(call, 200, scale_of(resource, objects_.load(**updated)), "Scale");
}

net::awaitable<void> Api::log(Call call, net::ResponseWriter* writer) {
  auto pod = existing(call);
  if (!pod) {
    co_await send_error(writer, pod.error(), Format::json);
    co_return;
  }
  auto request = log_request(call.target.query, call.path.name);
  if (!request) {
    co_await send_error(writer, request.error(), Format::json);
    co_return;
  }
  request->kubelet_error = kubelet_error(objects_, objects_.load_brief(**pod));
  auto found = find_log(with_named(objects_.load_brief(**pod), request->container), *request, containers_->logs());
  if (!found && found.error().code == 204) {
    std::vector<net::HttpHeader> headers = common_headers("");
    std::erase_if(headers, [](const net::HttpHeader& header) { return header.name == "Content-Type"; });
    co_await writer->send(204, std::move(headers), "");
    co_return;
  }
  if (!found) {
    co_await send_error(writer, found.error(), Format::json);
    co_return;
  }
  std::vector<net::HttpHeader> headers = common_headers("text/plain");
  auto started = co_await writer->start(200, std::move(headers));
  if (!started) co_return;
  ContainerLog log = std::move(*found);
  std::string uid = (*pod)->uid;
  std::int64_t now_ms = milliseconds_now(objects_);
  std::int64_t next = first_line(log, *request, now_ms);
  std::int64_t left = request->limit_bytes.value_or(INT64_MAX);
  std::string buffer;
  while (true) {
    for (std::int64_t end = log.count(now_ms); next < end && left > 0; ++next) {
      LogLine line = log.line(next);
      std::string text = (request->timestamps ? log_timestamp(line.at_ms) : "") + line.text + (line.whole ? "\n" : "");
      if (static_cast<std::int64_t>(text.size()) > left) text.resize(static_cast<std::size_t>(left));
      left -= static_cast<std::int64_t>(text.size());
      buffer += text;
      if (buffer.size() < piece_bytes) continue;
      auto written = co_await writer->write(buffer);
      if (!written) co_return;
      buffer.clear();
    }
    if (!buffer.empty()) {
      auto written = co_await writer->write(buffer);
      if (!written) co_return;
      buffer.clear();
    }
    if (!request->follow || log.ended() || left <= 0) break;
    std::int64_t wait_ms = std::clamp<std::int64_t>(log.next_at_ms(next) - now_ms, 50, 500);
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(wait_ms));
    if (!slept) co_return;
    // The container may have ended, or its pod gone, meanwhile: then the rest of this run is all there is.
    ObjectPtr current = objects_.store().find_uid(uid);
    if (!current) break;
    json::value now_there = with_named(objects_.load_brief(*current), request->container);
    request->kubelet_error = kubelet_error(objects_, now_there);
    auto same = find_log(now_there, *request, containers_->logs());
    if (!same || !same->same_run(log)) {
      LogRequest before = *request;
      before.previous = true;
      same = find_log(now_there, before, containers_->logs());
    }
    if (!same || !same->same_run(log)) break;
    log = std::move(*same);
    now_ms = milliseconds_now(objects_);
  }
  co_await writer->finish();
}

}  // namespace fairlead::sandbox
