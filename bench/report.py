"""The numbers as text, side by side, and the targets held against them."""
import json
import statistics

# The targets: wall time beside curl, times faster than kubectl, times less CPU than kubectl, peak memory of a list in MB, start of
# the MCP server in ms and its resident memory in MB.
WALL, FASTER, CPU, PEAK, START, RESIDENT = 1.15, 10, 20, 20, 10, 12


def spread(values):
    return min(values), statistics.median(values), max(values)


def cpu(result):
    return result["user_ms"] + result["sys_ms"]


def mb(results, key):
    """The greatest, in 10^6 bytes."""
    return max(r[key] for r in results) * 1024 / 1e6


def quotient(a, b, key, pick):
    return pick([r[key] for r in a]) / pick([r[key] for r in b])


class Report:
    def __init__(self, settings, real):
        self.settings, self.real = settings, real
        self.data = {"machine": settings["machine"], "pods": settings["pods"], "real_cluster": real, "server": settings["server"],
                     "fairlead": settings["fairlead_version"], "curl": settings["curl_version"], "targets": []}

    def head(self, load, fill_seconds, note):
        machine = self.settings["machine"]
        self.data.update(load_before=load, fill_seconds=fill_seconds, note=note)
        print(f"{self.settings['fairlead_version']}, commit {machine['commit']}, {machine['date']}")
        print(f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, Linux {machine['kernel']}; load average {load}")
        print(f"{self.settings['server']} with {self.settings['pods']:,} pods (made in {fill_seconds:.0f} s); {self.settings['curl_version']}")
        if note:
            print(note)
        print(flush=True)

    def calls(self, results, kubectls):
        self.data["calls"] = results
        width = max(len(name) for name in results)
        print(f"{'':{width}}  times   wall ms: min   median      max   CPU ms (min)   peak memory MB (max)")
        for name, repetitions in results.items():
            low, middle, high = spread([r["wall_ms"] for r in repetitions])
            print(f"{name:{width}}  {len(repetitions):5}  {low:14.0f} {middle:8.0f} {high:8.0f} {min(map(cpu, repetitions)):14.0f} {mb(repetitions, 'peak_kb'):23.1f}")
        print()
        mine = results["list_pods -A"]
        curls = {name: results[name] for name in ("curl", "curl, HTTP/1.1")}
        faster = min(curls, key=lambda name: statistics.median(r["wall_ms"] for r in curls[name]))
        self.ratio(f"list_pods -A / {faster} (the faster curl), wall", mine, curls[faster], WALL)
        for name in curls:
            if name != faster:
                self.ratio(f"list_pods -A / {name}, wall", mine, curls[name])
        self.ratio("list_pods / curl, one namespace, wall", results["list_pods, one namespace"], results["curl, one namespace"])
        self.target("list_pods -A, peak memory, MB", mb(mine, "peak_kb"), PEAK, "at most")
        mine = results["list_pods -A, beside kubectl"]
        for name in kubectls:
            theirs = results[name]
            self.target(f"{name} / list_pods -A, wall", quotient(theirs, mine, "wall_ms", statistics.median), FASTER, "at least", f" (of the least {quotient(theirs, mine, 'wall_ms', min):.2f})")
            self.target(f"{name} / list_pods -A, CPU", statistics.median(map(cpu, theirs)) / statistics.median(map(cpu, mine)), CPU, "at least")
        print(flush=True)

    def ratio(self, name, mine, theirs, limit=None):
        """Of the medians: the server's own time varies by more than the difference, so that the least of each is luck."""
        self.target(name, quotient(mine, theirs, "wall_ms", statistics.median), limit, "at most", f" (of the least {quotient(mine, theirs, 'wall_ms', min):.2f})")

    def target(self, name, value, limit, sense, more=""):
        good = limit is None or (value <= limit if sense == "at most" else value >= limit)
        verdict = "" if limit is None or not self.real else "met" if good else "MISSED"
        self.data["targets"].append({"name": name, "value": value, "limit": limit, "sense": sense if limit is not None else None, "verdict": verdict})
        goal = "" if limit is None else f"   target {sense} {limit:g}   {verdict}"
        print(f"{name:62} {value:8.2f}{goal}{more}")

    def mcp(self, started, called):
        self.data.update(mcp_started=started, mcp_called=called)
        width = max(len(name) for name in started)
        print("MCP over stdio, from exec to answered initialize, then one list of all pods")
        print(f"{'':{width}}  times   start ms: min   median   resident MB   list ms: min   median   then MB   peak MB   answer kB")
        for name, repetitions in started.items():
            calls = called[name]
            low, middle, _ = spread([r["start_ms"] for r in repetitions + calls])
            listed, usual, _ = spread([r["call_ms"] for r in calls])
            print(f"{name:{width}}  {len(repetitions + calls):5}  {low:15.1f} {middle:8.1f} {mb(repetitions + calls, 'start_kb'):14.1f} {listed:14.0f} {usual:8.0f} "
                  f"{mb(calls, 'call_kb'):10.1f} {mb(calls, 'call_peak_kb'):10.1f} {calls[0]['answer_bytes'] / 1000:11.0f}")
        print()
        mine = started["fairlead mcp"] + called["fairlead mcp"]
        middle = statistics.median(r["start_ms"] for r in mine)
        self.target("fairlead mcp, start to answered initialize, ms", middle, START, "at most", f" (least {min(r['start_ms'] for r in mine):.1f})")
        self.target("fairlead mcp, resident after initialize, MB", mb(mine, "start_kb"), RESIDENT, "at most")
        for name in started:
            if name != "fairlead mcp":
                theirs = started[name] + called[name]
                self.target(f"{name} / fairlead mcp, start", quotient(theirs, mine, "start_ms", statistics.median), None, "")
                if called[name][0]["answer_bytes"] < 10 * self.settings["pods"]:
                    print(f"{name} does not show the pods of this cluster: its list is not compared")
                    continue
                self.target(f"{name} / fairlead mcp, list", quotient(called[name], called["fairlead mcp"], "call_ms", statistics.median), None, "")
                self.target(f"{name} / fairlead mcp, peak memory", max(r["call_peak_kb"] for r in called[name]) / max(r["call_peak_kb"] for r in called["fairlead mcp"]), None, "")
        print(flush=True)

    def sizes(self, sizes, tokenizer):
        self.data.update(sizes=sizes, tokenizer=tokenizer)
        width = max(len(name) for name in sizes)
        counted = f"tokens ({tokenizer})" if tokenizer else "tokens (not counted)"
        print(f"{'':{width}}       bytes    rows   bytes a row   {counted}   a row")
        for name, size in sizes.items():
            tokens = "" if size["tokens"] is None else f"{size['tokens']:{len(counted)},}   {size['tokens'] / size['rows']:5.1f}"
            print(f"{name:{width}} {size['bytes']:11,} {size['rows']:7,} {size['bytes'] / size['rows']:13.0f}   {tokens}")
        print(flush=True)

    def tail(self, load, seconds):
        self.data.update(load_after=load, seconds=seconds)
        missed = [target["name"] for target in self.data["targets"] if target["verdict"] == "MISSED"]
        print(f"measured in {seconds:.0f} s; load average {load}")
        cores = self.settings["machine"]["cores"]
        if float(self.data["load_before"].split()[0]) > 0.5 * cores:
            print("The machine was not quiet before: times are too high, and the ratios are less sure.")
        if self.real:
            print("all targets met" if not missed else "MISSED: " + "; ".join(missed))

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.data, file, indent=1)
            file.write("\n")
