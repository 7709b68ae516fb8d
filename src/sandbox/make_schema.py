#!/usr/bin/env python3
"""Prints protobuf_schema_{core,other,definitions,zeros}.cpp and schema_docs_*.cpp from the generated.proto files of the Kubernetes API.

usage: make_schema.py DIRECTORY   (holds core_v1.proto, apps_v1.proto, …: the generated.proto of each package in ROOTS,
                                   renamed, and beside each its types.go as core_v1.go and so on, apiextensions_v1.go with
                                   types_jsonschema.go behind it)
"""
import re
import sys

# In this order a message that an earlier package has by the same name gets its own package's name before it.
ROOTS = {
    "core_v1": ["Pod", "Node", "Namespace", "Event", "ConfigMap", "Secret", "ServiceAccount", "Service", "Endpoints", "PersistentVolumeClaim",
                "PersistentVolume", "ResourceQuota", "LimitRange", "ReplicationController", "PodTemplate", "Binding"],
    "meta_v1": ["Status", "DeleteOptions", "PartialObjectMetadata", "APIGroupList", "APIResourceList", "APIVersions"],
    "apps_v1": ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ControllerRevision"],
    "events_v1": ["Event"],
    "autoscaling_v2": ["HorizontalPodAutoscaler"],
    "autoscaling_v1": ["Scale", "HorizontalPodAutoscaler"],
    "policy_v1": ["Eviction", "PodDisruptionBudget"],
    "batch_v1": ["Job", "CronJob"],
    "networking_v1": ["Ingress", "IngressClass", "NetworkPolicy"],
    "discovery_v1": ["EndpointSlice"],
    "storage_v1": ["StorageClass"],
    "rbac_v1": ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"],
    "coordination_v1": ["Lease"],
    "scheduling_v1": ["PriorityClass"],
    "authentication_v1": ["TokenRequest", "TokenReview", "SelfSubjectReview"],
    "authorization_v1": ["SubjectAccessReview", "LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview"],
    "metrics_v1beta1": ["NodeMetrics", "PodMetrics"],
    "apiextensions_v1": ["CustomResourceDefinition"],
}
# Messages that their JSON form writes as something else than an object; the encoder knows them by name.
SPECIAL = {"Quantity", "Time", "MicroTime", "IntOrString", "FieldsV1", "Duration", "RawExtension", "ExtraValue", "Verbs", "JSON"}
SCALARS = {"string": "", "bool": ":b", "int32": ":i", "int64": ":l", "bytes": ":B", "double": ":d"}


def parse_proto(path):
    """{message: (notes, [(label, type, field, number, notes)])}"""
    messages, current, notes = {}, None, []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if match := re.match(r"message (\w+) \{", line):
            current = messages.setdefault(match[1], (notes, []))[1]
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


def parse_go(path):
    """{(message, protobuf field): (JSON name, inlined, scalar left out when zero, required, what stands there when not set)}"""
    out, current, optional = {}, None, False
    for line in open(path, encoding="utf-8"):
        if match := re.match(r"type (\w+) struct", line):
            current = match[1]
        elif "+optional" in line:
            optional = True
        elif match := re.match(r'\s+(?:\w+\s+)?([\w.*\[\]]+)\s+`json:"([\w$-]*)((?:,\w+)*)"(?: patch\w+:"[^"]*")* protobuf:"\w+,\d+(?:,(?:opt|req|rep|packed))*(?:,name=(\w+))?', line):
            go_type, name, words, field = match[1], match[2], match[3], match[4]
            if not field:  # an embedded struct goes by its type's name
                bare = go_type.rsplit(".", 1)[-1].lstrip("*")
                field = bare[:1].lower() + bare[1:]
            omits = "omitempty" in words or "omitzero" in words
            nullable = go_type.startswith(("*", "[", "map"))
            zero = ("null" if nullable else "zero") if not omits else "" if nullable or "omitzero" in words else "struct"
            out[(current, field)] = (name or field, "inline" in words, omits and not nullable, not omits and not optional, zero)
            optional = False
        elif not line.strip():
            optional = False
    return out


def note(notes, key):
    return [n.split("=", 1)[1] for n in notes if n.startswith(f"+{key}=")]


def print_wrapped(line, words):
    """A line and its words; what does not fit goes on below, indented."""
    for word in words:
        if len(line) + len(word) > 138:
            print(line)
            line = " "
        line += " " + word
    print(line)


def description(notes, longest=340):
    """The first paragraph of a comment, whole sentences up to that length."""
    lines = []
    for line in notes:
        if not line and lines or line.startswith("+") and lines:
            break
        if line and not line.startswith("+") and not line.startswith("---"):
            lines.append(line)
    text = " ".join(" ".join(lines).split())
    out = ""
    for sentence in re.split(r"(?<=[.!?]) (?=[A-Z\"'`*-])", text):
        if out and len(out) + len(sentence) > longest:
            break
        out += (" " if out else "") + sentence
    return out[:600]


def main():
    directory = sys.argv[1]
    protos = {name: parse_proto(f"{directory}/{name}.proto") for name in ROOTS}
    tags = {name: parse_go(f"{directory}/{name}.go") for name in ROOTS}
    order = list(ROOTS)
    owners = {}

    def own_name(package, name):
        if owners.setdefault(name, package) == package:
            return name
        return package.rsplit("_", 1)[0] + "." + name

    def resolve(package, type_name):
        parts = type_name.split(".")
        short = parts[-1]
        if short in SPECIAL:
            return None, short
        if len(parts) > 1:
            package = "meta_v1" if "apimachinery" in type_name else f"{parts[-3]}_{parts[-2]}"
        return package, short

    # First who is needed, so that names are given in the order of packages, then the fields.
    needed, queue = [], [(package, root) for package, roots in ROOTS.items() for root in roots]
    while queue:
        package, name = queue.pop(0)
        if (package, name) in needed:
            continue
        needed.append((package, name))
        for _, type_name, _, _, _ in protos[package][name][1]:
            if type_name in SCALARS:
                continue
            target, short = resolve(package, type_name)
            if target:
                queue.append((target, short))
    for package, name in sorted(needed, key=lambda entry: order.index(entry[0])):
        own_name(package, name)

    done, zeros = {}, {}
    for package, name in needed:
        fields = []
        for label, type_name, field, number, notes in protos[package][name][1]:
            if type_name in SCALARS:
                code = SCALARS[type_name]
            else:
                target, short = resolve(package, type_name)
                code = ":" + (own_name(target, short) if target else short)
            json_name, inlined, omits, required, zero = tags[package].get((name, field), (field, False, False, False, ""))
            if zero and not inlined and not (zero == "struct" and (type_name in SCALARS or label != "optional")):
                zeros.setdefault(own_name(package, name), []).append(json_name + ("-" if zero == "null" or label != "optional" else ""))
            text = f"{field if inlined else json_name}={number}" + {"optional": "", "repeated": "*", "map": "%"}[label] + code
            strategy = "".join(note(notes, "patchStrategy"))
            if "merge" in strategy:
                text += "@" + "".join(note(notes, "patchMergeKey"))
            if "retainKeys" in strategy:
                text += "~"
            if label == "optional" and type_name in SCALARS and omits:
                text += "?"
            if label == "repeated" and "map" in note(notes, "listType"):
                text += "^" + ",".join(note(notes, "listMapKey"))
            if label == "repeated" and "set" in note(notes, "listType"):
                text += "^"
            if "atomic" in note(notes, "mapType") + note(notes, "structType"):
                text += "$"
            if required:
                text += "+"
            if inlined:
                text += "!"
            fields.append((number, text))
        atomic = "$" if "atomic" in note(protos[package][name][0], "structType") else ""
        done[(package, own_name(package, name) + atomic)] = [text for _, text in sorted(fields)]

    files = {"core": ["core_v1"], "definitions": ["apiextensions_v1"]}
    files["other"] = [package for package in ROOTS if package not in files["core"] + files["definitions"]]

    def dump(which, variable):
        print("// Made by make_schema.py from the generated.proto files of the Kubernetes API. Do not edit.")
        print('#include "sandbox/protobuf_schema.h"\n\nnamespace fairlead::sandbox {\n')
        print(f'extern const char {variable}[] = R"schema(')
        for (package, name), fields in sorted(done.items()):
            if package not in which:
                continue
            print_wrapped(name, fields)
        print(')schema";\n\n}  // namespace fairlead::sandbox')

    # "#package" opens a package, "Message: text" a message, " field: text" says what a member of it is for.
    def dump_docs(which, variable):
        print("// Made by make_schema.py from the comments of the Kubernetes API (Copyright The Kubernetes Authors, Apache License 2.0). Do not edit.")
        print('#include "sandbox/schema_docs.h"\n\nnamespace fairlead::sandbox {\n')
        print(f'extern const char {variable}[] = R"docs(')
        for package in which:
            print(f"#{package}")
            for name in sorted({name for owner, name in needed if owner == package}):
                print(f"{own_name(package, name)}: {description(protos[package][name][0])}")
                for _, _, field, _, notes in sorted(protos[package][name][1], key=lambda entry: entry[3]):
                    json_name, inlined, _, _, _ = tags[package].get((name, field), (field, False, False, False, ""))
                    if not inlined and (text := description(notes)):
                        print(f" {json_name}: {text}")
        print(')docs";\n\n}  // namespace fairlead::sandbox')

    for suffix, which in files.items():
        with open(f"protobuf_schema_{suffix}.cpp", "w", encoding="utf-8") as sys.stdout:
            dump(which, f"schema_{suffix}")
        with open(f"schema_docs_{suffix}.cpp", "w", encoding="utf-8") as sys.stdout:
            dump_docs(which, f"docs_{suffix}")
    with open("protobuf_schema_zeros.cpp", "w", encoding="utf-8") as sys.stdout:
        print("// Made by make_schema.py from the types.go files of the Kubernetes API. Do not edit.")
        print('#include "sandbox/protobuf_schema.h"\n\nnamespace fairlead::sandbox {\n')
        print('extern const char schema_zeros[] = R"schema(')
        for name, fields in sorted(zeros.items()):
            print_wrapped(name, fields)
        print(')schema";\n\n}  // namespace fairlead::sandbox')


main()
