"""The values of a plan as Python source: the reader of a credential, and its type."""

from collections.abc import Iterable, Iterator

from contractgen.plan import Scheme
from contractgen.plan.schemes import (
    ApiKeyScheme,
    BasicScheme,
    BearerScheme,
    DigestScheme,
    HttpScheme,
    MutualTlsScheme,
)


def credential_reader(scheme: Scheme) -> str:
    """Return the expression that makes the reader of a scheme's credentials."""
    match scheme.type:
        case BearerScheme():
            return "Bearer()"
        case BasicScheme(realm):
            return f"Basic({realm!r})"
        case DigestScheme():
            return "Digest()"
        case HttpScheme(name):
            return f"HttpScheme({name!r})"
        case ApiKeyScheme(location, name):
            return f"ApiKey({location!r}, {name!r})"
        case MutualTlsScheme():
            return "MutualTls()"


def credential_type(scheme: Scheme) -> str:
    """Return the type of the credential that the host's method of a scheme gets."""
    match scheme.type:
        case BasicScheme():
            return "BasicCredentials"
        case DigestScheme():
            return "DigestCredentials"
        case MutualTlsScheme():
            return "ClientCertificate"
        case BearerScheme() | HttpScheme() | ApiKeyScheme():
            return "str"


def credential_argument(scheme: Scheme) -> str:
    """Return the argument of the host's method that gets the credential: `token: str`."""
    kind = credential_type(scheme)
    return f"{'token' if kind == 'str' else 'credentials'}: {kind}"


def credential_imports(schemes: Iterable[Scheme]) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each class of the run time that the schemes' methods refer to."""
    for name in dict.fromkeys(map(credential_type, schemes)):
        if name == "DigestCredentials":
            yield "digest", "DigestChallenge"
            yield "digest", name
        elif name != "str":
            yield "credentials", name
