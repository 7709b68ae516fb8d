#include "sandbox/custom_kinds.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "sandbox/json_edit.h"
#include "sandbox/protobuf_encoder.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/table.h"

namespace fairlead::sandbox {
namespace {

using namespace std::string_view_literals;

// The descriptions are those of the API's own documentation, as the API server sends them.
constexpr const char* name_text =
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a "
    "client to request the generation of "
    "an appropriate name automatically. Name is primarily intended for creation idempotence and configuration "
    "definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
constexpr const char* age_text =
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed "
    "to be set in happens-before order "
    "across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in "
    "UTC.\n\nPopulated by the system. Read-only. "
    "Null for lists. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

constexpr std::string_view cleanup = "customresourcecleanup.apiextensions.k8s.io";

constexpr int most_at_once = 2000;  // objects deleted before others have their turn

bool dying(const Object& object) { return wire::at(object.body, {1, 9}).has_value(); }

std::vector<std::string> texts(const json::value& value, std::initializer_list<std::string_view> path) {
  std::vector<std::string> out;
  for (const json::value& entry : array_at(value, path)) {
    if (entry.is_string()) out.emplace_back(entry.get_string());
  }
  return out;
}

std::shared_ptr<const CustomVersion> make_version(const json::value& definition, const json::value& version) {
  auto out = std::make_shared<CustomVersion>();
  out->list_kind = text_at(definition, {"status", "acceptedNames", "listKind"});
  for (const json::value& each : array_at(definition, {"spec", "versions"})) {
    if (flag_at(each, {"storage"})) out->storage_version = text_at(each, {"name"});
  }
  const json::value* document = find(version, "schema", "openAPIV3Schema");
  out->document = document ? *document : json::value(json::object());
  auto schema = CustomSchema::make(out->document);
  if (!schema) return nullptr;  // check_definition() does not let it come to this
  out->schema = std::move(*schema);
  out->fields = std::make_shared<CustomFields>(out->schema);
  for (const json::value& column : array_at(version, {"additionalPrinterColumns"})) {
    std::string_view path = text_at(column, {"jsonPath"});
    auto parsed = CustomPath::parse(path);
    if (!parsed) continue;
    CustomColumn made{std::string(text_at(column, {"name"})),
                      std::string(text_at(column, {"type"})),
                      std::string(text_at(column, {"format"})),
                      std::string(text_at(column, {"description"})),
                      static_cast<int>(integer_at(column, {"priority"})),
                      std::move(*parsed)};
    if (made.description.empty())
      made.description = "Custom resource definition column (in JSONPath format): " + std::string(path);
    out->columns.push_back(std::move(made));
  }
  if (array_at(version, {"additionalPrinterColumns"}).empty()) {
    out->columns.push_back({"Age", "date", "", age_text, 0, *CustomPath::parse(".metadata.creationTimestamp")});
  }
  if (const json::value* scale = find(version, "subresources", "scale")) {
    out->replicas_text = text_at(*scale, {"specReplicasPath"});
    out->replicas = CustomPath::parse(out->replicas_text);
    out->status_replicas_text = text_at(*scale, {"statusReplicasPath"});
    out->status_replicas = CustomPath::parse(out->status_replicas_text);
    if (std::string_view path = text_at(*scale, {"labelSelectorPath"}); !path.empty())
      out->selector = CustomPath::parse(path);
  }
  out->terminating = find(definition, "metadata", "deletionTimestamp") != nullptr;
  return out;
}

std::vector<Resource> versions_of(const json::value& definition, const std::vector<std::string>& change_verbs) {
  std::vector<Resource> out;
  for (const json::value& version : array_at(definition, {"spec", "versions"})) {
    if (!flag_at(version, {"served"})) continue;
    Resource made;
    made.custom = make_version(definition, version);
    if (!made.custom) continue;
    made.group = text_at(definition, {"spec", "group"});
    made.version = text_at(version, {"name"});
    made.plural = text_at(definition, {"status", "acceptedNames", "plural"});
    made.singular = text_at(definition, {"status", "acceptedNames", "singular"});
    made.kind = text_at(definition, {"status", "acceptedNames", "kind"});
    made.short_names = texts(definition, {"status", "acceptedNames", "shortNames"});
    made.categories = texts(definition, {"status", "acceptedNames", "categories"});
    made.namespaced = text_at(definition, {"spec", "scope"}) == "Namespaced";
    made.verbs = {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
    if (find(version, "subresources", "status"))
      made.subresources.push_back({"status", made.group, made.version, made.kind, change_verbs});
    if (made.custom->replicas) made.subresources.push_back({"scale", "autoscaling", "v1", "Scale", change_verbs});
    for (const json::value& field : array_at(version, {"selectableFields"})) {
      std::string_view path = text_at(field, {"jsonPath"});
      made.field_labels.emplace_back(path.starts_with('.') ? path.substr(1) : path);
    }
    made.message = Schema::builtin().message("CustomObject");
    made.declared = made.custom->fields->root();
    made.other_version = made.version != made.custom->storage_version;
    made.generation = true;
    out.push_back(std::move(made));
  }
  return out;
}

// Whether `object` got another condition of that type, or the same for another reason.
bool set_condition(json::object& status, std::string_view type, std::string_view value, std::string_view reason,
                   std::string_view message, const std::string& now) {
  json::array& conditions = array_in(status, "conditions");
  json::object* old = condition_in(conditions, type);
  if (old && text_in(*old, "status") == value && text_in(*old, "reason") == reason &&
      text_in(*old, "message") == message)
    return false;
  json::object made{
      {"lastTransitionTime", now}, {"message", message}, {"reason", reason}, {"status", value}, {"type", type}};
  if (old && text_in(*old, "status") == value) made["lastTransitionTime"] = old->at("lastTransitionTime");
  if (old) {
    *old = std::move(made);
  } else {
    conditions.push_back(std::move(made));
  }
  return true;
}

bool drop_text(json::object& metadata, std::string_view key, std::string_view text) {
  json::array kept;
  for (const json::value& entry : array_in(metadata, key)) {
    if (!entry.is_string() || entry.get_string() != text) kept.push_back(entry);
  }
  bool dropped = kept.size() != array_in(metadata, key).size();
  metadata[key] = std::move(kept);
  return dropped;
}

}  // namespace

CustomKinds::CustomKinds(Objects& objects)
    : objects_(objects), definitions_(objects.resources().get("apiextensions.k8s.io", "customresourcedefinitions")) {}

// Names go to the definition that had them first; what another one of the group has is not accepted.
void CustomKinds::accept_names(const json::value& definition, json::object& status) {
  std::set<std::string, std::less<>> resources, kinds;
  std::string group = "." + std::string(text_at(definition, {"spec", "group"}));
  std::string_view own = text_at(definition, {"metadata", "name"});
  const Message& names_message = *Schema::builtin().message("CustomResourceDefinitionNames");
  for (const ObjectPtr& other : objects_.store().list(definitions_, "")) {
    if (other->name == own || other->name.find('.') != other->name.size() - group.size() ||
        !other->name.ends_with(group))
      continue;
    auto value =
        decode(names_message, wire::at(other->body, {3, 2}).value_or(""));  // status.acceptedNames, without the schemas
    if (!value) continue;
    for (std::string_view name : {"plural"sv, "singular"sv}) resources.emplace(text_at(*value, {name}));
    for (std::string& name : texts(*value, {"shortNames"})) resources.insert(std::move(name));
    for (std::string_view name : {"kind"sv, "listKind"sv}) kinds.emplace(text_at(*value, {name}));
  }
  json::value wanted =
      find(definition, "spec", "names") ? *find(definition, "spec", "names") : json::value(json::object());
  json::value accepted_value = json::value(status["acceptedNames"]);
  json::object accepted = accepted_value.is_object() ? accepted_value.get_object() : json::object();
  std::string reason, message;
  auto claim = [&](std::string_view name, const std::set<std::string, std::less<>>& taken, std::string_view conflict) {
    std::string_view text = text_at(wanted, {name});
    if (text != text_in(accepted, name) && taken.contains(text)) {
      reason = conflict;
      message = "\"" + std::string(text) + "\" is already in use";
    } else if (!text.empty()) {
      accepted[name] = text;
    }
  };
  claim("plural", resources, "PluralConflict");
  claim("singular", resources, "SingularConflict");
  std::vector<std::string> own_shorts = texts(accepted_value, {"shortNames"});
  std::string taken_shorts;
  for (const std::string& name : texts(wanted, {"shortNames"})) {
    bool ours = std::find(own_shorts.begin(), own_shorts.end(), name) != own_shorts.end();
    if (!ours && resources.contains(name))
      taken_shorts += (taken_shorts.empty() ? "" : ", ") + ("\"" + name + "\" is already in use");
  }
  if (taken_shorts.empty()) {
    accepted.erase("shortNames");
    if (const json::value* names = find(wanted, "shortNames")) accepted["shortNames"] = *names;
  } else {
    reason = "ShortNamesConflict";
    message = taken_shorts;
  }
  claim("kind", kinds, "KindConflict");
  claim("listKind", kinds, "ListKindConflict");
  accepted.erase("categories");
  if (const json::value* names = find(wanted, "categories")) accepted["categories"] = *names;
  status["acceptedNames"] = std::move(accepted);
  std::string now = objects_.now_text();
  if (reason.empty()) {
    set_condition(status, "NamesAccepted", "True", "NoConflicts", "no conflicts found", now);
  } else {
    set_condition(status, "NamesAccepted", "False", reason, message, now);
  }
  json::object* established = condition_in(array_in(status, "conditions"), "Established");
  if (established && text_in(*established, "status") == "True") return;
  if (reason.empty()) {
    set_condition(status, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now);
  } else {
    set_condition(status, "Established", "False", "NotAccepted", "not all names are accepted", now);
  }
}

bool CustomKinds::reconcile(const std::string& name) {
  ObjectPtr object = objects_.store().find(definitions_, "", name);
  if (!object) {
    // "plural.group"
    std::size_t dot = name.find('.');
    if (dot != name.npos) objects_.mutable_resources().serve_custom(name.substr(dot + 1), name.substr(0, dot), {});
    return false;
  }
  json::value value = objects_.load(*object);
  accept_names(value, object_in(value, {"status"}));
  std::vector<Resource> versions;
  if (condition_status(value, "Established") == "True") versions = versions_of(value, {"get", "patch", "update"});
  objects_.mutable_resources().serve_custom(text_at(value, {"spec", "group"}),
                                            text_at(value, {"spec", "names", "plural"}), std::move(versions));
  if (find(value, "metadata", "deletionTimestamp")) return finalize(object, std::move(value));
  (void)objects_.update(object, std::move(value), Part::whole);
  return false;
}

// Deletes the objects of a definition that goes, and lets it go after them.
bool CustomKinds::finalize(const ObjectPtr& definition, json::value value) {
  std::string_view group = text_at(value, {"spec", "group"}), plural = text_at(value, {"spec", "names", "plural"});
  if (const Resource* kept = objects_.resources().custom_storage(group, plural)) {
    int left = most_at_once;
    for (const ObjectPtr& child : objects_.store().list(*kept, "")) {
      if (!dying(*child) && left-- > 0) (void)objects_.remove(child, {});
    }
    if (objects_.store().count(*kept) > 0) {
      object_in(value, {"metadata"}).erase("resourceVersion");
      set_condition(object_in(value, {"status"}), "Terminating", "True", "InstanceDeletionInProgress",
                    "CustomResource deletion is in progress", objects_.now_text());
      (void)objects_.update(definition, std::move(value), Part::whole);
      return true;
    }
  }
  set_condition(object_in(value, {"status"}), "Terminating", "False", "InstanceDeletionCompleted",
                "removed all instances", objects_.now_text());
  bool ours = drop_text(object_in(value, {"metadata"}), "finalizers", cleanup);
  // Before the deletion, so that watches of its objects end with it.
  if (ours && array_at(value, {"metadata", "finalizers"}).empty())
    objects_.mutable_resources().serve_custom(group, plural, {});
  (void)objects_.update(definition, std::move(value), Part::whole);
  return false;
}

void mark_for_cleanup(json::value& definition, json::array& finalizers, const std::string& now) {
  json::value name = json::string(cleanup);
  if (std::find(finalizers.begin(), finalizers.end(), name) == finalizers.end()) finalizers.push_back(std::move(name));
  set_condition(object_in(definition, {"status"}), "Terminating", "True", "InstanceDeletionPending",
                "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", now);
}

void default_custom(const CustomVersion& version, json::value& object) {
  version.schema->prune(object);
  version.schema->fill_in(object);
}

namespace {

// What the scale subresource shows must be a number that it can show.
void check_replicas(const std::optional<CustomPath>& path, const std::string& text, const json::value& object,
                    std::vector<Cause>* out) {
  const json::value* value = path ? path->first(object) : nullptr;
  if (!value) return;
  if (!value->is_int64()) {
    std::string_view type = value->is_string()   ? "string"
                            : value->is_bool()   ? "bool"
                            : value->is_double() ? "float64"
                                                 : "";
    if (type.empty()) return;  // the schema has said what there is to say
    std::string shown = value->is_string() ? std::string(value->get_string()) : compact(*value);
    out->push_back(invalid_value(
        text, 0, text + " accessor error: " + shown + " is of the type " + std::string(type) + ", expected int64"));
  } else if (value->get_int64() < 0) {
    out->push_back(invalid_value(text, *value, "should be a non-negative integer"));
  } else if (value->get_int64() > INT32_MAX) {
    out->push_back(invalid_value(text, *value, "should be less than or equal to 2147483647"));
  }
}

}  // namespace

std::vector<Cause> check_custom(const CustomVersion& version, const json::value& object, const json::value* before,
                                bool status_only) {
  auto causes_of = [&](const json::value& whole) {
    const json::value* status = find(whole, "status");
    const CustomSchema* schema = version.schema->at({"status"});
    std::vector<Cause> out;
    if (!status_only) out = version.schema->check(whole);
    if (status_only && status && schema) out = schema->check(*status, "status");
    if (!status_only) check_replicas(version.replicas, version.replicas_text, whole, &out);
    check_replicas(version.status_replicas, version.status_replicas_text, whole, &out);
    return out;
  };
  std::vector<Cause> causes = causes_of(object);
  if (causes.empty() || !before) return causes;
  std::vector<Cause> old = causes_of(*before);
  std::erase_if(causes, [&](const Cause& cause) {
    return std::any_of(old.begin(), old.end(),
                       [&](const Cause& was) { return was.field == cause.field && was.message == cause.message; });
  });
  return causes;
}

json::object custom_scale(const CustomVersion& version, const json::value& object) {
  auto number = [&](const std::optional<CustomPath>& path) -> std::int64_t {
    const json::value* value = path ? path->first(object) : nullptr;
    return value && value->is_int64() ? value->get_int64() : 0;
  };
  json::object metadata;
  for (std::string_view field : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const json::value* value = find(object, "metadata", field)) metadata[field] = *value;
  }
  json::object spec, status{{"replicas", number(version.status_replicas)}};
  if (std::int64_t wanted = number(version.replicas); wanted != 0) spec["replicas"] = wanted;
  const json::value* selector = version.selector ? version.selector->first(object) : nullptr;
  if (selector && selector->is_string() && !selector->get_string().empty()) status["selector"] = *selector;
  return {{"kind", "Scale"},
          {"apiVersion", "autoscaling/v1"},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)},
          {"status", std::move(status)}};
}

json::array custom_column_definitions(const CustomVersion& version) {
  json::array out;
  auto add = [&](std::string_view name, std::string_view type, std::string_view format, std::string_view description,
                 int priority) {
    out.push_back(json::object{
        {"name", name}, {"type", type}, {"format", format}, {"description", description}, {"priority", priority}});
  };
  add("Name", "string", "name", name_text, 0);
  for (const CustomColumn& column : version.columns)
    add(column.name, column.type, column.format, column.description, column.priority);
  return out;
}

json::array definition_column_definitions() {
  return {json::object{
              {"name", "Name"}, {"type", "string"}, {"format", "name"}, {"description", name_text}, {"priority", 0}},
          json::object{
              {"name", "Created At"}, {"type", "date"}, {"format", ""}, {"description", age_text}, {"priority", 0}}};
}

json::array definition_cells(const json::value& definition) {
  json::array out;
  for (std::string_view field : {"name", "creationTimestamp"})
    out.push_back(json::string(text_at(definition, {"metadata", field})));
  return out;
}

json::array custom_cells(const CustomVersion& version, const json::value& object, std::int64_t now) {
  json::array out;
  out.push_back(json::string(text_at(object, {"metadata", "name"})));
  for (const CustomColumn& column : version.columns) {
    const json::value* value = column.path.first(object);
    json::value cell;
    if (!value || value->is_null()) {
      cell = nullptr;
    } else if (column.type == "string") {
      cell = value->is_string() ? *value : json::value(json::string(compact(*value)));
    } else if (column.type == "integer") {
      if (value->is_number())
        cell = value->is_double() ? json::value(static_cast<std::int64_t>(std::clamp(value->get_double(), -9e18, 9e18)))
                                  : *value;
    } else if (column.type == "number") {
      if (value->is_number()) cell = *value;
    } else if (column.type == "boolean") {
      if (value->is_bool()) cell = *value;
    } else if (column.type == "date" && value->is_string()) {
      cell = parse_rfc3339(value->get_string()) ? json::value(json::string(age_text_of(value->get_string(), now)))
                                                : json::value("<invalid>");
    }
    out.push_back(std::move(cell));
  }
  return out;
}

}  // namespace fairlead::sandbox
