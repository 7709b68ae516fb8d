"""Watches. A watch that starts at a version before the changes replays them, so nothing has to happen at the same time."""
from script import MERGE_PATCH, PARTIAL, TABLE, Script, delete, get, newer, patch, post, quietly, refused_as, watch
from scripts._objects import CM, cm

SINCE = CM + "?watch=1&resourceVersion={start}&timeoutSeconds=5"

SCRIPT = Script("watch", [
    quietly(post("before", CM, cm("before", labels={"x": "1"}), remember={"start": "metadata.resourceVersion"})),
    quietly(post("make a", CM, cm("a", {"k": "v"}, labels={"x": "1"}))),
    quietly(patch("change a", CM + "/a", {"data": {"k": "w"}}, MERGE_PATCH)),
    quietly(patch("a leaves the selector", CM + "/a", {"metadata": {"labels": {"x": "2"}}}, MERGE_PATCH)),
    quietly(patch("a comes back", CM + "/a", {"metadata": {"labels": {"x": "1"}}}, MERGE_PATCH)),
    quietly(patch("no change", CM + "/a", {"metadata": {"labels": {"x": "1"}}}, MERGE_PATCH)),
    quietly(delete("delete a", CM + "/a")),
    quietly(post("make b", CM, cm("b"))),
    watch("all changes", SINCE, 6),
    watch("with a selector", SINCE + "&labelSelector=x%3D1", 5),
    watch("one name", SINCE + "&fieldSelector=metadata.name=b", 1),
    watch("an object's path", CM + "/b?watch=1&resourceVersion={start}&timeoutSeconds=5", 1),
    watch("the old path", "/api/v1/watch/namespaces/{ns}/configmaps/b?resourceVersion={start}&timeoutSeconds=5", 1),
    watch("as a Table", SINCE, 2, headers={"Accept": TABLE}),
    watch("as a Table without objects", SINCE + "&includeObject=None", 2, headers={"Accept": TABLE}),
    watch("as metadata", SINCE, 2, headers={"Accept": PARTIAL}),
    watch("from now: what is there", CM + "?watch=1&timeoutSeconds=2&fieldSelector=metadata.name=b", 1),
    watch("from 0: what is there", CM + "?watch=1&resourceVersion=0&timeoutSeconds=2&fieldSelector=metadata.name=b", 1),
    watch("it ends at its time", SINCE + "&labelSelector=none", 1),
    watch("watch=true", CM + "?watch=true&resourceVersion={start}&timeoutSeconds=5", 1),
    watch("a version that is no number", CM + "?watch=1&resourceVersion=abc&timeoutSeconds=2", 1),
    watch("a selector that is none", CM + "?watch=1&labelSelector=!!&timeoutSeconds=2", 1),
    watch("a field that is none", CM + "?watch=1&fieldSelector=data.k=v&timeoutSeconds=2", 1),
    watch("of what is no kind", "/api/v1/namespaces/{ns}/nothings?watch=1&timeoutSeconds=2", 1),
    watch("in a namespace that is not there", "/api/v1/namespaces/agree-nowhere/configmaps?watch=1&timeoutSeconds=1", 1),
    watch("a version compacted long ago", "/api/v1/namespaces/{ns}/configmaps?watch=1&resourceVersion=1&timeoutSeconds=2&labelSelector=none", 1, compared=False),
    get("watch=false lists", CM + "?watch=false&labelSelector=x", only=("kind",)),
    get("watch=0 lists", CM + "?watch=0&labelSelector=x", only=("kind",)),
    watch("a timeout that is no number", CM + "?watch=1&timeoutSeconds=x&resourceVersion={start}", 1),
    watch("a match for a watch", SINCE + "&resourceVersionMatch=NotOlderThan", 1),
], known=refused_as(newer, "resourceVersionMatch has a use for watches since 1.27", {
    "a match for a watch": ("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")}))
