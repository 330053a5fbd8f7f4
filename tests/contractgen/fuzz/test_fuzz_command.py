"""`contractgen fuzz` finds the faults of a wrong service and none of a right one, whose sessions it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from contractgen.commands.cli import main
from tests.contractgen.fuzz.notes import ANN, BOB, KEPT_TOKEN, SPENT_TOKEN, Fault, contract, notes
from tests.contractgen.packages import write_document
from tests.tiers import full_only, sampled, slow

LOGIN = ["--login", "login", "--account", json.dumps(ANN)]
PEERS = ["--login", "login", "--peer", json.dumps(ANN), "--peer", json.dumps(BOB)]
TOKEN = ["--credential", f"session={KEPT_TOKEN}"]


def fuzz(spec: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, which has imported already what it needs."""
    command = ["fuzz", str(spec), "--examples", "5", *options]
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    # Files, because schemathesis writes to them as well.
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        with redirect_stdout(output), redirect_stderr(errors):
            code = main(command)
        for each, handler in handlers.items():
            signal.signal(each, handler)
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(command, code, output.read(), errors.read())


def report(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@slow
@pytest.mark.parametrize("options", sampled([PEERS, LOGIN], 1))
def test_a_correct_service_has_no_failure(options: list[str], tmp_path: Path) -> None:
    with notes(tmp_path) as (spec, url):
        done = fuzz(spec, "--url", url, "--json", *options)
    found = report(done)
    assert (done.returncode, found["findings"], found["explained"]) == (0, [], []), done.stderr
    assert (found["operations"], found["url"]) == (5, url)


@slow
@pytest.mark.parametrize(
    ("fault", "options", "rule", "operation"),
    sampled(
        [
            ("leak", PEERS, "object_level_authorization", "GET /notes/{note_id} 200"),
            ("status", LOGIN, "status_code_conformance", "POST /notes 202"),
            ("no authentication", TOKEN, "ignored_auth", "POST /notes 201"),
            ("crash", LOGIN, "not_a_server_error", "GET /notes/{note_id} 500"),
        ],
        2,
    ),
)
def test_a_fault_is_found(
    fault: Fault, options: list[str], rule: str, operation: str, tmp_path: Path
) -> None:
    xml = tmp_path / "report.xml"
    with notes(tmp_path, fault) as (spec, url):
        done = fuzz(spec, "--url", url, "--report", str(xml), "--json", *options)
    found = report(done)
    assert done.returncode == 1
    assert [each for each in found["findings"] if each["rule"] == rule and operation in each["message"]] != []
    assert int(ET.parse(xml).getroot().attrib["failures"]) > 0


@full_only
@slow
def test_plain_schemathesis_ends_in_its_sign_up(tmp_path: Path) -> None:
    """The pitfall that `auto-signup` is switched off for: if this passes one day, it can stay on."""
    with notes(tmp_path) as (spec, url):
        done = schemathesis(tmp_path, spec, url)
    assert "StopIteration" in done.stdout + done.stderr


@full_only
@slow
def test_plain_schemathesis_logs_itself_out(tmp_path: Path) -> None:
    """And says so in a warning alone, though two of five operations were never tested."""
    (tmp_path / "schemathesis.toml").write_text(
        f'seed = 42\n[auth]\nauto-signup = false\n[auth.openapi.session]\nbearer = "{SPENT_TOKEN}"\n'
    )
    with notes(tmp_path) as (spec, url):
        done = schemathesis(tmp_path, spec, url)
    assert done.returncode == 0
    assert "2 operations returned only 401/403 responses" in done.stdout


def schemathesis(folder: Path, spec: Path, url: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "run",
        str(spec),
        "--url",
        url,
        "--max-examples",
        "5",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@slow
def test_operations_that_no_request_gets_into_fail(tmp_path: Path) -> None:
    """The log-out ends the session of a fixed token: what follows would be accepted with its 401s."""
    with notes(tmp_path) as (spec, url):
        done = fuzz(spec, "--url", url, "--credential", f"session={SPENT_TOKEN}")
    lines = [each for each in done.stdout.splitlines() if "[not-tested]" in each]
    assert done.returncode == 1
    assert [each.split(": ")[2] for each in lines] == ["POST /notes", "GET /notes/{note_id}"]


@slow
def test_without_a_url_a_mock_is_fuzzed_and_stopped(tmp_path: Path) -> None:
    spec = write_document(tmp_path, contract())
    done = fuzz(spec, "--json")
    found = report(done)
    assert (done.returncode, found["findings"], found["operations"]) == (0, [], 5), done.stderr
    port = int(found["url"].rpartition(":")[2])
    assert main(["fuzz", str(spec), "--url", f"http://127.0.0.1:{port}", *TOKEN]) == 2


@slow
@pytest.mark.parametrize("is_operation", sampled([True, False], 1))
def test_an_operation_or_content_may_stand_in_another_file(is_operation: bool, tmp_path: Path) -> None:
    """Schemathesis does not follow such a reference: it would know of no response, or end."""
    document = contract()
    response = document["paths"]["/notes"]["post"]["responses"]["201"]
    owner, name = (document["paths"]["/notes"], "post") if is_operation else (response, "content")
    text = json.dumps(owner[name])
    (tmp_path / "part.json").write_text(text.replace("#/components", "openapi.yaml#/components"))
    owner[name] = {"$ref": "part.json"}
    done = fuzz(write_document(tmp_path, document), "--operation", "create_note", "--examples", "5", "--json")
    found = report(done)
    assert (done.returncode, found["findings"], found["explained"]) == (0, [], []), done.stderr


@slow
def test_what_lint_has_found_fails_nothing(tmp_path: Path) -> None:
    document = contract()
    del document["paths"]["/notes"]["post"]["responses"]["422"]
    spec, xml = write_document(tmp_path, document), tmp_path / "report.xml"
    done = fuzz(spec, "--operation", "create_note", "--report", str(xml), "--json")
    found = report(done)
    assert (done.returncode, found["findings"]) == (0, []), done.stderr
    (explained,) = found["explained"]
    assert "response 422 is not declared" in explained["reason"]
    assert ET.parse(xml).getroot().attrib["failures"] == "0"
    assert ET.parse(xml).find(".//system-out") is not None


@slow
def test_checks_and_hooks_of_a_file_are_used(tmp_path: Path) -> None:
    spec, hooks = write_document(tmp_path, contract()), tmp_path / "hooks.py"
    hooks.write_text(
        "import schemathesis\n\n@schemathesis.check\n"
        "def no_notes(ctx, response, case):\n    assert response.status_code != 201, 'a note was made'\n"
    )
    done = fuzz(spec, "--operation", "create_note", "--hooks", str(hooks), "--json")
    found = report(done)
    assert (done.returncode, [each["rule"] for each in found["findings"]]) == (1, ["no_notes"]), done.stderr
    hooks.write_text("import no_such_module\n")
    broken = fuzz(spec, "--operation", "create_note", "--hooks", str(hooks))
    assert broken.returncode == 2
    assert "hooks" in broken.stderr


@slow
def test_uris_in_paths_are_sent(tmp_path: Path) -> None:
    """Those that schemathesis makes itself have slashes, which it then sends in no path."""
    document = contract()
    item = document["paths"]["/notes/{note_id}"]
    item["get"]["parameters"][0] |= {"schema": {"type": "string", "format": "uri"}}
    document["paths"]["/notes/{note_id}"] = {"get": item["get"]}
    done = fuzz(write_document(tmp_path, document), "--operation", item["get"]["operationId"], "--json")
    assert (done.returncode, report(done)["findings"]) == (0, []), done.stderr


@slow
def test_names_and_lists_that_schemathesis_misreads_are_tested(tmp_path: Path) -> None:
    document = contract()
    operation = document["paths"]["/notes/{note_id}"]["get"]
    operation["parameters"][0]["name"] = "note.id"
    content = next(iter(operation["responses"]["200"]["content"].values()))
    content["schema"] = {
        "type": "array",
        "prefixItems": [content["schema"], {"type": "integer"}],
        "minItems": 2,
    }
    document["paths"] = {"/notes/{note.id}": {"get": operation}}
    done = fuzz(write_document(tmp_path, document), "--json")
    assert (done.returncode, report(done)["findings"]) == (0, []), done.stderr
    assert "get_note 200" not in report(done)["coverage"]["missing"]


@slow
def test_bodies_that_schemathesis_cannot_write_are_sent(tmp_path: Path) -> None:
    document, hooks = contract(), tmp_path / "hooks.py"
    post = document["paths"]["/notes"]["post"]
    content = {"application/vnd.apache.arrow.stream": {"schema": {"type": "string", "format": "binary"}}}
    post["requestBody"] = {"required": True, "content": content}
    spec = write_document(tmp_path, document)
    hooks.write_text(
        "import schemathesis\n\n@schemathesis.check\ndef mine(ctx, response, case):\n    assert 0\n"
    )
    done = fuzz(spec, "--operation", "create_note", "--json")
    assert (done.returncode, report(done)["findings"]) == (0, []), done.stderr
    done = fuzz(spec, "--operation", "create_note", "--json", "--hooks", str(hooks))
    assert {each["rule"] for each in report(done)["findings"]} == {"mine"}, done.stderr


@slow
def test_reports_and_coverage(tmp_path: Path) -> None:
    spec = write_document(tmp_path, contract())
    reports = [tmp_path / name for name in ("fuzz.xml", "fuzz.har", "html")]
    options = [option for each in reports for option in ("--report", str(each))]
    found = report(fuzz(spec, "--operation", "create_note", *options, "--json"))
    assert int(ET.parse(reports[0]).getroot().attrib["tests"]) > 0
    assert len(json.loads(reports[1].read_text())["log"]["entries"]) == found["requests"]
    assert list(reports[2].rglob("*.html")) != []
    coverage = found["coverage"]
    assert coverage["responses"][1] == len(contract()["paths"]["/notes"]["post"]["responses"])
    assert coverage["responses"][1] - coverage["responses"][0] == len(coverage["missing"])
    assert "create_note 201" not in coverage["missing"]


@full_only
@slow
def test_a_run_goes_on_until_its_time_is_over(tmp_path: Path) -> None:
    spec = write_document(tmp_path, contract())
    before = time.monotonic()
    found = report(fuzz(spec, "--operation", "get_note", "--max-time", "4", "--json"))
    assert (found["findings"], time.monotonic() - before > 4) == ([], True)


@slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of child processes")
def test_nothing_stays_of_a_run_that_is_ended(tmp_path: Path) -> None:
    spec = write_document(tmp_path, contract())
    command = [sys.executable, "-m", "contractgen", "fuzz", str(spec), "--examples", "5000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "Loaded specification" not in process.stdout.readline():
            assert process.poll() is None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        (child,) = map(int, children.read_text().split())
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    assert process.returncode == 128 + signal.SIGTERM
    time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--login", "login", "--account", '{"username": "ann", "password": "wrong password"}'],
            "answers 401",
        ),
        (["--login", "login", "--account", json.dumps(ANN), "--token", "/id"], "has no text at /id"),
    ],
)
def test_a_log_in_that_fails_is_one_line(options: list[str], message: str, tmp_path: Path) -> None:
    with notes(tmp_path) as (spec, url):
        done = fuzz(spec, "--url", url, *options)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert message in line


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--url", "http://127.0.0.1:1"], "logout and 2 more need"),
        (["--url", "http://127.0.0.1:1", *TOKEN], "http://127.0.0.1:1 cannot be reached: "),
        (
            ["--hooks", "none.py"],
            "--hooks: none.py is no file",
        ),
        (
            ["--operation", "create_notes"],
            "no operation is called 'create_notes'; did you mean 'create_note'?",
        ),
        (["--credential", "sesion=x"], "the contract has no security scheme 'sesion'; it has session"),
        (["--credential", "session"], "a credential must be SCHEME=VALUE"),
        (["--login", "login"], "--login and --account belong together"),
        (PEERS, "--peer needs --url"),
        (["--login", "login", "--account", "{}"], "--account must be a JSON object of texts"),
        (["--login", "register", "--account", '{"a": "b"}'], "no property of the response of register"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fuzz", str(write_document(tmp_path, contract())), *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_report_of_another_kind_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["fuzz", str(tmp_path / "openapi.yaml"), "--report", "report.txt"])
    assert "must be FILE.xml, FILE.har, or a folder" in capsys.readouterr().err


def test_the_line_for_a_missing_credential_says_how_to_give_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = str(write_document(tmp_path, contract()))
    assert main(["fuzz", spec, "--url", "http://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err == (
        "logout and 2 more need the security scheme 'session': give --credential session=TOKEN, or set "
        "CONTRACTGEN_CREDENTIAL_SESSION; or log in: --login 'login' --account JSON\n"
    )
    monkeypatch.setenv("CONTRACTGEN_CREDENTIAL_SESSION", "a token")
    assert main(["fuzz", spec, "--url", "http://127.0.0.1:1"]) == 2
    assert "cannot be reached" in capsys.readouterr().err
