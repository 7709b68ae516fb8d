#include "sandbox/scenario.h"

#include <charconv>

#include "base/similar.h"
#include "base/text.h"
#include "base/yaml.h"
#include "sandbox/json_edit.h"
#include "sandbox/patch.h"
#include "sandbox/views.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view step = "read the scenario";

auto wrong(std::string cause) { return fail(ErrorCode::invalid_request, std::string(step), std::move(cause)); }

// "90s", "5m", "2h"
std::optional<std::int64_t> duration_ms(std::string_view text) {
  std::int64_t number = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (code != std::errc() || number < 0 || number > 100'000) return std::nullopt;
  if (unit == "s") return number * 1000;
  if (unit == "m") return number * 60'000;
  if (unit == "h") return number * 3'600'000;
  return std::nullopt;
}

const Resource* resource_of(const Resources& resources, const json::value& object) {
  std::string_view api_version = text_at(object, {"apiVersion"}), kind = text_at(object, {"kind"});
  for (const auto& resource : resources.all()) {
    if (resource->kind == kind && resource->api_version() == api_version) return resource.get();
  }
  return nullptr;
}

std::string label_of(const json::value& object) {
  return std::string(text_at(object, {"kind"})) + " " + std::string(text_at(object, {"metadata", "namespace"})) + "/" +
         std::string(text_at(object, {"metadata", "name"}));
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view yaml) {
  auto value = parse_yaml(yaml, step);
  if (!value) return fail(std::move(value.error()));
  if (!value->is_object()) return wrong("it must be an object");
  Scenario out;
  for (const auto& member : value->get_object()) {
    std::string_view key = member.key();
    if (key != "name" && key != "title" && key != "story" && key != "lasts" && key != "steps" && key != "faults" &&
        key != "shows") {
      return wrong("there is no member '" + escape_untrusted(key.substr(0, 80), Newlines::escape) + "'");
    }
  }
  out.name = text_at(*value, {"name"});
  out.title = text_at(*value, {"title"});
  out.story = text_at(*value, {"story"});
  if (out.name.empty() || out.title.empty() || out.story.empty()) return wrong("it needs name, title and story");
  auto lasts = duration_ms(text_at(*value, {"lasts"}));
  if (!lasts) return wrong("lasts must be a duration such as 25m");
  out.lasts_ms = *lasts;
  for (const json::value& entry : array_at(*value, {"steps"})) {
    auto at = duration_ms(text_at(entry, {"at"}));
    const json::value* applied = find(entry, "apply");
    const json::value* deleted = find(entry, "delete");
    const json::value* object = applied ? applied : deleted;
    if (!at || !object || (applied && deleted) || !object->is_object())
      return wrong("a step needs at, and an object under apply or delete");
    if (*at > out.lasts_ms || (!out.steps.empty() && *at < out.steps.back().at_ms))
      return wrong("the step at " + std::string(text_at(entry, {"at"})) + " is out of order");
    if (text_at(*object, {"metadata", "name"}).empty())
      return wrong("an object of a step needs kind, apiVersion and a name");
    out.steps.push_back({*at, deleted != nullptr, *object});
  }
  for (const json::value& entry : array_at(*value, {"faults"})) {
    auto rule = Faults::read(entry);
    if (!rule) return wrong(rule.error());
    out.faults.push_back(std::move(*rule));
  }
  for (const json::value& entry : array_at(*value, {"shows"})) {
    Scenario::Sign sign{std::string(text_at(entry, {"get"})), std::string(text_at(entry, {"contains"}))};
    if (sign.get.empty() || sign.contains.empty()) return wrong("what a scenario shows needs get and contains");
    out.shows.push_back(std::move(sign));
  }
  return out;
}

std::vector<std::string_view> scenario_names() {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < scenario_count; ++i) out.push_back(scenario_texts[i].name);
  return out;
}

Result<Scenario> find_scenario(std::string_view name) {
  for (std::size_t i = 0; i < scenario_count; ++i) {
    if (scenario_texts[i].name == name) return parse_scenario(scenario_texts[i].yaml);
  }
  std::vector<std::string> names;
  for (std::string_view known : scenario_names()) names.emplace_back(known);
  auto near = similar_names(name, names);
  std::string cause = "there is no scenario '" + escape_untrusted(name.substr(0, 80), Newlines::escape) + "'";
  return fail(ErrorCode::not_found, "find the scenario", std::move(cause),
              near.empty() ? "'fairlead sandbox --scenario list' lists them" : "Did you mean " + near[0] + "?");
}

Result<void> play(const Scenario& scenario, Objects& objects, const std::function<void(std::int64_t)>& advance) {
  std::int64_t now = 0;
  for (const Scenario::Step& todo : scenario.steps) {
    if (todo.at_ms > now) advance(todo.at_ms - now);
    now = todo.at_ms;
    const std::string label = label_of(todo.object);
    auto refused = [&](const std::string& why) {
      return fail(ErrorCode::internal, "play the scenario " + scenario.name, label + ": " + why);
    };
    const Resource* resource = resource_of(objects.resources(), todo.object);
    if (!resource) return refused("no such kind is served");
    ObjectPtr there = objects.store().find(*resource, text_at(todo.object, {"metadata", "namespace"}),
                                           text_at(todo.object, {"metadata", "name"}));
    json::value wanted = todo.object;
    wanted.get_object().erase("kind");
    wanted.get_object().erase("apiVersion");
    if (!there) wanted = to_stored(*resource, std::move(wanted));
    std::optional<StatusError> error;
    if (todo.deletes) {
      if (!there) return refused("it is not there");
      if (auto deleted = objects.remove(there, {}); !deleted) error = deleted.error();
    } else if (there) {
      json::value value = to_view(*resource, objects.load(*there));
      merge_patch(value, wanted);
      if (auto updated = objects.update(there, to_stored(*resource, std::move(value)), Part::main); !updated)
        error = updated.error();
    } else if (auto created = objects.create(resource->custom ? *resource : *resource->storage, std::move(wanted));
               !created) {
      error = created.error();
    }
    if (error) return refused(error->message);
  }
  advance(scenario.lasts_ms - now);
  return {};
}

}  // namespace fairlead::sandbox
