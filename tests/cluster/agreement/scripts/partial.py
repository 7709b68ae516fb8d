"""Metadata alone, and Tables with more or less of the object."""
from script import PARTIAL, PARTIAL_LIST, RESTARTS, TABLE, Script, delete, get, newer, patch, post, put, quietly
from scripts._objects import CM, PODS, cm, waiting_pod

MINE = CM + "?labelSelector=mine"
AS = {"Accept": PARTIAL}

SCRIPT = Script("partial", [
    quietly(post("make a", CM, cm("a", {"k": "v"}, labels={"mine": ""}, annotations={"n": "o"}))),
    quietly(post("make b", CM, cm("b", {"k": "v"}, labels={"mine": ""}))),
    get("an object's metadata", CM + "/a", headers=AS),
    get("an object's metadata as a list's", CM + "/a", headers={"Accept": PARTIAL_LIST}),
    get("a list's metadata", MINE, headers={"Accept": PARTIAL_LIST}),
    get("a list's metadata as an object's", MINE, headers=AS),
    get("v1beta1", MINE, headers={"Accept": PARTIAL_LIST.replace("v=v1;", "v=v1beta1;")}),
    get("an error", CM + "/nothing", headers=AS),
    post("what was made", CM, cm("c"), headers=AS),
    patch("what was patched", CM + "/c", {"data": {"a": "b"}}, headers=AS),
    put("what was replaced", CM + "/c", cm("c"), headers=AS),
    delete("what was deleted", CM + "/c", headers=AS),
    get("a page", MINE + "&limit=1", headers={"Accept": PARTIAL_LIST}),
    get("an object as a Table", CM + "/a", headers={"Accept": TABLE}),
    get("a list as a Table", MINE, headers={"Accept": TABLE}),
    get("without objects", MINE + "&includeObject=None", headers={"Accept": TABLE}),
    get("with whole objects", MINE + "&includeObject=Object", headers={"Accept": TABLE}),
    get("with metadata", MINE + "&includeObject=Metadata", headers={"Accept": TABLE}),
    get("with what is none", MINE + "&includeObject=Nothing", headers={"Accept": TABLE}),
    get("an empty list as a Table", CM + "?labelSelector=none", headers={"Accept": TABLE}),
    get("v1beta1 Table", CM + "/a", headers={"Accept": TABLE.replace("v=v1;", "v=v1beta1;")}),
    get("an error for a Table", CM + "/nothing", headers={"Accept": TABLE}),
    post("made as a Table", CM, cm("t"), headers={"Accept": TABLE}),
    patch("patched as a Table", CM + "/t", {"data": {"a": "b"}}, headers={"Accept": TABLE}),
    delete("deleted as a Table", CM + "/t", headers={"Accept": TABLE}),
    post("a pod as a Table", PODS, waiting_pod("p"), headers={"Accept": TABLE}, ignore=(("body/rows/*/conditions", "none yet"),)),
    get("a namespace as a Table", "/api/v1/namespaces/{ns}", headers={"Accept": TABLE}),
], service_account=True, known={
    newer("body/columnDefinitions/3/type", RESTARTS, "string"): ("a pod as a Table",),
    newer("body/rows/0/cells/3", RESTARTS, "0"): ("a pod as a Table",),
})
