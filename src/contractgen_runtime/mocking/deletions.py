"""The paths that clients have deleted from a mock."""

from typing import TypeVar

from contractgen_runtime.paths import above, shape_of

T = TypeVar("T")
_MOST = 1000


class Deletions:
    """Paths of successful DELETE requests: they and those below are not found until put or posted again.

    What is made below a deleted path is there, though the deleted one is not. Paths can end with a slash. A
    path is of another resource where its template is not below that of the deletion:
    `DELETE /{version}/things` deletes no `/v1/things/{id}`.
    """

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}
        self._made: dict[str, None] = {}  # below a deleted path, after its deletion

    def covers(self, path: str, template: str) -> bool:
        """Return whether the path of a template, or one above it, was deleted."""
        if not self._paths:
            return False
        shapes = set(above(shape_of(template)))
        for each in above(path):
            if each in self._made:
                return False
            if self._paths.get(each) in shapes:
                return True
        resource = acted_on(path, template)
        return resource != (path, template) and self.covers(*resource)

    def note(self, method: str, path: str, template: str) -> None:
        """Record a request that succeeded; past a limit the oldest deletion is dropped."""
        path = path.rstrip("/")
        if method == "DELETE":
            _drop_below(self._made, path)
            _keep(self._paths, path, shape_of(template))
        elif method in ("POST", "PUT") and self._paths:
            _drop_below(self._paths, path)
            if any(each in self._paths for each in above(path)):
                _keep(self._made, path, None)


def acted_on(path: str, template: str) -> tuple[str, str]:
    """Return the path and template of the resource of an action, such as `/jobs/{id}:stop`, else the same."""
    segment = template.rpartition("/")[2]
    action = segment.rpartition("}")[2] if segment.startswith("{") else ""
    if not action or not path.endswith(action):
        return path, template
    return path.removesuffix(action), template.removesuffix(action)


def _drop_below(paths: dict[str, T], top: str) -> None:
    """Forget a path and those below it."""
    for each in [each for each in paths if f"{each}/".startswith(f"{top}/")]:
        del paths[each]


def _keep(paths: dict[str, T], path: str, value: T) -> None:
    paths[path] = value
    if len(paths) > _MOST:
        del paths[next(iter(paths))]
