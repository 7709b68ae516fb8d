#!/usr/bin/env python3
"""Prints protobuf_schema_{core,other}.cpp from the generated.proto files of the Kubernetes API.

usage: make_schema.py DIRECTORY   (holds core_v1.proto, apps_v1.proto, events_v1.proto, autoscaling_v1.proto,
                                   policy_v1.proto, meta_v1.proto: the generated.proto of each package, renamed,
                                   and beside each its types.go as core_v1.go and so on)
"""
import re
import sys

ROOTS = {
    "core_v1": ["Pod", "Node", "Namespace", "Event", "ConfigMap", "Secret", "ServiceAccount", "Service"],
    "apps_v1": ["Deployment", "ReplicaSet"],
    "events_v1": ["Event"],
    "autoscaling_v1": ["Scale"],
    "policy_v1": ["Eviction"],
    "meta_v1": ["Status", "DeleteOptions", "PartialObjectMetadata"],
}
# Messages that their JSON form writes as something else than an object; the encoder knows them by name.
SPECIAL = {"Quantity", "Time", "MicroTime", "IntOrString", "FieldsV1", "Duration", "RawExtension"}
# Fields whose Go struct is embedded: their members stand in the parent's JSON object.
INLINED = {
    "ConfigMapEnvSource.localObjectReference", "ConfigMapKeySelector.localObjectReference",
    "ConfigMapProjection.localObjectReference", "ConfigMapVolumeSource.localObjectReference", "SecretEnvSource.localObjectReference",
    "SecretKeySelector.localObjectReference", "SecretProjection.localObjectReference", "Volume.volumeSource",
    "Probe.handler", "EphemeralContainer.ephemeralContainerCommon",
}
SCALARS = {"string": "", "bool": ":b", "int32": ":i", "int64": ":l", "bytes": ":B", "double": ":d"}


def parse(path):
    messages, current, notes = {}, None, []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if match := re.match(r"message (\w+) \{", line):
            current = messages.setdefault(match[1], [])
            notes = []
        elif line.startswith("//"):
            notes.append(line[2:].strip())
        elif line == "}":
            current = None
        elif current is not None and (match := re.match(r"(optional|repeated|map<string, ([\w.]+)>) ?([\w.]+)? (\w+) = (\d+);", line)):
            current.append((match[1].split("<")[0], match[2] or match[3], match[4], int(match[5]), notes))
            notes = []
        elif not line:
            notes = []
    return messages


def omitted_when_zero(path):
    """Scalars that Go leaves out of JSON when they are zero, but sends in protobuf: {("Probe", "periodSeconds"), ...}."""
    out, current = set(), None
    for line in open(path, encoding="utf-8"):
        if match := re.match(r"type (\w+) struct", line):
            current = match[1]
        elif current and (match := re.match(r'\s+\w+\s+([\w.*\[\]]+)\s+`json:"(\w+),omit(?:empty|zero)', line)):
            if not match[1].startswith(("*", "[", "map")):
                out.add((current, match[2]))
    return out


def main():
    directory = sys.argv[1]
    packages = {name: parse(f"{directory}/{name}.proto") for name in ROOTS}
    omitted = {name: omitted_when_zero(f"{directory}/{name}.go") for name in ROOTS}
    done, queue = {}, [(package, root) for package, roots in ROOTS.items() for root in roots]

    def resolve(package, type_name):
        parts = type_name.split(".")
        short = parts[-1]
        if short in SPECIAL:
            return None, short
        if len(parts) > 1:
            package = {"v1": "meta_v1"}.get(parts[-2]) if "apimachinery" in type_name else f"{parts[-3]}_v1"
        return package, short

    while queue:
        package, name = queue.pop(0)
        if (package, name) in done:
            continue
        fields = []
        for label, type_name, field, number, notes in packages[package][name]:
            if type_name in SCALARS:
                code = SCALARS[type_name]
            else:
                target, short = resolve(package, type_name)
                if target:
                    queue.append((target, short))
                code = ":" + (f"events.{short}" if target == "events_v1" else short)
            text = f"{field}={number}" + {"optional": "", "repeated": "*", "map": "%"}[label] + code
            strategy = next((n.split("=", 1)[1] for n in notes if n.startswith("+patchStrategy=")), "")
            key = next((n.split("=", 1)[1] for n in notes if n.startswith("+patchMergeKey=")), "")
            if "merge" in strategy:
                text += "@" + key
            if "retainKeys" in strategy:
                text += "~"
            if label == "optional" and type_name in SCALARS and (name, field) in omitted[package]:
                text += "?"
            if f"{name}.{field}" in INLINED:
                text += "!"
            fields.append((number, text))
        done[(package, name)] = [text for _, text in sorted(fields)]

    def dump(which, variable):
        print(f"// Made by make_schema.py from the generated.proto files of the Kubernetes API. Do not edit.")
        print('#include "sandbox/protobuf_schema.h"\n\nnamespace fairlead::sandbox {\n')
        print(f'extern const char {variable}[] = R"schema(')
        for (package, name), fields in sorted(done.items()):
            if (package == "core_v1") != which:
                continue
            line = ("events." if package == "events_v1" else "") + name
            for text in fields:
                if len(line) + len(text) > 118:
                    print(line)
                    line = " "
                line += " " + text
            print(line)
        print(')schema";\n\n}  // namespace fairlead::sandbox')

    for which, variable, suffix in ((True, "schema_core", "core"), (False, "schema_other", "other")):
        with open(f"protobuf_schema_{suffix}.cpp", "w", encoding="utf-8") as sys.stdout:
            dump(which, variable)


main()
