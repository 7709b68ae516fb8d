"""Certificates for servers of tests, made by the openssl program in a directory of the test's."""
import base64
import os
import subprocess


def _openssl(*arguments, stdin=None):
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout


class Authority:
    """A CA in `directory`, and what it signs. Paths: .certificate; issue() answers (certificate, key)."""

    def __init__(self, directory, name="ca"):
        self.directory, self.name = directory, name
        self.certificate = os.path.join(directory, f"{name}.crt")
        self.key = os.path.join(directory, f"{name}.key")
        config = self._config("ca.cnf", f"[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\nCN={name}\n"
                              "[v3]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.key,
                 "-out", self.certificate, "-days", "3", "-config", config)

    def _config(self, name, text):
        path = os.path.join(self.directory, f"{self.name}-{name}")
        with open(path, "w") as file:
            file.write(text)
        return path

    def issue(self, name, subject_names="IP:127.0.0.1,DNS:localhost", subject="", expired=False, client=False):
        certificate = os.path.join(self.directory, f"{self.name}-{name}.crt")
        key = os.path.join(self.directory, f"{self.name}-{name}.key")
        request = os.path.join(self.directory, f"{self.name}-{name}.csr")
        extensions = f"basicConstraints=CA:false\nextendedKeyUsage={'clientAuth' if client else 'serverAuth'}\n"
        if subject_names and not client:
            extensions += f"subjectAltName={subject_names}\n"
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", request,
                 "-subj", subject or f"/CN={name}")
        sign = ["x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-out", certificate,
                "-extfile", self._config(f"{name}.ext", extensions)]
        if not expired:
            _openssl(*sign, "-days", "2")
            return certificate, key
        # A certificate of days that are over: `x509 -req` cannot date back, `ca` can.
        database = os.path.join(self.directory, f"{self.name}-database")
        for suffix, text in (("", ""), (".serial", "1000\n")):
            with open(database + suffix, "w") as file:
                file.write(text)
        config = self._config("expired.cnf", f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}\nserial={database}.serial\nnew_certs_dir={self.directory}\n"
                              f"default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n[ext]\n{extensions}")
        _openssl("ca", "-batch", "-config", config, "-cert", self.certificate, "-keyfile", self.key, "-in", request, "-out", certificate,
                 "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-extensions", "ext", "-notext")
        return certificate, key


def file_base64(path):
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode()
