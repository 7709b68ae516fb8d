// The volumes of a pod.
#include <algorithm>
#include <set>

#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

// Every source that a volume can have, in the order in which they are looked at.
constexpr View sources[] = {"emptyDir",
                            "hostPath",
                            "gitRepo",
                            "gcePersistentDisk",
                            "awsElasticBlockStore",
                            "secret",
                            "nfs",
                            "iscsi",
                            "glusterfs",
                            "flocker",
                            "persistentVolumeClaim",
                            "rbd",
                            "cinder",
                            "cephfs",
                            "quobyte",
                            "downwardAPI",
                            "fc",
                            "flexVolume",
                            "configMap",
                            "azureFile",
                            "vsphereVolume",
                            "photonPersistentDisk",
                            "portworxVolume",
                            "azureDisk",
                            "storageos",
                            "projected",
                            "scaleIO",
                            "csi",
                            "ephemeral",
                            "image"};

void check_file_path(const Place& path, Findings& out) {
  View text = path.text();
  if (text.empty()) return out.required(path);
  if (text.starts_with('/')) out.invalid(path, "must be a relative path");
  std::string around = "/" + std::string(text) + "/";
  if (around.find("/../") != around.npos) {
    out.invalid(path, "must not contain '..'");
  } else if (text.starts_with("..")) {
    out.invalid(path, "must not start with '..'");
  }
}

void check_mode(const Place& mode, Findings& out) {
  if (mode.given() && (mode.number() < 0 || mode.number() > 0777))
    out.invalid(mode, "must be a number between 0 and 0777 (octal), both inclusive");
}

void check_items(const Place& source, Findings& out) {
  for (const Place& item : source["items"].items()) {
    if (item["key"].text().empty()) out.required(item["key"]);
    check_file_path(item["path"], out);
    check_mode(item["mode"], out);
  }
}

void check_downward(const Place& source, Findings& out) {
  for (const Place& item : source["items"].items()) {
    check_file_path(item["path"], out);
    bool field = item["fieldRef"].given(), resource = item["resourceFieldRef"].given();
    if (field && resource)
      out.invalid(source, json::string("resource"),
                  "fieldRef and resourceFieldRef can not be specified simultaneously");
    if (!field && !resource) out.required(source, "one of fieldRef and resourceFieldRef is required");
    if (resource && item[{"resourceFieldRef", "containerName"}].text().empty())
      out.required(item[{"resourceFieldRef", "containerName"}]);
    check_mode(item["mode"], out);
  }
}

void check_projected(const Place& projected, Findings& out) {
  check_mode(projected["defaultMode"], out);
  for (const Place& source : projected["sources"].items()) {
    int found = 0;
    for (View kind :
         {"secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"}) {
      Place one = source[kind];
      if (!one.given()) continue;
      if (found++ > 0) {
        out.forbidden(one, "may not specify more than 1 volume type per source");
        continue;
      }
      if (kind == "secret" || kind == "configMap") {
        if (one["name"].text().empty()) out.required(one["name"]);
        check_items(one, out);
      }
      if (kind == "downwardAPI") check_downward(one, out);
      if (kind != "serviceAccountToken") continue;
      if (Place seconds = one["expirationSeconds"]; seconds.given() && seconds.number() < 600)
        out.invalid(seconds, "may not specify a duration less than 10 minutes");
      check_file_path(one["path"], out);
    }
  }
}

void check_source(const Place& volume, View kind, Findings& out) {
  Place source = volume[kind];
  if (kind == "hostPath") {
    Place path = source["path"];
    if (path.text().empty()) return out.required(path);
    std::string around = "/" + std::string(path.text()) + "/";
    if (around.find("/../") != around.npos) out.invalid(path, "must not contain '..'");
    if (!source["type"].text().empty()) {
      out.one_of(source["type"],
                 {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"});
    }
  } else if (kind == "secret") {
    if (source["secretName"].text().empty()) out.required(source["secretName"]);
    check_mode(source["defaultMode"], out);
    check_items(source, out);
  } else if (kind == "configMap") {
    if (source["name"].text().empty()) out.required(source["name"]);
    check_mode(source["defaultMode"], out);
    check_items(source, out);
  } else if (kind == "persistentVolumeClaim") {
    if (source["claimName"].text().empty()) out.required(source["claimName"]);
  } else if (kind == "downwardAPI") {
    check_mode(source["defaultMode"], out);
    check_downward(source, out);
  } else if (kind == "projected") {
    check_projected(source, out);
  } else if (kind == "nfs") {
    if (source["server"].text().empty()) out.required(source["server"]);
    if (source["path"].text().empty()) out.required(source["path"]);
    if (!source["path"].text().starts_with('/'))
      out.invalid(source["path"], json::string(source["path"].text()), "must be an absolute path");
  } else if (kind == "csi") {
    if (source["driver"].text().empty()) out.required(source["driver"]);
    out.subdomain(source["driver"]);
  } else if (kind == "emptyDir") {
    if (source["sizeLimit"].text().starts_with('-'))
      out.forbidden(source["sizeLimit"], "SizeLimit field must be a valid resource quantity");
  } else if (kind == "ephemeral") {
    if (!source["volumeClaimTemplate"].given()) return out.required(source["volumeClaimTemplate"]);
    check_claim_spec(source[{"volumeClaimTemplate", "spec"}], out);
  }
}

}  // namespace

void check_volumes(const Place& volumes, Findings& out) {
  std::set<View> names;
  for (const Place& volume : volumes.items()) {
    int found = 0;
    for (View kind : sources) {
      if (!volume[kind].given()) continue;
      if (found++ > 0) {
        out.forbidden(volume[kind], "may not specify more than 1 volume type");
      } else {
        check_source(volume, kind, out);
      }
    }
    if (found == 0) out.required(volume, "must specify a volume type");
    Place name = volume["name"];
    if (name.text().empty()) {
      out.required(name);
    } else {
      out.label(name);
      if (!names.insert(name.text()).second) out.duplicate(name);
    }
  }
}

}  // namespace fairlead::sandbox
