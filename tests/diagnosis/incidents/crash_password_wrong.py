from incident import Incident
from objects import crash, deployment, from_key, service
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a password that the database refuses",
    steps=[apply({"kind": "Secret", "metadata": {"name": "db-login"}, "stringData": {"password": "not-a-real-one"}}, deployment("db"), service("db", port=5432),
                 deployment("shop", crash('FATAL: password authentication failed for user "shop"'), env=[from_key("DB_PASSWORD", "secretKeyRef", "db-login", "password")])),
           until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Secret db-login|Deployment shop|Pod shop-", says=("password authentication failed",), innocent="(Deployment|Service|Pod) db(-|$)")
