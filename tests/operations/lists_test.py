#!/usr/bin/env python3
"""The lists of the catalog against a cluster: the same facts as kubectl's, in every format, all rows once."""
import json
import re
import unittest

from cluster_case import ClusterCase, controller
import program

LISTS = ["list_pods", "list_nodes", "list_namespaces", "list_deployments", "list_events", "list_api_resources"]
NAMESPACED = ["list_pods", "list_deployments", "list_events"]
RESOURCE = {"list_pods": "pods", "list_nodes": "nodes", "list_namespaces": "namespaces", "list_deployments": "deployments", "list_events": "events",
            "list_api_resources": "resources"}


def key(row):
    return (row.get("namespace"), row.get("name", row.get("object")), row.get("type"), row.get("reason"), row.get("message"))


def first_number(text):
    return int(re.match(r"\d+", text).group())


def none(text):
    return None if text in ("", "<none>") else text


class Facts(ClusterCase):
    def test_pods(self):
        def read():
            table = {(r["NAMESPACE"], r["NAME"]): (r["READY"], r["STATUS"], first_number(r["RESTARTS"]), none(r["NODE"]), none(r["IP"]))
                     for r in self.kubectl.table("pods", "-A", "-o", "wide")}
            return table, self.kubectl.items("pods", "-A")

        def compare(before):
            table, items = before
            rows = self.rows("list_pods")

            def check():
                ours = {(r["namespace"], r["name"]): (r["ready"], r["status"], r["restarts"], r["node"], r["ip"]) for r in rows}
                self.assertEqual(ours, table)
                self.assertEqual(len(rows), len(ours), "a pod is there twice")
                by_place = {(r["namespace"], r["name"]): r for r in rows}
                for item in items:
                    row = by_place[item["metadata"]["namespace"], item["metadata"]["name"]]
                    self.assertEqual(row["owner"], controller(item))
                    self.assertEqual(row["containers"], [c["name"] for c in item["spec"]["containers"]])
                    self.assertEqual(row["created"], item["metadata"]["creationTimestamp"])
                    requests = [c.get("resources", {}).get("requests", {}) for c in item["spec"]["containers"]]
                    self.assertEqual(row["cpu_request"] is not None, any("cpu" in r for r in requests), row)
                    self.assertEqual(row["memory_request"] is not None, any("memory" in r for r in requests), row)
                    restarts = [c["lastState"]["terminated"]["finishedAt"] for kind in ("containerStatuses", "initContainerStatuses")
                                for c in item["status"].get(kind, []) if "terminated" in c.get("lastState", {}) and c.get("restartCount")]
                    if restarts and row["restarts"]:
                        self.assertIsNotNone(row["restarted"], row)
            return check

        table, _ = self.settled(read, compare, 60)
        self.assertTrue(table)

    def test_nodes(self):
        def compare(items):
            table = {r["NAME"]: r for r in self.kubectl.table("nodes", "-o", "wide")}
            rows = self.rows("list_nodes")

            def check():
                self.assertEqual(sorted(r["name"] for r in rows), sorted(i["metadata"]["name"] for i in items))
                for item in items:
                    row = next(r for r in rows if r["name"] == item["metadata"]["name"])
                    told = table[row["name"]]
                    self.assertEqual(row["status"], told["STATUS"])
                    self.assertEqual(row["roles"], told["ROLES"])
                    self.assertEqual(row["version"], told["VERSION"])
                    self.assertEqual(row["os_image"], told["OS-IMAGE"])
                    self.assertEqual(row["kernel"], told["KERNEL-VERSION"])
                    self.assertEqual(row["runtime"], told["CONTAINER-RUNTIME"])
                    self.assertEqual(row["internal_ip"], none(told["INTERNAL-IP"]))
                    self.assertEqual(row["external_ip"], none(told["EXTERNAL-IP"]))
                    self.assertEqual(row["pods"], item["status"]["allocatable"]["pods"])
                    self.assertEqual(row["provider_id"], item["spec"].get("providerID"))
                    self.assertEqual(row["created"], item["metadata"]["creationTimestamp"])
                    self.assertEqual(row["cpu"], item["status"]["allocatable"]["cpu"])
                    self.assertEqual(row["cpu_capacity"], item["status"]["capacity"]["cpu"])
                    self.assertEqual(row["taints"], [f"{t['key']}={t['value']}:{t['effect']}" if t.get("value") else f"{t['key']}:{t['effect']}"
                                                     for t in item["spec"].get("taints", [])])
                    wrong = [c["type"] for c in item["status"]["conditions"] if c["type"] != "Ready" and c["status"] != "False"]
                    self.assertEqual(row["problems"], wrong)
            return check

        def read():
            items = self.kubectl.items("nodes")
            for item in items:  # a heartbeat is no change
                item["metadata"].pop("resourceVersion"), item["metadata"].pop("managedFields", None)
                for condition in item["status"]["conditions"]:
                    condition.pop("lastHeartbeatTime", None)
            return items

        self.assertTrue(self.settled(read, compare))

    def test_namespaces(self):
        def compare(items):
            rows = self.rows("list_namespaces")
            return lambda: self.assertEqual(
                {r["name"]: (r["status"], r["created"], r["labels"]) for r in rows},
                {i["metadata"]["name"]: (i["status"]["phase"], i["metadata"]["creationTimestamp"], i["metadata"].get("labels", {})) for i in items})

        self.assertTrue(self.settled(lambda: self.kubectl.items("namespaces"), compare))

    def test_deployments(self):
        def compare(items):
            table = {(r["NAMESPACE"], r["NAME"]): r for r in self.kubectl.table("deployments", "-A", "-o", "wide")}
            rows = self.rows("list_deployments")

            def check():
                self.assertEqual(sorted((r["namespace"], r["name"]) for r in rows), sorted(table))
                for item in items:
                    where = item["metadata"]["namespace"], item["metadata"]["name"]
                    row = next(r for r in rows if (r["namespace"], r["name"]) == where)
                    told = table[where]
                    self.assertEqual(row["ready"], told["READY"])
                    self.assertEqual(row["updated"], int(told["UP-TO-DATE"]))
                    self.assertEqual(row["available"], int(told["AVAILABLE"]))
                    self.assertEqual(",".join(row["containers"]), told["CONTAINERS"])
                    self.assertEqual(",".join(row["images"]), told["IMAGES"])
                    self.assertEqual(row["selector"], told["SELECTOR"])
                    self.assertEqual(row["strategy"], item["spec"]["strategy"]["type"])
                    self.assertEqual(row["conditions"], [f"{c['type']}={c['status']}" for c in item["status"].get("conditions", [])])
                    complete = item["status"].get("availableReplicas", 0) == item["spec"].get("replicas", 1) == item["status"].get("updatedReplicas", 0)
                    if complete:
                        self.assertEqual(row["rollout"] or "", "", row)
                    else:
                        self.assertTrue(row["rollout"], row)
            return check

        self.assertTrue(self.settled(lambda: self.kubectl.items("deployments", "-A"), compare))

    def test_events_are_grouped_with_their_count(self):
        def compare(items):
            grouped = {}
            for item in items:
                involved = item["involvedObject"]
                group = (item["metadata"]["namespace"], f"{involved['kind']}/{involved['name']}", item["type"], item["reason"], item.get("message", ""))
                series = item.get("series") or {}
                last = series.get("lastObservedTime") or item.get("lastTimestamp") or item.get("eventTime") or item["metadata"]["creationTimestamp"]
                count, seen = grouped.get(group, (0, ""))
                grouped[group] = (count + (series.get("count") or item.get("count") or 1), max(seen, re.sub(r"\.\d+", "", last)))
            answer = self.document("list_events", "--limit", "100000")

            def check():
                ours = {(r["namespace"], r["object"], r["type"], r["reason"], r["message"]): (r["count"], r["last_seen"]) for r in answer["items"]}
                self.assertEqual(ours, grouped)
                self.assertEqual(answer["total"], len(grouped))
                types = [r["type"] for r in answer["items"]]
                self.assertEqual(types, sorted(types, key=lambda t: t != "Warning"), "warnings come first")
            return check

        self.assertTrue(self.settled(lambda: self.kubectl.items("events", "-A"), compare, 60))

    def test_filters_of_events(self):
        def names(*arguments):
            return {key(r) for r in self.rows("list_events", "--limit", "100000", *arguments)}

        some = self.rows("list_events", "--limit", "100000")
        event = some[0]
        kind, name = event["object"].split("/")
        for flag, value, test in (("--type", event["type"], lambda r: r["type"] == event["type"]), ("--reason", event["reason"], lambda r: r["reason"] == event["reason"]),
                                  ("--kind", kind, lambda r: r["object"].startswith(kind + "/")), ("--object", name, lambda r: r["object"].endswith("/" + name))):
            rows = self.rows("list_events", "--limit", "100000", flag, value)
            self.assertTrue(rows, flag)
            self.assertTrue(all(test(r) for r in rows), flag)
        self.assertEqual(self.call("list_events", "--type", "Odd").status, 2)
        self.assertTrue(names("--since-seconds", "100000000") >= {key(r) for r in some})


    def test_api_resources(self):
        def compare(table):
            rows = self.rows("list_api_resources")

            def check():
                ours = {(r["name"], r["api_version"]): r for r in rows}
                self.assertEqual(len(ours), len(rows), "a kind is there twice")
                self.assertEqual({(r["NAME"], r["APIVERSION"]) for r in table} - set(ours), set())
                self.assertEqual({r["NAME"] for r in table}, {r["name"] for r in rows})
                for told in table:
                    row = ours[told["NAME"], told["APIVERSION"]]
                    self.assertEqual((row["kind"], row["namespaced"], row["short_names"], sorted(row["verbs"])),
                                     (told["KIND"], told["NAMESPACED"] == "true", [s for s in told["SHORTNAMES"].split(",") if s], sorted(told["VERBS"].strip("[]").replace(" ", ",").split(","))))
            return check
        self.assertTrue(self.settled(lambda: self.kubectl.table_of("api-resources", "-o", "wide", "--cached=false"), compare))


class Formats(ClusterCase):
    def test_every_list_in_every_format(self):
        for operation, format in [(o, f) for o in LISTS for f in ("json", "table", "yaml", "wide", "name")]:
            with self.subTest(operation=operation, format=format):
                if (operation, format) == ("list_events", "name"):  # a row stands for several events
                    self.failed(self.call(operation, "-o", format), "invalid_request", 2)
                    continue
                outcome = self.ok(self.call(operation, "-o", format))
                self.assertTrue(outcome.out.endswith("\n"), outcome)
                lines = outcome.out.splitlines()
                if format in ("table", "wide"):
                    head = lines[0].split()
                    self.assertEqual(head, [h.upper() for h in head])
                    self.assertIn("MESSAGE" if operation == "list_events" else "NAME", head)
                    self.assertTrue(all(not line.endswith(" ") for line in lines), "blanks at the end of a line")
                elif format == "name":
                    noun = RESOURCE[operation].rstrip("s")
                    self.assertTrue(all(line.startswith(noun + "/") and len(line) > len(noun) + 1 for line in lines), outcome)
                elif format == "json":
                    self.assertEqual(set(outcome.json()), {"items", "total", "continue"})

    def test_yaml_says_what_json_says(self):
        for operation in ("list_namespaces", "list_nodes"):
            def attempt():
                yaml = self.kubectl.yaml(self.ok(self.call(operation, "-o", "yaml")).out)
                self.assertEqual(yaml, self.document(operation))
            program.eventually(attempt)

    def test_wide_has_more_columns_than_table(self):
        for operation in LISTS:
            table = self.ok(self.call(operation)).out.splitlines()[0].split()
            wide = self.ok(self.call(operation, "-o", "wide")).out.splitlines()[0].split()
            self.assertTrue(set(table) <= set(wide), (operation, table, wide))
            # Before Kubernetes 1.21 a namespace had no labels, and an empty column is not shown.
            if operation not in ("list_namespaces", "list_api_resources"):
                self.assertTrue(set(table) < set(wide), (operation, table, wide))

    def test_names_can_be_handed_to_kubectl(self):
        pod = self.running_pod()
        out = self.ok(self.call("list_pods", "-n", pod["metadata"]["namespace"], "--field-selector", "metadata.name=" + pod["metadata"]["name"], "-o", "name")).out
        self.assertEqual(self.kubectl.text("get", out.strip(), "-n", pod["metadata"]["namespace"], "-o", "name").strip(), out.strip())

    def test_table_is_aligned(self):
        lines = self.ok(self.call("list_namespaces")).out.splitlines()
        column = lines[0].index("STATUS")
        self.assertTrue(all(line[column - 1] == " " and line[column] != " " for line in lines), lines)

    def test_problems_first(self):
        rows = self.rows("list_pods")

        def healthy(row):
            ready, whole = row["ready"].split("/")
            return row["status"] == "Completed" or (row["status"] == "Running" and ready == whole)
        states = [healthy(r) for r in rows if not r["restarted"]]
        self.assertEqual(states, sorted(states), "a healthy pod before one that is not")

    def test_columns(self):
        outcome = self.ok(self.call("list_pods", "--columns", "status,name"))
        self.assertEqual(outcome.out.splitlines()[0].split(), ["STATUS", "NAME"])
        for row in self.rows("list_pods", "--columns", "name,ip"):
            self.assertEqual(list(row), ["name", "ip"])
        self.failed(self.call("list_pods", "--columns", "name,nonsense"), "invalid_request", mentions=["nonsense", "restarts"])


class Selecting(ClusterCase):
    def test_namespace(self):
        namespace = self.running_pod()["metadata"]["namespace"]
        for operation in NAMESPACED:
            rows = self.rows(operation, "-n", namespace)
            self.assertTrue(all(r["namespace"] == namespace for r in rows))
        self.assertTrue(self.rows("list_pods", "-n", namespace))
        self.assertEqual(sorted(r["name"] for r in self.rows("list_pods", "-n", namespace, "-A")), sorted(r["name"] for r in self.rows("list_pods")))

    def test_label_selectors(self):
        labels = next(p["metadata"]["labels"] for p in self.kubectl.items("pods", "-A") if p["metadata"].get("labels"))
        name, value = next(iter(labels.items()))
        selectors = [f"{name}={value}", f"{name}=={value}", f"{name}!={value}", f"{name} in ({value},other)", f"{name} notin ({value})", name, f"!{name}",
                     f"{name}={value},{name}!=other", f"{name}=other"]
        for selector in selectors:
            with self.subTest(selector):
                self.settled(lambda: sorted(p["metadata"]["name"] for p in self.kubectl.items("pods", "-A", "-l", selector)),
                             lambda before: (lambda rows: lambda: self.assertEqual(sorted(r["name"] for r in rows), before))(self.rows("list_pods", "-l", selector)))

    def test_field_selectors(self):
        pod = self.running_pod()
        for selector in ("spec.nodeName=" + pod["spec"]["nodeName"], "status.phase=Running", "status.phase!=Running",
                         "metadata.name=" + pod["metadata"]["name"], "metadata.namespace=" + pod["metadata"]["namespace"]):
            with self.subTest(selector):
                self.settled(lambda: sorted(p["metadata"]["name"] for p in self.kubectl.items("pods", "-A", "--field-selector", selector)),
                             lambda before: (lambda rows: lambda: self.assertEqual(sorted(r["name"] for r in rows), before))(self.rows("list_pods", "--field-selector", selector)))

    def test_bad_selectors(self):
        for flag, selector in (("-l", "a in ("), ("-l", "=x"), ("-l", "a=b=c"), ("-l", "a b"), ("--field-selector", "spec.nonsense=1"), ("--field-selector", "nonsense"),
                               ("-l", "a\nb"), ("-l", "x" * 5000)):
            with self.subTest(selector=selector[:20]):
                self.failed(self.call("list_pods", flag, selector), "invalid_request")

    def test_only_problems(self):
        every = {key(r) for r in self.rows("list_pods")}
        rows = self.rows("list_pods", "--only-problems")
        self.assertTrue({key(r) for r in rows} <= every)
        for row in rows:
            ready, whole = row["ready"].split("/")
            self.assertTrue(row["status"] != "Running" or ready != whole or row["restarts"] > 0, row)
        failing = [p for p in self.kubectl.items("pods", "-A") if p["status"]["phase"] == "Pending"]
        for pod in failing:
            self.assertIn((pod["metadata"]["namespace"], pod["metadata"]["name"]), {(r["namespace"], r["name"]) for r in rows})

    def test_no_rows_is_no_failure(self):
        outcome = self.ok(self.call("list_pods", "-l", "nobody=has-this"))
        self.assertEqual(outcome.out, "")
        self.assertIn("no pods found", outcome.notes)
        self.assertEqual(self.document("list_pods", "-l", "nobody=has-this"), {"items": [], "total": 0, "continue": None})

    def test_a_namespace_that_does_not_exist(self):
        for operation in NAMESPACED:
            outcome = self.ok(self.call(operation, "-n", "nobody-made-this"))
            self.assertTrue(any("nobody-made-this does not exist" in n and "list_namespaces" in n for n in outcome.notes), outcome)


class Pages(ClusterCase):
    def walk(self, operation, limit, *arguments):
        rows, cursor, pages = [], None, 0
        while True:
            answer = self.document(operation, "--limit", limit, *(["--cursor", cursor] if cursor else []), *arguments)
            self.assertLessEqual(len(answer["items"]), int(limit))
            rows += answer["items"]
            cursor = answer["continue"]
            pages += 1
            if not cursor:
                return rows, pages

    def test_limit_and_cursor_walk_over_all_rows_once(self):
        for operation, limit in (("list_pods", 2), ("list_pods", 1), ("list_namespaces", 2), ("list_deployments", 1), ("list_events", 9), ("list_api_resources", 20)):
            with self.subTest(operation=operation, limit=limit):
                def read():
                    return [] if operation == "list_api_resources" else sorted(i["metadata"]["name"] for i in self.kubectl.items(RESOURCE[operation], "-A"))
                self.settled(read, lambda before: self.compare_walk(operation, limit), 40)

    def compare_walk(self, operation, limit):
        rows, pages = self.walk(operation, limit)
        whole = self.rows(operation, "--limit", "100000")

        def check():
            self.assertEqual(sorted(map(str, map(key, rows))), sorted(map(str, map(key, whole))))
            self.assertEqual(pages, max(1, -(-len(whole) // limit)))
        return check

    def test_what_is_left_out_is_said(self):
        outcome = self.ok(self.call("list_namespaces", "--limit", "1"))
        total = len(self.kubectl.items("namespaces"))
        self.assertEqual(len(outcome.out.splitlines()), 2)
        self.assertTrue(any(n.startswith(f"{total - 1} more namespaces") and "cursor" in n for n in outcome.notes), outcome)

    def test_bad_cursors_and_limits(self):
        cursor = self.document("list_namespaces", "--limit", "1")["continue"]
        self.assertTrue(cursor)
        cases = [("list_pods", "--cursor", "nonsense"), ("list_pods", "--cursor", cursor), ("list_pods", "--cursor", "!!!"), ("list_pods", "--cursor", "a" * 70000),
                 ("list_pods", "--limit", "0"), ("list_pods", "--limit", "-1"), ("list_pods", "--limit", "many"), ("list_pods", "--limit", "1e3"),
                 ("list_pods", "--limit", "99999999999999999999"), ("list_pods", "--limit", "100001")]
        for case in cases:
            with self.subTest(str(case)[:60]):
                self.failed(self.call(*case), "invalid_request")


if __name__ == "__main__":
    program.main()
