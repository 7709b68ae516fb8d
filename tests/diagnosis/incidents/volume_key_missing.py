from incident import Incident
from objects import config_map, deployment
from stage import apply, until

INCIDENT = Incident(
    fault="a volume wants a key that its ConfigMap does not have", only="real",
    steps=[apply(config_map("shop-files", **{"shop.yaml": "{}"}),
                 deployment("shop", volumeMounts=[{"name": "files", "mountPath": "/etc/shop"}],
                            pod={"volumes": [{"name": "files", "configMap": {"name": "shop-files", "items": [{"key": "shop.yml", "path": "shop.yml"}]}}]})),
           until("Event", "", "message", "references non-existent config key")],
    ask="diagnose_workload shop",
    at="ConfigMap shop-files|Deployment shop|Pod shop-", says=("shop-files", "shop\\.yml"))
