from incident import Incident
from objects import crash, deployment
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="crash loop with a message in the last log",
    steps=[apply(deployment("shop", crash('fatal: /etc/shop/shop.conf:12: unknown key "lisen"'))), until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("unknown key",))
