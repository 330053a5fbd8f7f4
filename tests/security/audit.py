"""`make audit`: look up every locked package in the advisories of OSV, by `uv audit`.

A version that is known to be bad goes first. Where it is not reported there is no advisory data, whatever the
tool says, and nothing is said of the locks. Exit codes: 0 no advisory, 1 advisories, 2 no advisory data.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.security.lock import LOCKS, pins

#: PyJWT 2.3.0 takes a public key for the secret of an HMAC.
CANARY, ADVISORIES = {"pyjwt": "2.3.0"}, ("CVE-2022-29217", "GHSA-ffqj-6fqr-9h24")
_PROJECT = '[project]\nname = "audited"\nversion = "0"\nrequires-python = ">=3.11"\n'
_PACKAGE = '\n[[package]]\nname = "{}"\nversion = "{}"\nsource = {{ {} }}\n'
#: uv asks for advisories of packages of an index alone, and asks the index whether it warns of them. Nothing
#: listens there: without retries this costs nothing.
_INDEX = 'registry = "http://127.0.0.1:9/simple"'


def main(locks: Iterable[str]) -> int:
    told = audit(CANARY)
    if told.returncode != 1 or not any(each in told.stdout for each in ADVISORIES):
        (name, version), reason = next(iter(CANARY.items())), _last_line(told.stderr)
        print(
            f"There is no advisory data here: {name} {version} was not reported ({reason}).", file=sys.stderr
        )
        return 2
    failed = 0
    for lock in locks:
        done = audit(pins(lock))
        print(f"{lock}: {len(pins(lock))} packages\n{done.stdout}{done.stderr}", flush=True)
        failed = max(failed, done.returncode)
    return failed


def audit(packages: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run `uv audit` on a project that has these packages in its lock."""
    with tempfile.TemporaryDirectory() as folder:
        names = ", ".join(f'{{ name = "{name}" }}' for name in packages)
        pinned = [_PACKAGE.format(name, version, _INDEX) for name, version in packages.items()]
        itself = _PACKAGE.format("audited", "0", 'virtual = "."') + f"dependencies = [{names}]\n"
        Path(folder, "pyproject.toml").write_text(f"{_PROJECT}dependencies = {list(packages)}\n")
        Path(folder, "uv.lock").write_text(
            f'version = 1\nrequires-python = ">=3.11"\n{itself}{"".join(pinned)}'
        )
        # What a machine sets for its own use of uv is not for this project.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
        service = ["--service-url", os.environ["OSV_URL"]] if "OSV_URL" in os.environ else []
        command = ["uv", "audit", "--no-config", "--frozen", "--preview-features", "audit-command", *service]
        environment = kept | {
            "UV_HTTP_RETRIES": "0",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
        )


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2].strip() or "uv audit said nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or LOCKS))
