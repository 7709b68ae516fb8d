"""Fields by path: "spec.ports[0].port", "conditions[type=Ready].status"; a name with dots or slashes in quotes."""
import fnmatch
import re

PART = re.compile(r"""\["([^"]*)"\]|\[(\d+)\]|\[(\w+)=([^\]]*)\]|([^.\[\]]+)""")


def parts_of(path):
    return PART.findall(path)


def find(value, path):
    """The value there, or None."""
    for quoted, index, key, wanted, name in parts_of(path):
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
        elif key:
            items = value if isinstance(value, list) else []
            value = next((i for i in items if isinstance(i, dict) and str(i.get(key)) == wanted), None)
        else:
            value = value.get(quoted or name) if isinstance(value, dict) else None
        if value is None:
            return None
    return value


def put(value, path, new):
    *way, last = parts_of(path)
    for quoted, index, _, _, name in way:
        value = value[int(index)] if index else value.setdefault(quoted or name, {})
    quoted, index, _, _, name = last
    value[int(index) if index else quoted or name] = new


def drop(value, path):
    *way, last = parts_of(path)
    for quoted, index, _, _, name in way:
        value = value[int(index)] if index else value.get(quoted or name, {})
    value.pop(int(last[1]) if last[1] else last[0] or last[4], None)


def holds(value, conditions):
    """conditions: {path: value}; None: is absent, ...: is there. 0 is absent too, as Go leaves it out."""
    for path, wanted in conditions.items():
        actual = find(value, path)
        if wanted is ... and actual is None or wanted is not ... and (actual or None) != (wanted or None):
            return False
    return True


def matches(pattern, path):
    """Whether the path (a tuple of names) is one of the pattern's: * is one of them, ** any number."""
    return _matches(tuple(pattern.split("/")), tuple(str(p) for p in path))


def _matches(pattern, path):
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_matches(pattern[1:], path[i:]) for i in range(len(path) + 1))
    return bool(path) and fnmatch.fnmatchcase(path[0], pattern[0].replace("[", "[[]")) and _matches(pattern[1:], path[1:])


def text_of(path):
    return "/".join(str(p) for p in path) or "."
