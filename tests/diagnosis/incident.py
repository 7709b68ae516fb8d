"""What an incident is: what goes wrong, how it is planted, what is asked, and what the answer must say."""
import dataclasses
import importlib.util
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclasses.dataclass
class Incident:
    """`at` and `innocent` are expressions over "Kind name"; `says` are expressions that the cause with its evidence must match,
    each of them. Steps are made by stage.py."""
    fault: str                  # a few words for the table
    steps: list                 # plant it, and wait till it shows
    ask: str                    # "diagnose_workload shop"; the namespace is added
    at: str = ""                # the object at fault; empty: nothing is wrong
    says: tuple = ()
    says_real: tuple = ()       # more, where a real kubelet or registry says more than the sandbox's
    innocent: str = ""          # what stands beside it and must not be blamed; bystanders.py has more for all of them
    only: str = ""              # "sandbox" or "real": where the other cannot have the fault
    alone: bool = False         # harms others while it lasts
    everywhere: bool = False    # the question names no namespace; no other incident is there then
    waits: int = 0              # so many seconds after all steps: till a deletion, say, is late
    slow: bool = False          # only with --slow
    overview: bool = True       # whether cluster_health is asked as well
    crowd: bool = False         # all bystanders on the real cluster, too, where pods are dear
    undo: list = dataclasses.field(default_factory=list)
    name: str = ""


def load(directory=os.path.join(HERE, "incidents")):
    """All of them by name: a file each, which defines INCIDENT."""
    out = {}
    for file in sorted(os.listdir(directory)):
        if not re.fullmatch(r"[a-z0-9_]+\.py", file):
            continue
        spec = importlib.util.spec_from_file_location(f"incident_{file[:-3]}", os.path.join(directory, file))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.INCIDENT.name = file[:-3]
        out[file[:-3]] = module.INCIDENT
    return out
