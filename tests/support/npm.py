"""Packages from npm that tests need, as a package-lock.json beside the test pins them."""
import fcntl
import hashlib
import os
import shutil
import subprocess

import program


def install(here, name):
    """The directory whose node_modules holds them: NAME-… below the user's cache, made once, whoever asks at the same
    time. The test is skipped, with what to do, where npm or its registry is missing."""
    for needed in ("node", "npm"):
        if not shutil.which(needed):
            program.skip_all(f"{needed} is missing: apt-get install nodejs npm")
    with open(os.path.join(here, "package-lock.json"), "rb") as file:
        lock = file.read()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = os.path.join(cache, "fairlead", f"{name}-{hashlib.sha256(lock).hexdigest()[:12]}")
    os.makedirs(directory, exist_ok=True)
    done = os.path.join(directory, "installed")
    with open(os.path.join(directory, "lock"), "w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if not os.path.exists(done):
            for file in ("package.json", "package-lock.json"):
                shutil.copy(os.path.join(here, file), directory)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            npm = subprocess.run(command, cwd=directory, capture_output=True, text=True)
            if npm.returncode != 0:
                reason = (npm.stderr.strip().splitlines() or ["no reason given"])[0]
                program.skip_all(f"{name} could not be installed (npm ci in {os.path.relpath(here)} needs the npm registry): {reason}")
            open(done, "w").close()
    return directory
