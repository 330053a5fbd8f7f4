"""Ask the served routes and the validators of raw schemas, and collect what they decide differently."""

from fastapi import FastAPI

from contractgen.document.load import Document
from contractgen.verify.derived import operations as live_operations
from contractgen.verify.foreign.judge import Judge
from contractgen.verify.foreign.operations import operations_of
from contractgen.verify.foreign.probe import Prober
from contractgen.verify.foreign.raw import RawContract
from contractgen.verify.foreign.report import Differences
from contractgen.verify.foreign.response_bodies import ResponseProber
from contractgen.verify.foreign.sender import Sender
from contractgen.verify.stubs import StubHost


def check(document: Document, app: FastAPI, host: StubHost) -> Differences:
    """Every instance of every operation that the application serves."""
    raw = RawContract(document)
    differences = Differences(raw)
    sender = Sender(app, host)
    requests = Prober(Judge(raw, "request"), sender, differences)
    responses = ResponseProber(Judge(raw, "response"), differences)
    live = {each.operation_id: each for each in live_operations(app)}
    try:
        for operation in operations_of(raw):
            if operation.operation_id in live:
                requests.probe(operation)
                responses.probe(operation, live[operation.operation_id])
    finally:
        sender.close()
    return differences
