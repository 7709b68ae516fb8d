"""A PostgreSQL server of one's own, in a temporary directory, on a free port of 127.0.0.1: with Postgres() as postgres: postgres.url("fairlead").

It refuses to run as root, so root starts it as the account `postgres`."""
import glob
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PASSWORD = "p@ss:" + secrets.token_hex(8)  # characters that a URL has to write otherwise


def programs():
    """The newest of Debian's, else what is on the PATH. None: not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda path: int(path.split("/")[4]))
    path = found[-1] if found else shutil.which("postgres")
    return os.path.dirname(path) if path else None


class Postgres:
    def __init__(self):
        self.programs = programs()
        assert self.programs, "PostgreSQL is not installed (apt-get install postgresql-15)"
        self.directory = tempfile.mkdtemp(prefix="fairlead-postgres-")
        self.account = "postgres" if os.geteuid() == 0 else None
        self.data, self.child = os.path.join(self.directory, "data"), None
        if self.account:
            shutil.chown(self.directory, self.account)
        password = os.path.join(self.directory, "password")
        with open(password, "w") as file:
            file.write(PASSWORD)
        os.chmod(password, 0o644)
        self._run("initdb", "-D", self.data, "-U", "fairlead", "--pwfile", password, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def _run(self, program, *arguments):
        done = subprocess.run([os.path.join(self.programs, program), *arguments], user=self.account, cwd="/", capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGPASSWORD": PASSWORD})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *settings):
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.child = subprocess.Popen([os.path.join(self.programs, "postgres"), "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                                           "-c", f"unix_socket_directories={self.directory}", "-c", "max_connections=50", *settings],
                                          user=self.account, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"LC_ALL": "C.UTF-8"})
        end = time.monotonic() + 30
        while subprocess.run([os.path.join(self.programs, "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)], stdout=subprocess.DEVNULL).returncode:
            assert self.child.poll() is None and time.monotonic() < end, open(os.path.join(self.directory, "log")).read()[-3000:]
            time.sleep(0.05)

    def stop(self, how=signal.SIGINT):
        """SIGINT ends its clients' connections, SIGQUIT is a crash."""
        self.child.send_signal(how)
        self.child.wait(30)

    def sql(self, text, database="fairlead"):
        """What psql prints, unadorned."""
        return self._run("psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "fairlead", "-d", database, "-c", text).strip()

    def create(self, name):
        self.sql(f'CREATE DATABASE "{name}"', "postgres")
        return self.url(name)

    def url(self, name, password=PASSWORD, user="fairlead"):
        quoted = password.replace("%", "%25").replace("@", "%40").replace(":", "%3A")
        return f"postgres://{user}:{quoted}@127.0.0.1:{self.port}/{name}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child and self.child.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)
