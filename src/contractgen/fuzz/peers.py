"""Several identities in the format of the Web Fuzzing Commons: peers, and those with more rights.

schemathesis reads an object that one peer has made as every other peer, and tries a request that the first
identity is denied as the next.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from contractgen.document.findings import SettingError
from contractgen.fuzz.credentials import Scheme
from contractgen.fuzz.logins import Login
from contractgen.fuzz.toml import Table

# An account for the log-in operation, or a credential: the name of its scheme and its text.
Identity = dict[str, str] | tuple[str, str]


def peers_table(file: str, names: Sequence[str]) -> Table:
    """Return the table that names the file of the identities, and the peers among them."""
    return Table(
        ("auth", "wfc"),
        # A `${` in the path would be the begin of a variable.
        {"path": file.replace("${", "$${"), "peers": list(names)},
        "The check object_level_authorization needs peers: neither may read what the other has made. The "
        "others have more rights: a request that is denied is tried as the next. The file holds credentials.",
    )


def peers_text(
    identities: Mapping[str, Identity], login: Login | None, known: Mapping[str, Scheme], url: str
) -> str:
    """Return the text of the file; `url` is that of the service."""
    base_path = urlsplit(url).path.rstrip("/")
    entries = [{"name": name, **_entry(each, login, known, base_path)} for name, each in identities.items()]
    return json.dumps({"auth": entries}, indent=1) + "\n"


def _entry(
    each: Identity, login: Login | None, known: Mapping[str, Scheme], base_path: str
) -> dict[str, Any]:
    if isinstance(each, tuple):
        name, value = known[each[0]].header(each[1])
        return {"fixedHeaders": [{"name": name, "value": value}]}
    if login is None:
        raise SettingError("an account needs --login OPERATION")
    name, template = login.scheme.header("{token}")
    return {
        "loginEndpointAuth": {
            # Unlike the path of auth.dynamic, it is read from the root of the server.
            "endpoint": base_path + login.operation.path,
            "verb": login.operation.method,
            "contentType": login.media_type,
            "payloadRaw": json.dumps(each) if login.takes_json else urlencode(each),
            "token": {
                "extractFrom": "body",
                "extractSelector": login.token,
                "sendIn": "header",
                "sendName": name,
                "sendTemplate": template,
            },
        }
    }
