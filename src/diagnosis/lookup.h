// Words and look-ups that rules of several files share.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

std::string quoted(std::string_view name);
std::string lower(std::string_view text);  // its ASCII letters
// "a, b and 3 more"
std::string listed(const std::vector<std::string>& words, std::size_t most = 3);
std::vector<std::string> names_of(std::span<const json::value> objects);
// "; near it are \"fast\" and \"faster\"", or nothing.
std::string near_names(std::string_view name, const std::vector<std::string>& candidates);
// "; there are \"a\", \"b\" and 3 more", when nothing is near.
std::string near_or_all(std::string_view name, const std::vector<std::string>& candidates);
std::string clipped(std::string_view text, std::size_t bytes = 300);

// Seconds since that time of the object; nothing when it says none.
std::optional<std::int64_t> seconds_since(const json::value& object, std::initializer_list<std::string_view> path,
                                          std::int64_t now);
std::string span(std::int64_t seconds);  // "5m"

// "False, MissingEndpoints: no response (3m ago)"
std::string show_condition(const json::value& condition, std::int64_t now);
// status.conditions of that type with status True.
bool condition_holds(const json::value& object, std::string_view type);
bool is_finished(const json::value& pod);  // Succeeded or Failed
bool is_ready(const json::value& pod);
// A pod that failed, and whose controller has as many ready ones as it wants: others have taken its place.
bool is_leftover(const json::value& pod, std::string_view kind, const json::value& controller);
std::vector<std::string> texts_of(const json::array& array);
std::string owner_of(const json::value& object, std::string_view kind);  // its name; empty: none of that kind

// "db", "db.data", "db.data.svc", "db.data.svc.cluster.local" as a Service's name and namespace; empty: it is none.
Ref service_named(std::string_view host, const std::string& ns);

// One object, whole. A kind that nobody knows is unreadable.
awaitable<const ObjectSeen*> look(Trail trail, std::string kind, std::string ns, std::string name);
// Names of that kind there; nothing where they may not be seen.
awaitable<std::vector<std::string>> names_there(Trail trail, std::string kind, std::string ns);
// How many addresses behind a Service are ready; nothing when that cannot be seen.
awaitable<std::optional<std::size_t>> ready_addresses(Trail trail, std::string ns, std::string service);

}  // namespace fairlead::diagnosis
