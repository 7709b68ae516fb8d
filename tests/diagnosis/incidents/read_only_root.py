from incident import Incident
from objects import deployment, shell
from stage import apply, until_crashing

# The sandbox lets it write, and only says what a real kubelet's container would say.
INCIDENT = Incident(
    fault="a program that writes to a read-only file system",
    steps=[apply(deployment("shop", shell('touch /shop.pid || exit 1; echo "touch: /shop.pid: Read-only file system" >&2; exit 1'), securityContext={"readOnlyRootFilesystem": True})),
           until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("/shop.pid", "[Rr]ead-only|readOnlyRootFilesystem"))
