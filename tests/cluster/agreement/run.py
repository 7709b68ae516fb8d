"""Runs a script on a cluster: the normalised answer of every step that is compared, by the step's name."""
import copy
import json
import re
import time
import urllib.parse

import paths
import rules
from client import Answer
from normal import Normaliser, moved_body, moved_path
from script import Edit, Sized

NO_VARIABLE = "a variable is missing: "


class Missing(Exception):
    pass


class Run:
    def __init__(self, cluster, script, nodes):
        self.cluster, self.script = cluster, script
        self.normaliser = Normaliser(nodes, cluster.minor, script.ignore)
        self.variables = {"ns": "agree-" + script.topic.replace("_", "-"), "node": nodes[0] if nodes else ""}
        self.slow, self.unreached = [], []

    def __call__(self):
        answers = {}
        self.begin()
        try:
            for step in self.script.steps:
                started = time.monotonic()
                answer = self.answer(step)
                seconds = time.monotonic() - started
                if seconds > 2:
                    self.slow.append((seconds, self.script.topic, step.name))
                self.normaliser.learn(answer.body)
                if step.compared:
                    answers[step.name] = json.loads(json.dumps(self.normaliser.answer(answer, step), default=repr))
                for variable, path in step.remember.items():
                    value = paths.find(answer.body, path) if path else answer.body
                    if value is not None:
                        self.variables[variable] = value
        finally:
            self.end()
        return answers

    # ---- its namespace

    def begin(self):
        if not self.script.namespace:
            return
        path, cluster = "/api/v1/namespaces/" + self.variables["ns"], self.cluster
        if cluster.request("DELETE", path).status != 404:
            self.repeat(lambda: cluster.request("GET", path), 404, 60)
        cluster.request("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.variables["ns"]}})
        # What controllers put there would else come at any time.
        self.repeat(lambda: cluster.request("GET", path + "/configmaps/kube-root-ca.crt"), 200, 5)
        if self.script.service_account:
            self.repeat(lambda: cluster.request("GET", path + "/serviceaccounts/default"), 200, 20)
            self.repeat(lambda: cluster.request("GET", path + "/serviceaccounts/default"), {"secrets[0].name": ...}, 20 if cluster.minor < 24 else 0)

    def end(self):
        if self.script.namespace:
            self.cluster.request("DELETE", "/api/v1/namespaces/" + self.variables["ns"], {"gracePeriodSeconds": 0})

    # ---- a step

    def answer(self, step):
        try:
            ask = self.question(step)
        except Missing as missing:
            return Answer(0, {}, NO_VARIABLE + str(missing))
        if step.until is None:
            return ask()
        answer, reached = self.repeat(ask, step.until, step.within if self.cluster.minor == rules.RECORDED_MINOR else min(step.within, 10))
        if not reached:
            self.unreached.append(step.name)
        return answer

    def repeat(self, ask, until, seconds):
        """The first answer that is as wanted, or the last one; and whether it is."""
        end = time.monotonic() + seconds
        while True:
            answer = ask()
            reached = answer.status == until if isinstance(until, int) else isinstance(answer.body, dict) and paths.holds(answer.body, until)
            if reached or time.monotonic() > end:
                return answer, reached
            time.sleep(0.1)

    def question(self, step):
        if step.method == "KUBECTL":
            path = re.sub(r"\{([a-z_]+)\}", lambda f: str(self.variables.get(f.group(1), f.group(0))), step.path)  # a template has braces too
            stdin = step.stdin if isinstance(step.stdin, str) else json.dumps(self.filled(step.stdin))
            return lambda: self.cluster.run_kubectl(path, stdin)
        headers, body = self.filled(step.headers), self.body(step.body)
        path = escaped(self.filled(step.path))
        if self.cluster.minor == rules.RECORDED_MINOR:
            path, body = moved_path(path), moved_body(body)
        if step.method == "WATCH":
            return lambda: self.cluster.watch(path, step.events, step.seconds, headers)
        token = self.filled("{" + step.credentials[6:] + "}") if step.credentials.startswith("token:") else None
        return lambda: self.cluster.request(step.method, path, body, headers, token, "none" if step.credentials == "none" else "admin")

    def body(self, body):
        if isinstance(body, Sized):
            return body.text.replace("…", body.filler * body.count)
        if isinstance(body, Edit):
            if body.of not in self.variables:
                raise Missing(body.of)
            value = copy.deepcopy(self.variables[body.of])
            for path, new in body.put.items():
                paths.put(value, path, self.filled(new))
            for path in body.drop:
                paths.drop(value, path)
            return value
        return self.filled(body)

    def filled(self, value):
        if isinstance(value, dict):
            return {self.filled(k): self.filled(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.filled(v) for v in value]
        if not isinstance(value, str):
            return value
        return re.sub(r"\{([a-z_]+)\}", lambda found: self.value_of(found.group(1)), value)

    def value_of(self, name):
        if name not in self.variables:
            raise Missing(name)
        value = self.variables[name]
        return value if isinstance(value, str) else json.dumps(value)


def escaped(path):
    return urllib.parse.quote(path, safe="/?&=%:,!+~@;*")
