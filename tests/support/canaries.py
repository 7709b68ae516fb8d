"""Secrets that are made up, planted, and looked for in every form in which they could leave.

    canaries = Canaries()
    password = canaries.new("env of a pod")
    canaries.find(output)  -> ["env of a pod: base64 in …"]

Ten bytes of one are enough: what is cut, split or wrapped is found, too.
"""
import base64
import random
import re
import string
import urllib.parse
import zlib

WINDOW = 10
BASE64_RUN = re.compile(rb"(?:H4sI|SDRz)[A-Za-z0-9+/_-]{12,}={0,2}")


def base64_cores(data):
    """What of `data` stands in base64 whatever comes before and after it: one text for each alignment."""
    cores = []
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data).rstrip(b"=")
        whole = (before + len(data)) % 3 == 0
        cores.append(text[(0, 2, 3)[before]:len(text) if whole else len(text) - 1])
    return cores


def forms(text):
    """(name, bytes) of each way to write it."""
    data = text.encode()
    yield "plain", data
    yield "lower case", data.lower()
    yield "upper case", data.upper()
    yield "reversed", data[::-1]
    for core in base64_cores(data):
        yield "base64", core
        yield "base64", core.translate(bytes.maketrans(b"+/", b"-_"))
        for again in base64_cores(core):
            yield "base64 twice", again
    for core in base64_cores(data[::-1]):
        yield "reversed base64", core
    yield "hex", data.hex().encode()
    yield "hex", data.hex().upper().encode()
    yield "percent-encoded", "".join(f"%{byte:02x}" for byte in data).encode()
    yield "percent-encoded", "".join(f"%{byte:02X}" for byte in data).encode()
    yield "percent-encoded", urllib.parse.quote(text, safe="").encode()


class Canaries:
    def __init__(self, seed=4711):
        self.random = random.Random(seed)
        self.places = {}  # text -> where it was put
        self.windows = {}  # ten bytes of a form -> (place, form)
        self.lines = set()  # seen and found clean

    def new(self, place, length=24, alphabet=string.ascii_letters + string.digits):
        """A secret as somebody could have chosen it: of all kinds of letters that there are."""
        kinds = [k for k in (string.ascii_lowercase, string.ascii_uppercase, string.digits) if set(k) & set(alphabet)]
        while True:
            text = "".join(self.random.choice(alphabet) for _ in range(length))
            if all(set(text) & set(kind) for kind in kinds):
                return self.add(place, text)

    def add(self, place, text):
        """One that somebody else has made."""
        self.places[text] = place
        for form, data in forms(text):
            for at in range(max(1, len(data) - WINDOW + 1)):
                self.windows.setdefault(data[at:at + WINDOW], (place, form))
        self.lines.clear()
        return text

    def find(self, output, depth=0):
        """Sentences about what is in there; each place and form once."""
        data = output.encode() if isinstance(output, str) else output
        found = {}
        for line in data.split(b"\n"):
            if line in self.lines:
                continue
            here = self._scan(line)
            found.update(here)
            if not here and len(self.lines) < 1_000_000:
                self.lines.add(line)
        # Pieces of less than ten bytes on lines of their own.
        for place, what in self._scan(re.sub(rb"\\[nrt]|\\x0[AD9]|[\s\"'\\|>-]+", b"", data)).items():
            found.setdefault(place, ("split " + what[0], what[1]))
        for run in BASE64_RUN.findall(data) if depth < 3 else []:
            for inner in self.find(unpacked(run), depth + 1):
                found[inner] = ("packed", run[:40])
        return [f"{place[0] if isinstance(place, tuple) else place}: {form} in {excerpt!r}" for place, (form, excerpt) in found.items()]

    def _scan(self, data):
        found = {}
        windows = self.windows
        for at in range(len(data) - WINDOW + 1):
            hit = windows.get(data[at:at + WINDOW])
            if hit and hit not in found:
                found[hit] = (hit[1], data[max(0, at - 40):at + 30])
        return found


def unpacked(run):
    """What is in base64 and gzip in it, as far as it goes."""
    run = run.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    plain = base64.b64decode(run[:len(run) // 4 * 4])
    if plain[:2] != b"\x1f\x8b":
        return plain
    try:
        return zlib.decompressobj(31).decompress(plain)
    except zlib.error:
        return b""


def pem(body, title="RSA PRIVATE KEY"):
    """A private key with these lines."""
    return f"-----BEGIN {title}-----\n" + "\n".join(body) + f"\n-----END {title}-----\n"
