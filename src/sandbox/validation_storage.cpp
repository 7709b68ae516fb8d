// Volume claims, volumes, and the classes that make them.
#include <algorithm>
#include <set>

#include "sandbox/names.h"
#include "sandbox/quantity.h"
#include "sandbox/selector.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

void check_access_modes(const Place& modes, Findings& out) {
  for (const Place& mode : modes.items()) {
    Place shown(&mode.value(), modes.path());
    out.one_of(shown, {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"});
    if (mode.is("ReadWriteOncePod") && modes.items().size() > 1)
      out.forbidden(modes, "may not use ReadWriteOncePod with other access modes");
  }
}

// What of a claim's spec stays as it is.
json::value fixed_part(const Place& spec) {
  json::value out = spec.value();
  if (!out.is_object()) return out;
  for (View member : {"resources", "volumeAttributesClassName"}) out.get_object().erase(member);
  return out;
}

void check_claim_update(const Place& claim, const Place& before, Findings& out) {
  Place spec = claim["spec"], old = before["spec"];
  json::value was = fixed_part(old), now = fixed_part(spec);
  // The binding is made once.
  if (old["volumeName"].text().empty() && was.is_object() && now.is_object()) now.get_object().erase("volumeName");
  Place wanted = spec["resources"]["requests"], had = old["resources"]["requests"];
  bool bound = before["status"]["phase"].is("Bound");
  if (now != was || (!bound && wanted.value() != had.value())) {
    out.forbidden(
        spec,
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
  }
  auto size = Quantity::parse(wanted["storage"].text()), least = Quantity::parse(had["storage"].text());
  // A claim that grows may ask for less again, but not for what it has.
  auto given = Quantity::parse(before["status"]["capacity"]["storage"].text());
  if (size && least && given && *size < *least && *size <= *given)
    out.forbidden(wanted["storage"], "field can not be less than status.capacity");
}

void check_claim(const Place& object, const Place* before, Findings& out) {
  check_claim_spec(object["spec"], out);
  if (before) check_claim_update(object, *before, out);
}

// Of what a volume can be made, in the order in which they are looked at.
constexpr View volume_sources[] = {"hostPath",
                                   "gcePersistentDisk",
                                   "awsElasticBlockStore",
                                   "glusterfs",
                                   "flocker",
                                   "nfs",
                                   "rbd",
                                   "quobyte",
                                   "cephfs",
                                   "iscsi",
                                   "cinder",
                                   "fc",
                                   "azureFile",
                                   "vsphereVolume",
                                   "photonPersistentDisk",
                                   "portworxVolume",
                                   "azureDisk",
                                   "scaleIO",
                                   "local",
                                   "storageos",
                                   "csi",
                                   "flexVolume"};

void check_volume_source(const Place& spec, View kind, Findings& out) {
  Place source = spec[kind];
  if (kind == "hostPath" || kind == "local" || kind == "nfs") {
    if (kind == "nfs" && source["server"].text().empty()) out.required(source["server"]);
    Place path = source["path"];
    if (path.text().empty()) out.required(path);
    std::string around = "/" + std::string(path.text()) + "/";
    if (around.find("/../") != around.npos) out.invalid(path, "must not contain '..'");
  }
  if (kind == "csi") {
    if (source["driver"].text().empty()) out.required(source["driver"]);
    out.subdomain(source["driver"]);
    if (source["volumeHandle"].text().empty()) out.required(source["volumeHandle"]);
  }
}

void check_volume(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"], capacity = spec["capacity"];
  if (spec["accessModes"].items().empty()) out.required(spec["accessModes"]);
  check_access_modes(spec["accessModes"], out);
  if (capacity.entries().empty()) out.required(capacity);
  if (!capacity["storage"].given() || capacity.entries().size() > 1) {
    out.add(Cause{"FieldValueNotSupported",
                  "Unsupported value: " + compact(capacity.value()) + ": supported values: \"storage\"",
                  capacity.path()});
  }
  for (const Place& amount : capacity.entries()) {
    auto quantity = Quantity::parse(amount.text());
    if (quantity && quantity->negative())
      out.invalid(amount, static_cast<std::int64_t>(quantity->value()), "must be a valid resource quantity");
    if (quantity && (quantity->negative() || quantity->zero())) out.invalid(amount, "must be greater than zero");
  }
  out.one_of(spec["persistentVolumeReclaimPolicy"], {"Delete", "Recycle", "Retain"});
  int found = 0;
  for (View kind : volume_sources) {
    if (!spec[kind].given()) continue;
    if (found++ > 0) {
      out.forbidden(spec[kind], "may not specify more than 1 volume type");
    } else {
      check_volume_source(spec, kind, out);
    }
  }
  if (found == 0) out.required(spec, "must specify a volume type");
  if (spec["local"].given() && !spec["nodeAffinity"].given())
    out.required(spec["nodeAffinity"], "Local volume requires node affinity");
  if (spec["hostPath"]["path"].is("/") && spec["persistentVolumeReclaimPolicy"].is("Recycle")) {
    out.forbidden(spec["persistentVolumeReclaimPolicy"], "may not be 'recycle' for a hostPath mount of '/'");
  }
  if (!spec["storageClassName"].text().empty()) out.subdomain(spec["storageClassName"]);
  if (spec["volumeMode"].given()) out.one_of(spec["volumeMode"], {"Block", "Filesystem"});
  if (Place affinity = spec["nodeAffinity"]; affinity.given()) {
    if (affinity["required"].given()) {
      check_node_selector(affinity["required"], out);
    } else {
      out.required(affinity["required"], "must specify required node constraints");
    }
  }
  if (!before) return;
  Place old = (*before)["spec"];
  for (View kind : volume_sources) {
    if (spec[kind].value() == old[kind].value()) continue;
    out.forbidden(Place(nullptr, "spec.persistentvolumesource"),
                  "spec.persistentvolumesource is immutable after creation");
    break;
  }
  out.unchanged(Place(&spec["volumeMode"].value(), "volumeMode"), old["volumeMode"]);
}

void check_topologies(const Place& topologies, Findings& out) {
  std::vector<json::value> terms;
  for (const Place& term : topologies.items()) {
    Place expressions = term["matchLabelExpressions"];
    std::set<View> keys;
    for (const Place& expression : expressions.items()) {
      std::set<View> values;
      if (expression["values"].items().empty()) out.required(expression["values"]);
      for (const Place& value : expression["values"].items()) {
        if (!values.insert(value.text()).second) out.duplicate(value);
      }
      out.label_key(expression["key"]);
      if (!keys.insert(expression["key"].text()).second) out.duplicate(expression["key"]);
    }
    // To the server an empty one is the same as one that it has not looked at yet.
    bool empty = expressions.items().empty();
    if (empty || std::find(terms.begin(), terms.end(), term.value()) != terms.end())
      out.add(Cause{"FieldValueDuplicate", "Duplicate value: \"\"", expressions.path()});
    terms.push_back(term.value());
  }
}

void check_class(const Place& object, const Place* before, Findings& out) {
  Place provisioner = object["provisioner"], policy = object["reclaimPolicy"], mode = object["volumeBindingMode"];
  if (provisioner.text().empty()) {
    out.required(provisioner);
  } else {
    out.label_key(provisioner);
  }
  for (const Place& parameter : object["parameters"].entries()) {
    if (parameter.path() == "parameters[]")
      out.invalid(object["parameters"], json::string(), "field can not be empty.");
  }
  if (!policy.text().empty()) out.one_of(policy, {"Delete", "Retain"});
  if (!mode.given()) {
    out.required(mode);
  } else {
    out.one_of(mode, {"Immediate", "WaitForFirstConsumer"});
  }
  check_topologies(object["allowedTopologies"], out);
  if (!before) return;
  const Place& old = *before;
  for (View member : {"parameters", "provisioner", "reclaimPolicy"}) {
    if (object[member].value() != old[member].value())
      out.forbidden(object[member], "updates to " + std::string(member) + " are forbidden.");
  }
  out.unchanged(mode, old["volumeBindingMode"]);
}

}  // namespace

void check_claim_spec(const Place& spec, Findings& out) {
  Place modes = spec["accessModes"], storage = spec["resources"].entry("storage");
  if (modes.items().empty()) out.required(modes, "at least 1 access mode is required");
  out.label_selector(spec["selector"]);
  check_access_modes(modes, out);
  Place requested = spec["resources"]["requests"]["storage"];
  if (!requested.given()) {
    out.required(storage);
  } else if (auto size = Quantity::parse(requested.text()); size && (size->negative() || size->zero())) {
    out.invalid(Place(&requested.value(), storage.path()), "must be greater than zero");
  }
  if (!spec["storageClassName"].text().empty()) out.subdomain(spec["storageClassName"]);
  if (spec["volumeMode"].given()) out.one_of(spec["volumeMode"], {"Block", "Filesystem"});
  if (Place source = spec["dataSource"]; source.given()) {
    if (source["name"].text().empty()) out.required(source["name"]);
    if (source["kind"].text().empty()) out.required(source["kind"]);
    if (source["apiGroup"].text().empty() && !source["kind"].text().empty() &&
        !source["kind"].is("PersistentVolumeClaim")) {
      out.invalid(source, json::string(source["kind"].text()),
                  "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    }
  }
}

Check storage_check(std::string_view kind) {
  if (kind == "PersistentVolumeClaim") return check_claim;
  if (kind == "PersistentVolume") return check_volume;
  return kind == "StorageClass" ? check_class : nullptr;
}

}  // namespace fairlead::sandbox
