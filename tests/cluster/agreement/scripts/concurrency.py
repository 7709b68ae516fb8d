"""Versions, uids and preconditions."""
from script import JSON_PATCH, STRATEGIC_PATCH, Edit, Script, delete, get, patch, post, put
from scripts._objects import CM, cm

OTHER = "00000000-0000-0000-0000-000000000001"

SCRIPT = Script("concurrency", [
    post("create", CM, cm("a", {"k": "v"}), remember={"first": "", "version": "metadata.resourceVersion", "uid": "metadata.uid"}),
    patch("merge patch with the right version", CM + "/a", {"metadata": {"resourceVersion": "{version}"}, "data": {"k": "w"}}),
    patch("merge patch with the old version", CM + "/a", {"metadata": {"resourceVersion": "{version}"}, "data": {"k": "x"}}),
    patch("strategic patch with the old version", CM + "/a", {"metadata": {"resourceVersion": "{version}"}, "data": {"k": "x"}}, STRATEGIC_PATCH),
    patch("JSON patch with the old version", CM + "/a", [{"op": "replace", "path": "/metadata/resourceVersion", "value": "{version}"}], JSON_PATCH),
    patch("merge patch with another uid", CM + "/a", {"metadata": {"uid": OTHER}, "data": {"k": "x"}}),
    patch("merge patch with the uid", CM + "/a", {"metadata": {"uid": "{uid}"}, "data": {"k": "y"}}),
    patch("merge patch with no version", CM + "/a", {"metadata": {"resourceVersion": None}, "data": {"k": "z"}}),
    put("replace with the old version", CM + "/a", Edit("first", {"data.k": "no"})),
    put("replace with version 0", CM + "/a", Edit("first", {"data.k": "no", "metadata.resourceVersion": "0"})),
    put("replace with a version that is no number", CM + "/a", Edit("first", {"data.k": "no", "metadata.resourceVersion": "abc"})),
    put("replace with a version to come", CM + "/a", Edit("first", {"data.k": "no", "metadata.resourceVersion": "999999999"})),
    put("replace with an empty version", CM + "/a", Edit("first", {"data.k": "last"}, ("metadata.resourceVersion",))),
    put("a version for what is not there", CM + "/b", cm("b", resourceVersion="5")),
    put("a uid for what is not there", CM + "/b", cm("b", uid=OTHER)),
    delete("delete with another uid", CM + "/a", {"preconditions": {"uid": OTHER}}),
    delete("delete with the old version", CM + "/a", {"preconditions": {"resourceVersion": "{version}"}}),
    delete("delete with both, the uid right", CM + "/a", {"preconditions": {"uid": "{uid}", "resourceVersion": "{version}"}}),
    get("it is still there", CM + "/a", remember={"version": "metadata.resourceVersion"}),
    delete("delete with the right ones", CM + "/a", {"preconditions": {"uid": "{uid}", "resourceVersion": "{version}"}}),
    post("create anew", CM, cm("a"), remember={"second": "", "now": "metadata.resourceVersion"}),
    put("replace with the uid of the one before", CM + "/a", Edit("first", {"data.k": "no"}, ("metadata.resourceVersion",))),
    get("get at version 0", CM + "/a?resourceVersion=0"),
    get("get at its version", CM + "/a?resourceVersion={now}"),
    get("get at a version that is no number", CM + "/a?resourceVersion=abc"),
    get("get at a version to come", CM + "/a?resourceVersion=999999999"),
])
