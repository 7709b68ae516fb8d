"""The shape of a JSON value: which keys there are and of which type each value is. Two of these can be merged, so that
one golden file describes what every cluster answers.

A shape is a text of type names ("string|null"), an array [SHAPE] of what its items have in common, or an object. A key
that is not always there ends in "?". {"*": SHAPE} is a map with any keys: written by hand, and kept.
"""
import json


def shape_of(value):
    if isinstance(value, dict):
        return {key: shape_of(item) for key, item in value.items()}
    if isinstance(value, list):
        merged = None
        for item in value:
            merged = shape_of(item) if merged is None else merge(merged, shape_of(item))
        return [] if merged is None else [merged]
    if value is None:
        return "null"
    return {bool: "boolean", int: "integer", float: "number", str: "string"}[type(value)]


def merge(a, b):
    if _is_either(a) or _is_either(b):
        return _merge_kinds(_alternatives(a) + _alternatives(b))
    if isinstance(a, str) and isinstance(b, str):
        return "|".join(sorted(set(a.split("|")) | set(b.split("|"))))
    if isinstance(a, list) and isinstance(b, list):
        return [merge(a[0], b[0])] if a and b else a or b
    if isinstance(a, dict) and isinstance(b, dict):
        if "*" in a or "*" in b:
            merged = None
            for shape in list(a.values()) + list(b.values()):
                merged = shape if merged is None else merge(merged, shape)
            return {"*": merged}
        out = {}
        for key in list(a) + [k for k in b if k not in a]:
            plain = key.rstrip("?")
            if plain in (k.rstrip("?") for k in out):
                continue
            in_a = a.get(plain, a.get(plain + "?"))
            in_b = b.get(plain, b.get(plain + "?"))
            always = plain in a and plain in b
            both = in_a if in_b is None else in_b if in_a is None else merge(in_a, in_b)
            out[plain if always else plain + "?"] = both
        return out
    return _merge_kinds([a, b])


def _merge_kinds(shapes):
    """A text, an array or an object: one of each kind is enough."""
    kinds = {}
    for shape in shapes:
        kinds[type(shape)] = merge(kinds[type(shape)], shape) if type(shape) in kinds else shape
    return {"either": sorted(kinds.values(), key=json.dumps)}


def _is_either(shape):
    return isinstance(shape, dict) and list(shape) == ["either"]


def _alternatives(shape):
    return shape["either"] if _is_either(shape) else [shape]


def differences(value, shape, path=""):
    """Sentences about what in `value` is not of this shape."""
    where = path or "."
    if _is_either(shape):
        tries = [differences(value, one, path) for one in shape["either"]]
        return min(tries, key=len)
    if isinstance(shape, str):
        actual = shape_of(value)
        return [] if isinstance(actual, str) and actual in shape.split("|") else [f"{where} is {_name(actual)}, not {shape}"]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where} is {_name(shape_of(value))}, not an array"]
        if value and not shape:
            return [f"{where} was always empty"]
        return [d for i, item in enumerate(value) for d in differences(item, shape[0], f"{path}[{i}]")]
    if not isinstance(value, dict):
        return [f"{where} is {_name(shape_of(value))}, not an object"]
    if "*" in shape:
        return [d for key, item in value.items() for d in differences(item, shape["*"], f"{path}.{key}")]
    out = [f"{path}.{key} is missing" for key in shape if not key.endswith("?") and key not in value]
    for key, item in value.items():
        expected = shape.get(key, shape.get(key + "?"))
        out += [f"{path}.{key} is new"] if expected is None else differences(item, expected, f"{path}.{key}")
    return out


def _name(shape):
    return shape if isinstance(shape, str) else "an array" if isinstance(shape, list) else "an object"
