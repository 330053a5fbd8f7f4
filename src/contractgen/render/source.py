"""The values of a plan as Python source: types and readers of credentials, parameters and headers."""

from collections.abc import Iterable, Iterator

from contractgen.plan.converters import (
    BooleanReader,
    ChoiceReader,
    IntegerReader,
    NumberReader,
    TextConverter,
    TextReader,
    UuidReader,
)
from contractgen.plan.header_types import EnumType, HeaderType, ListType, ObjectType, ScalarType
from contractgen.plan.schemes import (
    ApiKeyScheme,
    BasicScheme,
    BearerScheme,
    DigestScheme,
    HttpScheme,
    MutualTlsScheme,
    Scheme,
)
from contractgen_runtime.deprecation import Deprecation
from contractgen_runtime.styles import Style

_SCALARS: dict[ScalarType, str] = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "uuid": "UUID",
    "date": "dt.date",
    "date-time": "dt.datetime",
    "any": "object",
}


def text_converter(converter: TextConverter) -> str:
    """Return the expression that makes the converter of a text."""
    match converter:
        case TextReader(min_length, max_length, pattern):
            return f"Text({_keywords(min_length=min_length, max_length=max_length, pattern=pattern)})"
        case IntegerReader(minimum, maximum):
            return f"Integer({_keywords(minimum=minimum, maximum=maximum)})"
        case NumberReader(minimum, maximum):
            return f"Number({_keywords(minimum=minimum, maximum=maximum)})"
        case BooleanReader():
            return "Boolean()"
        case UuidReader():
            return "Uuid()"
        case ChoiceReader(values):
            return f"Choice({values!r})"


def text_type(converter: TextConverter) -> str:
    """Return the type of the values that a converter makes of texts."""
    match converter:
        case TextReader():
            return "str"
        case IntegerReader():
            return "int"
        case NumberReader():
            return "float"
        case BooleanReader():
            return "bool"
        case UuidReader():
            return "UUID"
        case ChoiceReader(values):
            return f"Literal[{', '.join(map(repr, values))}]"


def header_type(value: HeaderType) -> str:
    """Return the type of a header's values."""
    return " | ".join(map(_of_header, value))


def _of_header(alternative: ScalarType | EnumType | ListType | ObjectType) -> str:
    match alternative:
        case EnumType(values):
            return f"Literal[{', '.join(map(repr, values))}]"
        case ListType(items):
            return f"list[{header_type(items)}]"
        case ObjectType():
            return "Mapping[str, str | int | float | bool]"
        case scalar:
            return _SCALARS[scalar]


def style(value: Style) -> str:
    """Return the expression that makes a style."""
    explode = ", explode=True" if value.explode else ""
    reserved = ", allow_reserved=True" if value.allow_reserved else ""
    return f'Style("{value.name}"{explode}{reserved})'


def deprecation(value: Deprecation) -> str:
    """Return the expression that makes what responses say of an operation's end."""
    dates = {name: date for name, date in (("since", value.since), ("sunset", value.sunset)) if date}
    arguments = [f"{name}=dt.datetime.fromisoformat({date.isoformat()!r})" for name, date in dates.items()]
    return f"Deprecation({', '.join([*arguments, *([f'page={value.page!r}'] if value.page else [])])})"


def _keywords(**values: object) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items() if value is not None)


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
