// An object of any kind as a short document for readers, and the parts of it that several kinds share. Objects are JSON
// and already redacted. Pure.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/reply.h"

namespace fairlead::ops {

// name, namespace, age, owner, labels, annotations and whatever stands beside metadata, without what nobody wrote; the
// status' conditions are a line each. Of metadata only what says something: no uid, no versions.
json::object object_document(const json::value& object, std::int64_t now);

// The beginning of every document: name, namespace, created, deletion, controlled_by, labels, finalizers.
json::object metadata_document(const json::value& object, std::int64_t now);
// Short ones: others write them, up to 256 KiB an object, and they must not push out what a reader is after.
json::object short_annotations(const json::value& object);
// {"Ready": "False, ContainersNotReady: containers with unready status: [app] (3m ago)"}
json::object condition_lines(const json::array& conditions, std::int64_t now);

// Sets the member unless the value is empty.
void put(json::object& object, std::string_view key, std::string_view value);
void put(json::object& object, std::string_view key, json::value value);

std::optional<std::int64_t> time_at(const json::value& object, std::initializer_list<std::string_view> path);
// "2026-01-01T00:00:00Z (5m ago)"
std::string moment(std::string_view time, std::int64_t now);
// The owner that has controller: true; null: none.
const json::value* controller_reference(const json::value& object);
// Its Kind/name; empty: none.
std::string controller_of(const json::value& object);
// A LabelSelector as kubectl takes it: "app=web,tier in (a,b),!legacy". Empty: it selects everything or nothing.
std::string selector_text(const json::value* selector);
// The same of a Service's selector, a plain map.
std::string map_selector_text(const json::object& selector);
// The condition of that type in status.conditions, or null.
const json::value* condition_of(const json::value& object, std::string_view type);

// RWO, ROX, RWX, RWOP; others as they are.
std::vector<std::string> access_modes(const json::array& modes);

// Cells that begin a row of most kinds: namespace and name, or the name.
void add_name(Rows& rows, const json::value& object, bool namespaced = true);
void add_created(Rows& rows, const json::value& object);
void add_map(Rows& rows, const json::object& map);  // key=value items

}  // namespace fairlead::ops
