"""What the tests of faults share: an authority of their own, and kubeconfigs with credentials that must never be seen."""
import atexit
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import certificates  # noqa: E402
import program  # noqa: E402
from kubeconfig import kubeconfig, write  # noqa: E402

TOKEN = "canary-token-7f3a9b1c5d"

DIRECTORY = tempfile.mkdtemp(prefix="fairlead-faults-")
atexit.register(shutil.rmtree, DIRECTORY, ignore_errors=True)
AUTHORITY = certificates.Authority(DIRECTORY, "ca")
SERVER_TLS = AUTHORITY.issue("server")


def key_canaries(path):
    """Lines of a private key, and of its base64 as a kubeconfig holds it."""
    with open(path) as file:
        lines = [line.strip() for line in file if "-----" not in line]
    encoded = certificates.file_base64(path)
    return [line for line in lines if len(line) > 20] + [encoded[60:120]]


class FaultCase(program.Case):
    def setUp(self):
        self.directory = tempfile.mkdtemp(dir=DIRECTORY)
        self.secrets = [TOKEN]

    def config(self, server, user=None, cluster=None, context=None):
        """Path of a kubeconfig for `server` that trusts the authority and holds the canary token."""
        server = getattr(server, "url", server)
        if cluster is None:
            cluster = {"certificate-authority-data": certificates.file_base64(AUTHORITY.certificate)} if server.startswith("https") else {}
        if user is None:
            user = {"token": TOKEN}
        return write(os.path.join(tempfile.mkdtemp(dir=self.directory), "config"), kubeconfig(server, user, cluster, context))

    def call(self, config, *arguments, operation="list_pods", timeout=10, env=None, **options):
        """Within its deadline and a little more, without a credential in what it says."""
        outcome = program.run("call", operation, "--kubeconfig", config, "--timeout", timeout, *arguments, env=env, **options)
        self.assert_no_secret(outcome, self.secrets)
        self.assertLess(outcome.seconds, timeout + 3, f"it overran its deadline of {timeout} s{outcome}")
        return outcome
