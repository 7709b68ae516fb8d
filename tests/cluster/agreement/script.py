"""What a script is made of. A script is data: SCRIPT = Script("topic", [step, step, …]) in scripts/TOPIC.py.

A step is one request and what is to be kept of its answer. In path, query, headers and body `{name}` stands for a variable:
{ns} is the script's own namespace, `remember` makes others. Every step's answer is compared, but those of `quietly`.
"""
import dataclasses
from typing import Any

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


@dataclasses.dataclass(frozen=True)
class Difference:
    """A field in which the sandbox is known to differ from the recorded answers of 1.20.2, and why.

    `path` is the field's, with * for one name or index and ** for any number of them. `sandbox` is what the sandbox answers
    there, when that is to be checked too (ABSENT: the field is not there), or a function that makes it of the recorded value.
    A version's difference is one that Kubernetes
    1.36 has as well; every other one is the sandbox's own, and stands in docs/sandbox.md."""
    path: str
    why: str
    sandbox: Any = None
    version: bool = False


ABSENT = "<absent>"


def newer(path, why, sandbox=None):
    """Kubernetes 1.36 differs from 1.20.2 here."""
    return Difference(path, why, sandbox, version=True)


def differs(path, why, sandbox=None):
    """The sandbox differs from every Kubernetes here."""
    return Difference(path, why, sandbox)


def known_at(make, why, names, *paths):
    """For a script's `known`: steps that differ in these fields, for one reason."""
    return {make(path, why): names for path in paths}


def refused_as(make, why, steps, reason=None):
    """For a script's `known`: {step: (field, what is wrong with it)} of steps refused with one cause, and the cause's reason where that differs."""
    def whole(field, text):
        return lambda recorded: f"{recorded.partition(' is invalid: ')[0]} is invalid: {field}: {text}"
    out = {make("body/message", why): {name: whole(*said) for name, said in steps.items()},
           make("body/details/causes/0/message", why): {name: text for name, (_, text) in steps.items()}}
    return out | ({make("body/details/causes/0/reason", why, reason): tuple(steps)} if reason else {})


def replaced(*pairs):
    """Of a recorded text, for `sandbox`: with these parts in place of those."""
    def of(recorded):
        for old, new in pairs:
            recorded = recorded.replace(old, new)
        return recorded
    return of


SCHEME = replaced(("k8s.io/kubernetes/pkg/api/legacyscheme", "pkg/api/legacyscheme"))


def null(_):
    """For `sandbox`: there is nothing."""
    return None


MESSAGES = ("body/message", "body/details/causes/0/message")  # of a refusal with one cause
REFUSED = ("status", "body/message")                           # where only one of the servers refuses
DECODED = "decoded by another library since 1.23"
PATCHED = 'Invalid value: "<the object>": '
DOTS = "told by its dots since 1.27"
STRICTLY = "a patch is decoded strictly since 1.25"
WARNS = "warns of fields that are unknown or given twice since 1.25"
AS_SENT = "A structure that is refused is shown as it was sent, not with all fields that Go has inside"
NO_PICTURE = "A refused change of a spec comes without Go's picture of what changed"
RESTARTS = "restarts are text, and may tell when, since 1.22"
NGINX = "There is a default class for ingresses: nginx"


@dataclasses.dataclass(frozen=True)
class Edit:
    """A remembered object, changed: `put` maps dotted paths to values, `drop` lists paths."""
    of: str
    put: dict
    drop: tuple = ()


@dataclasses.dataclass(frozen=True)
class Sized:
    """A body too long to be written down: `text` with its … replaced by `count` times `filler`."""
    text: str
    filler: str
    count: int


@dataclasses.dataclass
class Step:
    name: str
    method: str
    path: str
    body: Any = None              # an object (sent as JSON), text, bytes, an Edit, a Sized
    headers: dict = dataclasses.field(default_factory=dict)
    remember: dict = dataclasses.field(default_factory=dict)   # variable -> path in the answer ("" is all of it)
    until: Any = None             # {path: value} of the body (None: absent, ...: there), or a status: repeated till then
    within: float = 30
    differs: tuple = ()           # Differences
    ignore: tuple = ()            # ((path, why), …): not compared on any cluster
    only: tuple = ()              # compare these parts of the body only
    events: int = 0               # WATCH: as many are awaited
    seconds: float = 3            # WATCH: and no longer than this
    compared: bool = True
    credentials: str = "admin"    # "admin", "none", or "token:VARIABLE"
    managed: bool = False         # managedFields are compared
    stdin: str = ""               # KUBECTL


@dataclasses.dataclass
class Script:
    topic: str
    steps: list
    namespace: bool = True        # whether it wants a namespace of its own
    service_account: bool = False  # and must wait for its default service account: pods need it
    differs: tuple = ()           # Differences of any step; each must be met by one at least
    ignore: tuple = ()            # as a step's, for all of them
    known: dict = dataclasses.field(default_factory=dict)  # Difference -> the names of the steps that it belongs to, or {name: what the sandbox says}

    def __post_init__(self):
        steps = {step.name: step for step in self.steps}
        for difference, names in self.known.items():
            for name in names:
                value = names[name] if isinstance(names, dict) else difference.sandbox
                steps[name].differs = (*steps[name].differs, dataclasses.replace(difference, sandbox=value))


def step(method):
    def make(name, path, body=None, **more):
        return Step(name, method, path, body, **more)
    return make


get, post, put, delete = step("GET"), step("POST"), step("PUT"), step("DELETE")


def patch(name, path, body, kind=MERGE_PATCH, **more):
    headers = {"Content-Type": kind, **more.pop("headers", {})}
    return Step(name, "PATCH", path, body, headers=headers, **more)


def watch(name, path, events, **more):
    """The first `events` events of a watch, or all that come within `seconds`."""
    return Step(name, "WATCH", path, events=events, **more)


def table(name, path, **more):
    return Step(name, "GET", path, headers={"Accept": TABLE, **more.pop("headers", {})}, **more)


def wait(name, path, until, **more):
    """Like get, but what it answers in the end is not compared."""
    return Step(name, "GET", path, until=until, compared=False, **more)


def kubectl(name, arguments, stdin="", **more):
    """kubectl with these arguments: its exit status and its output are the answer."""
    return Step(name, "KUBECTL", arguments, stdin=stdin, **more)


def quietly(one):
    """The step is done, and its answer is not compared."""
    one.compared = False
    return one
