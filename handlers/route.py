"""What a route is, for the modules that declare some."""

import re
from typing import NamedTuple

from tornado.routing import URLSpec
from tornado.web import RequestHandler

NAMED_GROUP = re.compile(r"\(\?P<(\w+)>")


class Route(NamedTuple):
    """A path pattern without its final slash, and the handler that serves it."""

    pattern: str
    handler: type[RequestHandler]


def route(pattern: str, handler: type[RequestHandler]) -> Route:
    """Declare a route: `route(r"/api/v1/goals/(?P<goal_id>[^/]+)", GoalHandler)`.

    It is served with and without a trailing slash. Its groups must be named: they become
    keyword arguments of the handler's methods.
    """
    groups = re.compile(pattern)
    if groups.groups != len(groups.groupindex) or pattern.endswith(("/", "$")):
        raise ValueError(f"{pattern}: name every group, and end without a slash")
    return Route(pattern, handler)


def spec(declared: Route, options: dict[str, object]) -> URLSpec:
    """Return what Tornado routes by."""
    return URLSpec(f"{declared.pattern}/?", declared.handler, options)


def template(pattern: str) -> str:
    """Write a pattern as OpenAPI does: named groups as `{name}`, always with the final slash."""
    parts, rest = [], pattern
    while (start := NAMED_GROUP.search(rest)) is not None:
        parts += [rest[: start.start()], "{", start[1], "}"]
        rest = rest[_group_end(rest, start.start()) :]
    path = "".join([*parts, rest]).replace("\\", "")
    return path if "." in path.rsplit("/", 1)[-1] else f"{path}/"


def _group_end(pattern: str, start: int) -> int:
    depth, in_set, escaped = 0, False, False
    for index in range(start, len(pattern)):
        character = pattern[index]
        if escaped or character == "\\":
            escaped = not escaped
        elif in_set:
            in_set = character != "]"
        elif character == "[":
            in_set = True
        else:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth == 0:
                return index + 1
    raise ValueError(f"{pattern}: a group does not end")
