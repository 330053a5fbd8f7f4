"""The paths that clients have deleted from a mock."""

from contractgen_runtime.paths import above, shape_of

_MOST = 1000


class Deletions:
    """Paths of successful DELETE requests: they and those below are not found until put or posted again.

    What is made below a deleted path makes that again, too. Paths can end with a slash. A path is of another
    resource where its template is not below that of the deletion: `DELETE /{version}/things` deletes no
    `/v1/things/{id}`.
    """

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}

    def covers(self, path: str, template: str) -> bool:
        """Return whether the path of a template, or one above it, was deleted."""
        if not self._paths:
            return False
        shapes = set(above(shape_of(template)))
        if any(self._paths.get(each) in shapes for each in above(path)):
            return True
        resource = acted_on(path, template)
        return resource != (path, template) and self.covers(*resource)

    def note(self, method: str, path: str, template: str) -> None:
        """Record a request that succeeded; past a limit the oldest deletion is dropped."""
        path = path.rstrip("/")
        if method == "DELETE":
            self._paths[path] = shape_of(template)
            if len(self._paths) > _MOST:
                del self._paths[next(iter(self._paths))]
        elif method in ("POST", "PUT") and self._paths:
            again = [each for each in self._paths if _is_within(each, path) or _is_within(path, each)]
            for each in again:
                del self._paths[each]


def acted_on(path: str, template: str) -> tuple[str, str]:
    """Return the path and template of the resource of an action, such as `/jobs/{id}:stop`, else the same."""
    segment = template.rpartition("/")[2]
    action = segment.rpartition("}")[2] if segment.startswith("{") else ""
    if not action or not path.endswith(action):
        return path, template
    return path.removesuffix(action), template.removesuffix(action)


def _is_within(path: str, other: str) -> bool:
    """Return whether a path is another one, or below it."""
    return f"{path}/".startswith(f"{other}/")
