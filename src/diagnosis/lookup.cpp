#include "diagnosis/lookup.h"

#include <fmt/format.h>

#include "base/similar.h"
#include "base/text.h"
#include "ops/endpoints.h"
#include "ops/object_document.h"

namespace fairlead::diagnosis {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

std::string listed(const std::vector<std::string>& words, std::size_t most) {
  std::string out;
  const std::size_t shown = words.size() == most + 1 ? words.size() : std::min(words.size(), most);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
    out += words[i];
  }
  if (shown < words.size()) out += fmt::format(" and {} more", words.size() - shown);
  return out;
}

std::vector<std::string> names_of(std::span<const json::value> objects) {
  std::vector<std::string> out;
  for (const auto& object : objects) out.emplace_back(text_at(object, {"metadata", "name"}));
  return out;
}

std::string near_names(std::string_view name, const std::vector<std::string>& candidates) {
  std::vector<std::string> near = similar_names(name, candidates);
  if (near.empty()) return "";
  for (auto& one : near) one = quoted(one);
  return fmt::format("; near it {} {}", near.size() == 1 ? "is" : "are", listed(near));
}

std::string near_or_all(std::string_view name, const std::vector<std::string>& candidates) {
  std::string near = near_names(name, candidates);
  if (!near.empty() || candidates.empty()) return near;
  std::vector<std::string> all;
  for (const auto& one : candidates) all.push_back(quoted(one));
  return fmt::format("; there {} {}", all.size() == 1 ? "is" : "are", listed(all));
}

std::string clipped(std::string_view text, std::size_t bytes) {
  std::string out = first_words(text, bytes);
  if (out.size() < text.size()) out += " …";
  return out;
}

std::optional<std::int64_t> seconds_since(const json::value& object, std::initializer_list<std::string_view> path,
                                          std::int64_t now) {
  const auto time = ops::time_at(object, path);
  if (!time) return std::nullopt;
  return now - *time;
}

std::string span(std::int64_t seconds) { return human_duration(std::chrono::seconds(seconds)); }

std::string show_condition(const json::value& condition, std::int64_t now) {
  std::string out(text_at(condition, {"status"}));
  const std::string_view reason = text_at(condition, {"reason"}), message = text_at(condition, {"message"});
  if (!reason.empty()) out += ", " + std::string(reason);
  if (!message.empty()) out += ": " + clipped(message);
  if (const auto since = seconds_since(condition, {"lastTransitionTime"}, now)) out += " (" + span(*since) + " ago)";
  return out;
}

bool condition_holds(const json::value& object, std::string_view type) {
  const json::value* condition = ops::condition_of(object, type);
  return condition && text_at(*condition, {"status"}) == "True";
}

bool is_finished(const json::value& pod) {
  const std::string_view phase = text_at(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed";
}

bool is_ready(const json::value& pod) { return condition_holds(pod, "Ready"); }

bool is_leftover(const json::value& pod, std::string_view kind, const json::value& controller) {
  if (text_at(pod, {"status", "phase"}) != "Failed") return false;
  if (kind == "DaemonSet")
    return integer_at(controller, {"status", "numberReady"}) >=
           integer_at(controller, {"status", "desiredNumberScheduled"});
  if (kind != "Deployment" && kind != "ReplicaSet" && kind != "StatefulSet") return false;
  return integer_at(controller, {"status", "readyReplicas"}) >= integer_at(controller, {"spec", "replicas"}, 1);
}

std::vector<std::string> texts_of(const json::array& array) {
  std::vector<std::string> out;
  for (const auto& value : array)
    if (value.is_string()) out.emplace_back(std::string_view(value.get_string()));
  return out;
}

std::string owner_of(const json::value& object, std::string_view kind) {
  for (const auto& owner : array_at(object, {"metadata", "ownerReferences"}))
    if (text_at(owner, {"kind"}) == kind) return std::string(text_at(owner, {"name"}));
  return "";
}

Ref service_named(std::string_view host, const std::string& ns) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto parts = split(host, '.');
  if (parts.empty() || parts[0].empty() || (parts.size() > 1 && parts[1].empty()) || host == "localhost") return {};
  for (char c : host)
    if (!(c == '.' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
      return {};
  if (parts.size() == 1) return {"Service", ns, std::string(parts[0])};
  const bool service = parts.size() > 2 && parts[2] == "svc";
  if (parts.size() == 2 || service) return {"Service", std::string(parts[1]), std::string(parts[0])};
  return {};
}

awaitable<const ObjectSeen*> look(Trail trail, std::string kind, std::string ns, std::string name) {
  static const ObjectSeen unknown;
  const Kind* known = kinds::find(kind);
  if (!known) co_return &unknown;
  co_return co_await trail.source.get(*known, std::move(ns), std::move(name));
}

awaitable<std::vector<std::string>> names_there(Trail trail, std::string kind, std::string ns) {
  const Kind* known = kinds::find(kind);
  if (!known) co_return std::vector<std::string>();
  const ListSeen* seen = co_await trail.source.list(*known, std::move(ns));
  co_return seen->seen() ? names_of(seen->items) : std::vector<std::string>();
}

awaitable<std::optional<std::size_t>> ready_addresses(Trail trail, std::string ns, std::string service) {
  ops::ServiceEndpoints behind;
  bool any = false;
  const ListSeen* slices = co_await trail.source.list(kinds::endpoint_slices, ns);
  for (const auto& slice : slices->items) {
    if (ops::service_of(slice) != service) continue;
    behind.add_slice(slice);
    any = true;
  }
  if (any) co_return behind.ready;
  // An old server, or rights for Endpoints only. Where neither shows any, that is only so when both were looked at.
  const ObjectSeen* endpoints = co_await trail.source.get(kinds::endpoints, ns, service);
  const bool unseen = slices->sight == Sight::unreadable || (!slices->seen() && !endpoints->absent());
  if (!endpoints->seen() && unseen) co_return std::nullopt;
  behind.add_subsets(endpoints->value);
  co_return behind.ready;
}

}  // namespace fairlead::diagnosis
