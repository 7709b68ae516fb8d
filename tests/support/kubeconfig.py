"""Kubeconfigs as JSON, which is YAML too."""
import json


def kubeconfig(server, user=None, cluster=None, context=None, name="test"):
    return {
        "apiVersion": "v1", "kind": "Config", "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server, **(cluster or {})}}],
        "users": [{"name": name, "user": user or {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, **(context or {})}}],
    }


def write(path, config, mode=0o600):
    with open(path, "w") as file:
        file.write(config if isinstance(config, str) else json.dumps(config, indent=1))
    import os
    os.chmod(path, mode)
    return path
