"""Faults of handlers and hosts, one each: what a type checker must refuse, and what it says.

A fault replaces one text of `golden/*/port`, whose handlers and host are right. What a checker says stands in
the file with the fault or in the one that mounts it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Misuse:
    """A fault: the text it replaces in a file, and a part of what mypy and basedpyright say."""

    old: str
    new: str
    mypy: str
    pyright: str
    file: str = "handlers"


_EVENTS = (
    'AsyncIterator[responses.Event[models.ReportDict]]:\n        yield responses.Event(data=REPORT, id="1")'
)
_GET_BOOK = "async def get_book(context: Context, /, *, book_id: UUID)"
_BOOK = "    return responses.GetBook200(ROW)\n\n\nasync def update_book"


def _returning(answer: str) -> str:
    return f"    return {answer}\n\n\nasync def update_book"


LIBRARY = {
    "a response of another operation": Misuse(
        "-> responses.GetPage200:\n    return responses.GetPage200(",
        "-> responses.GetPage200 | responses.BookNotFound:\n    return responses.GetPage200(",
        "get_page",
        "get_page",
    ),
    "a status that the operation does not declare": Misuse(
        _BOOK,
        _returning("responses.Refused409(PROBLEM)"),
        'Incompatible return value type (got "Refused409", expected "GetBook200 | BookNotFound")',
        'Type "Refused409" is not assignable to return type "GetBook200 | BookNotFound"',
    ),
    "the body of another schema": Misuse(
        _BOOK,
        _returning("responses.GetBook200(PROBLEM)"),
        'Argument 1 to "GetBook200" has incompatible type "ProblemDict"; expected "Book | BookDict"',
        '"ProblemDict" is not assignable to "Book"',
    ),
    "a member too many": Misuse(
        _BOOK,
        _returning('responses.GetBook200({**ROW, "password": "x"})'),
        '"GetBook200"',
        'cannot be assigned to parameter "body"',
    ),
    "a member too few": Misuse(
        _BOOK,
        _returning('responses.GetBook200({"id": UUID(int=0)})'),
        '"GetBook200"',
        'cannot be assigned to parameter "body"',
    ),
    "a member of the wrong type": Misuse(
        '{"items": [ROW], "total": 1}',
        '{"items": [ROW], "total": "1"}',
        '"ListBooks200"',
        'cannot be assigned to parameter "body"',
    ),
    "a missing header": Misuse(
        'AddBook201(ROW, location="/")',
        "AddBook201(ROW)",
        'Missing positional argument "location"',
        'Argument missing for parameter "location"',
    ),
    "an undeclared header": Misuse(
        'AddBook201(ROW, location="/")',
        'AddBook201(ROW, location="/", etag="x")',
        'Unexpected keyword argument "etag"',
        'No parameter named "etag"',
    ),
    "a header of the wrong type": Misuse(
        'AddBook201(ROW, location="/")',
        "AddBook201(ROW, location=None)",
        'Argument "location" to "AddBook201"',
        'cannot be assigned to parameter "location"',
    ),
    "a body on a 204": Misuse(
        "DeleteBook204()",
        "DeleteBook204(ROW)",
        'Too many arguments for "DeleteBook204"',
        "Expected 0 positional arguments",
    ),
    "a raw response": Misuse(
        _BOOK,
        _returning("Response(status_code=200)"),
        'Incompatible return value type (got "Response", expected "GetBook200 | BookNotFound")',
        'Type "Response" is not assignable to return type',
    ),
    "a raw response that is declared": Misuse(
        "-> responses.GetBook200 | responses.BookNotFound:\n    return responses.GetBook200(ROW)",
        "-> Response:\n    return Response()",
        "get_book",
        "get_book",
    ),
    "a dict": Misuse(
        _BOOK,
        _returning("ROW"),
        'Incompatible return value type (got "BookDict"',
        'Type "BookDict" is not assignable to return type',
    ),
    "no handler": Misuse(
        "async def get_book(", "async def fetch_book(", "get_book", '"get_book" is not present'
    ),
    "a handler that is not async": Misuse("async def get_book(", "def get_book(", "get_book", "get_book"),
    "another argument name": Misuse(
        "/, *, book_id: UUID) -> responses.GetBook200 |",
        "/, *, id: UUID) -> responses.GetBook200 |",
        "get_book",
        'Missing keyword parameter "book_id"',
    ),
    "an argument of another type": Misuse(
        "/, *, book_id: UUID) -> responses.GetBook200 |",
        "/, *, book_id: int) -> responses.GetBook200 |",
        "get_book",
        'Keyword parameter "book_id" of type "Id" is incompatible',
    ),
    "an optional argument taken as given": Misuse(
        "shelf: str | None", "shelf: str", "list_books", 'Keyword parameter "shelf"'
    ),
    "a missing argument": Misuse(
        "/, *, book_id: UUID, number: int)",
        "/, *, book_id: UUID)",
        "get_page",
        'Missing keyword parameter "number"',
    ),
    "an argument too many": Misuse(
        "book_id: UUID, number: int)", "book_id: UUID, number: int, more: int)", "get_page", '"more"'
    ),
    "a caller that may be absent": Misuse(
        "caller: Caller | None, /", "caller: Caller, /", "list_books", "list_books"
    ),
    "a caller of a public operation": Misuse(
        _GET_BOOK,
        _GET_BOOK.replace("context: Context, /", "context: Context, caller: Caller, /"),
        "get_book",
        "get_book",
    ),
    "a caller of another type": Misuse(
        "async def delete_book(context: Context, caller: Caller",
        "async def delete_book(context: Context, caller: str",
        "delete_book",
        "delete_book",
    ),
    "no caller": Misuse(
        "async def delete_book(context: Context, caller: Caller",
        "async def delete_book(context: Context",
        "delete_book",
        "delete_book",
    ),
    "the body of another operation": Misuse(
        "body: models.NewBook", "body: models.BookUpdate", "add_book", 'Keyword parameter "body"'
    ),
    "a member that the body does not have": Misuse(
        "    return responses.AddBook201(",
        "    body.isbn\n    return responses.AddBook201(",
        '"NewBook" has no attribute "isbn"',
        'Cannot access attribute "isbn"',
    ),
    "an absent member taken as a string": Misuse(
        "    return responses.AddBook201(",
        "    (body.blurb or '').upper()\n    return responses.AddBook201(",
        "upper",
        'Cannot access attribute "upper"',
    ),
    "a host without a scheme": Misuse(
        "async def bearer_auth(", "async def bearer(", "bearer_auth", '"bearer_auth" is not present', "common"
    ),
    "a host with another caller": Misuse(
        "token: str, /) -> Caller | None:",
        "token: str, /) -> str | None:",
        "bearer_auth",
        "bearer_auth",
        "common",
    ),
    "a caller without roles": Misuse(
        'roles = frozenset({"admin"})', 'rights = frozenset({"admin"})', '"Caller"', '"roles"', "common"
    ),
    "a context that cannot be finished": Misuse(
        "async def finish(self, status: int)",
        "async def end(self, status: int)",
        '"Context"',
        '"finish"',
        "common",
    ),
}

ANSWERS = {
    "a media type that the response does not have": Misuse(
        'ListReports200Csv("a", x_total=1)',
        'ListReports200Csv("a", x_total=1, media_type="text/html")',
        'Unexpected keyword argument "media_type"',
        'No parameter named "media_type"',
    ),
    "the body of another media type": Misuse(
        'ListReports200Csv("a", x_total=1)',
        "ListReports200Csv([REPORT], x_total=1)",
        'Argument 1 to "ListReports200Csv"',
        'cannot be assigned to parameter "body"',
    ),
    "a media type that the client cannot ask for": Misuse(
        'accept == "text/csv"', 'accept == "text/html"', "Non-overlapping equality check", "no overlap"
    ),
    "a header that every media type has": Misuse(
        "ListReports200Json([REPORT], x_total=1)",
        "ListReports200Json([REPORT])",
        'Missing positional argument "x_total"',
        'Argument missing for parameter "x_total"',
    ),
    "an item of a list of another schema": Misuse(
        "ListReports200Json([REPORT], x_total=1)",
        "ListReports200Json([PROBLEM], x_total=1)",
        'Argument 1 to "ListReports200Json"',
        '"ProblemDict" is not assignable to',
    ),
    "an item of a stream of another schema": Misuse(
        "        yield REPORT\n",
        "        yield PROBLEM\n",
        'Incompatible types in "yield"',
        '"AsyncGenerator[ProblemDict, Any]"',
    ),
    "a stream of other items": Misuse(
        "AsyncIterator[models.ReportDict]:",
        "AsyncIterator[str]:",
        'Argument 1 to "ExportReports200"',
        'cannot be assigned to parameter "body"',
    ),
    "a list instead of a stream": Misuse(
        "ExportReports200(lines())",
        "ExportReports200([REPORT])",
        'Argument 1 to "ExportReports200"',
        'cannot be assigned to parameter "body"',
    ),
    "an event with the data of another schema": Misuse(
        'Event(data=REPORT, id="1")',
        'Event(data=PROBLEM, id="1")',
        'Argument "data" to "Event"',
        '"AsyncGenerator[Event[ProblemDict], Any]"',
    ),
    "items instead of events": Misuse(
        _EVENTS,
        "AsyncIterator[models.ReportDict]:\n        yield REPORT",
        'Argument 1 to "WatchReports200"',
        'cannot be assigned to parameter "body"',
    ),
    "a status outside of the range": Misuse(
        "RefusedDefault(PROBLEM, status=415)",
        "RefusedDefault(PROBLEM, status=201)",
        'Argument "status" to "RefusedDefault"',
        'cannot be assigned to parameter "status"',
    ),
    "a range without its status": Misuse(
        "RefusedDefault(PROBLEM, status=415)",
        "RefusedDefault(PROBLEM)",
        'Missing positional argument "status"',
        'Argument missing for parameter "status"',
    ),
    "text where bytes go": Misuse(
        'GetCover200Png(b"")', 'GetCover200Png("")', 'Argument 1 to "GetCover200Png"', 'parameter "body"'
    ),
    "one caller where two are demanded": Misuse(
        "caller: operations.BearerAndKey[Caller], /", "caller: Caller, /", "add_report", "add_report"
    ),
    "callers of another type": Misuse(
        "operations.BearerAndKey[Caller], /", "operations.BearerAndKey[str], /", "add_report", "add_report"
    ),
    "an absent parameter taken for null": Misuse(
        "owner: int | None | MISSING,", "owner: int | None,", "list_reports", 'Keyword parameter "owner"'
    ),
    "an absent parameter taken as a string": Misuse(
        '    if accept == "text/csv"',
        '    word.upper()\n    if accept == "text/csv"',
        'has no attribute "upper"',
        '"upper" is not a known attribute of "None"',
    ),
    "one of two kinds of body": Misuse(
        "body: models.Report | str", "body: models.Report", "add_report", '"body"'
    ),
    "a kind of body taken for the other": Misuse(
        "    if isinstance(body, str):",
        "    body.name\n    if isinstance(body, str):",
        'has no attribute "name"',
        'Cannot access attribute "name"',
    ),
    "a host without one of two schemes": Misuse(
        "async def key(", "async def api_key(", '"Host"', '"key" is not present', "common"
    ),
}
