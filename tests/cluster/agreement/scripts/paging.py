"""limit, continue, resourceVersion and resourceVersionMatch of lists."""
from script import TABLE, Script, get, post, quietly, wait
from scripts._objects import CM, cm

PAGE = ("items[0].metadata.name", "items[1].metadata.name", "items[2].metadata.name", "metadata", "kind", "message", "reason", "code", "details", "status")
MINE = CM + "?labelSelector=mine"

SCRIPT = Script("paging", [
    wait("the controller's ConfigMap", CM + "/kube-root-ca.crt", 200, within=10),
    *[quietly(post(f"make {i}", CM, cm(f"c{i}", labels={"mine": "", **({"odd": ""} if i % 2 else {})}))) for i in range(5)],
    get("first page", CM + "?limit=2", only=PAGE, remember={"next": "metadata.continue", "version": "metadata.resourceVersion"}),
    quietly(post("make one more", CM, cm("c9", labels={"mine": ""}))),
    get("second page shows the list as it was", CM + "?limit=2&continue={next}", only=PAGE, remember={"third": "metadata.continue"}),
    get("third page", CM + "?limit=5&continue={third}", only=PAGE),
    get("a page without a limit", CM + "?continue={next}", only=PAGE),
    get("a page again", CM + "?limit=2&continue={next}", only=PAGE),
    get("pages with a selector have no count", MINE + "&limit=2", only=PAGE, remember={"selected": "metadata.continue"}),
    get("second page with a selector", MINE + "&limit=9&continue={selected}", only=PAGE),
    get("a selector that leaves few", CM + "?labelSelector=odd&limit=1", only=PAGE),
    get("the limit is the number", MINE + "&limit=6", only=PAGE),
    get("limit 0", MINE + "&limit=0", only=PAGE),
    get("limit -1", MINE + "&limit=-1", only=PAGE),
    get("limit that is no number", MINE + "&limit=x", only=PAGE),
    get("limit too large for a number", MINE + "&limit=99999999999999999999", only=PAGE),
    get("a token that is none", CM + "?continue=abc", only=PAGE),
    get("a token that is none, coded", CM + "?continue=e30", only=PAGE),
    get("a token and a version", CM + "?limit=2&continue={next}&resourceVersion={version}", only=PAGE),
    get("a token and version 0", CM + "?limit=2&continue={next}&resourceVersion=0", only=PAGE),
    get("version 0", MINE + "&resourceVersion=0", only=("kind", "metadata")),
    get("version 0 with a limit", MINE + "&resourceVersion=0&limit=2", only=("kind",)),
    get("not older than", MINE + "&resourceVersion={version}&resourceVersionMatch=NotOlderThan", only=("kind", "metadata")),
    get("exact", MINE + "&resourceVersion={version}&resourceVersionMatch=Exact", only=PAGE),
    get("exact with a limit", MINE + "&resourceVersion={version}&resourceVersionMatch=Exact&limit=1", only=PAGE),
    get("exact at 0", MINE + "&resourceVersion=0&resourceVersionMatch=Exact", only=PAGE),
    get("match without a version", MINE + "&resourceVersionMatch=Exact", only=PAGE),
    get("match that is none", MINE + "&resourceVersion={version}&resourceVersionMatch=Nearly", only=PAGE),
    get("match with a token", CM + "?limit=2&continue={next}&resourceVersionMatch=Exact", only=PAGE),
    get("a version that is no number", MINE + "&resourceVersion=abc", only=PAGE),
    get("a version to come", MINE + "&resourceVersion=999999999", only=PAGE, within=5),
    get("pages as a Table", CM + "?limit=1", headers={"Accept": TABLE}, only=("metadata", "kind", "rows[0].cells", "rows[1]")),
    get("pages of all namespaces", "/api/v1/configmaps?limit=1&labelSelector=mine", only=PAGE),
])
