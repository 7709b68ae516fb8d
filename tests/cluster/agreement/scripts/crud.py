"""Create, read, replace and delete of plain objects, and what the server fills in."""
from script import WARNS, Edit, Script, delete, get, newer, post, put, refused_as

CM = "/api/v1/namespaces/{ns}/configmaps"


def cm(name, **more):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **more.pop("metadata", {})}, **more}


SCRIPT = Script("crud", [
    post("create", CM, cm("a", data={"k": "v"}, metadata={"labels": {"app": "x"}, "annotations": {"note": "n"}}), remember={"a": "", "a_uid": "metadata.uid"}),
    get("get", CM + "/a"),
    post("create again", CM, cm("a")),
    get("get what is not there", CM + "/nothing"),
    delete("delete what is not there", CM + "/nothing"),
    put("replace", CM + "/a", Edit("a", {"data.k": "w", "data.more": "1"}), remember={"a2": ""}),
    put("replace with the old version", CM + "/a", Edit("a", {"data.k": "x"})),
    put("replace without a version", CM + "/a", cm("a", data={"k": "y"})),
    put("replace with another name inside", CM + "/a", cm("b")),
    put("replace with another namespace inside", CM + "/a", cm("a", metadata={"namespace": "default"})),
    put("replace with no name inside", CM + "/a", {"apiVersion": "v1", "kind": "ConfigMap", "data": {}}),
    put("replace what is not there", CM + "/nothing", cm("nothing")),
    put("replace with another uid", CM + "/a", cm("a", metadata={"uid": "00000000-0000-0000-0000-000000000001"})),
    put("replace without a change", CM + "/a", cm("a", data={"k": "y"})),
    put("replace with a creation time", CM + "/a", cm("a", data={"k": "y"}, metadata={"creationTimestamp": "2001-01-01T00:00:00Z"})),
    put("replace with a deletion time", CM + "/a", cm("a", data={"k": "y"}, metadata={"deletionTimestamp": "2001-01-01T00:00:00Z"})),
    post("generated name", CM, cm("", metadata={"generateName": "gen-"})),
    post("name and generated name", CM, cm("both", metadata={"generateName": "gen-"})),
    post("long generated name", CM, cm("", metadata={"generateName": "g" * 250 + "-"})),
    post("no name", CM, {"apiVersion": "v1", "kind": "ConfigMap", "data": {}}),
    post("no kind", CM, {"metadata": {"name": "nokind"}}),
    post("no metadata", CM, {"apiVersion": "v1", "kind": "ConfigMap"}),
    post("metadata is null", CM, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": None}),
    post("unknown fields are dropped", CM, {**cm("unknown"), "nonsense": {"a": 1}}),
    post("given uid and times are replaced", CM, cm("given", metadata={"uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z", "generation": 7})),
    post("a version may not be given", CM, cm("versioned", metadata={"resourceVersion": "1"})),
    post("another namespace inside", CM, cm("ns", metadata={"namespace": "default"})),
    post("in a namespace that is not there", "/api/v1/namespaces/agree-nowhere/configmaps", cm("a")),
    get("list in a namespace that is not there", "/api/v1/namespaces/agree-nowhere/configmaps"),
    post("on the path of all namespaces", "/api/v1/configmaps", cm("all")),
    post("on an object", CM + "/a", cm("a")),
    put("on the collection", CM, cm("a")),
    post("empty data is kept", CM, cm("empty", data={}, binaryData={})),
    post("binary data", CM, cm("binary", binaryData={"b": "AAEC"})),
    post("null values are dropped", CM, cm("nulls", data=None, metadata={"labels": None, "annotations": {}})),
    post("finalizers and owners", CM, cm("owned", metadata={"finalizers": ["agree.test/hold"], "ownerReferences": [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "{a_uid}", "controller": True, "blockOwnerDeletion": False}]})),
    put("finalizers are removed", CM + "/owned", cm("owned")),
    get("list", CM),
    delete("delete", CM + "/a"),
    get("it is gone", CM + "/a"),
    delete("delete with options in the body", CM + "/empty", {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}),
    delete("delete with options without a kind", CM + "/binary", {"gracePeriodSeconds": 0}),
    delete("delete the collection", CM, headers={}),
    get("the collection is gone", CM + "?fieldSelector=metadata.name!=kube-root-ca.crt"),
    get("HEAD is GET without a body", CM),
    post("a Secret", "/api/v1/namespaces/{ns}/secrets",
         {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "b"}, "data": {"c": "ZA=="}}),
    post("a ServiceAccount", "/api/v1/namespaces/{ns}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa"}}),
    delete("delete the ServiceAccount", "/api/v1/namespaces/{ns}/serviceaccounts/sa", ignore=(("body/secrets", "automatic token Secrets ended with 1.24"),)),
    post("a LimitRange", "/api/v1/namespaces/{ns}/limitranges", {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": [
        {"type": "Container", "default": {"cpu": "200m"}, "max": {"cpu": "1"}}]}}),
    delete("delete the LimitRange", "/api/v1/namespaces/{ns}/limitranges/l"),
], known=refused_as(newer, "values are written as JSON since 1.34", {"replace with a deletion time": ("metadata.deletionTimestamp", 'Invalid value: "<time>": field is immutable')})
   | {newer("body/details/causes/1/message", "values are written as JSON since 1.34", 'Invalid value: "<time>": field is immutable'): ("replace with a deletion time",),
      newer("headers/warning", WARNS, '299 - "unknown field \\"nonsense\\""'): ("unknown fields are dropped",)})
