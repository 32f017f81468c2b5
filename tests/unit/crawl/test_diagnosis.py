"""Why a server did not list its tools, told from its last words. All words here are our own."""

import pytest

from catalog.crawl.diagnosis import Diagnosis, diagnose
from catalog.model import Reason


def crashed(words: str) -> Diagnosis:
    return diagnose(Reason.CRASHED, "see its last words", words)


def timed_out(words: str) -> Diagnosis:
    return diagnose(Reason.TIMED_OUT, "it is silent", words)


@pytest.mark.parametrize(
    "words",
    [
        "Error: set the ORCHARD_TOKEN environment variable",
        "KeyError: 'ORCHARD_TOKEN'",
        "Please define the following:\n  - ORCHARD_TOKEN (from your profile page)",
        "ORCHARD_TOKEN is undefined",
        "These have no value:\n\n  ORCHARD_TOKEN=\n",
    ],
)
def test_a_variable_that_it_asks_for_is_named(words: str) -> None:
    diagnosis = crashed(words)
    assert diagnosis.reason is Reason.NEEDS_CREDENTIALS
    assert diagnosis.variables == ("ORCHARD_TOKEN",)
    assert "ORCHARD_TOKEN" in diagnosis.hint


def test_all_variables_of_a_list_are_named_in_order() -> None:
    words = "missing configuration:\n  * WELL_URL\n  * WELL_API_KEY\nsee the manual"
    assert crashed(words).variables == ("WELL_API_KEY", "WELL_URL")


@pytest.mark.parametrize("name", ["ELDER_API_KEY", "ES_URL", "E2E_TOKEN"])
def test_a_variable_may_begin_with_an_e(name: str) -> None:
    assert crashed(f"{name} is required").variables == (name,)


@pytest.mark.parametrize("word", ["ERR_INVALID_STATE", "EAI_AGAIN", "NODE_OPTIONS", "PYTHONPATH_SET", "HTTP_404"])
def test_an_error_code_is_no_variable(word: str) -> None:
    assert crashed(f"it must not be {word}").variables == ()


def test_constants_in_quoted_source_are_no_variables() -> None:
    words = (
        "Traceback (most recent call last):\n"
        '  File "/opt/package/orchard/server.py", line 9, in <module>\n'
        "    TREE_INDEX = plant(required=True)\n"
        "                 ^^^^^^^^^^^^^^^^^^^^\n"
        '  File "/opt/package/orchard/tree.py", line 2, in plant\n'
        "    raise RuntimeError(f'{SOIL_ERROR} must not happen')\n"
        "RuntimeError: the ORCHARD_TOKEN is missing\n"
    )
    assert crashed(words).variables == ("ORCHARD_TOKEN",)


def test_constants_quoted_in_an_exception_group_are_no_variables() -> None:
    words = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "/opt/package/orchard/server.py", line 9, in main\n'
        "  |     MISSING_TREES = required()\n"
        "  | RuntimeError: no trees\n"
    )
    assert crashed(words).variables == ()


@pytest.mark.parametrize(
    "words",
    [
        "Error: no token.\nPass --token or GATE_TOKEN.\n\nUsage: gate [options]\n  GATE_MODE   must be open or shut\n",
        "Usage: gate [options]\n  GATE_MODE   must be open or shut\n\ngate: error: set GATE_TOKEN\n",
        "Usage: gate [options]\n  GATE_MODE   must be open or shut\n  GATE_TOKEN   your token\n",
    ],
)
def test_of_a_usage_text_only_what_it_complains_of_or_a_credential_is_wanted(words: str) -> None:
    assert crashed(words).variables == ("GATE_TOKEN",)


def test_a_library_that_names_no_variable_is_understood() -> None:
    assert crashed("Exception: no client: You must specify a region.").variables == ("AWS_DEFAULT_REGION", "AWS_REGION")


def test_fields_of_a_settings_class_are_told_apart_from_variables() -> None:
    words = (
        "pydantic_core._pydantic_core.ValidationError: 2 validation errors for Orchard\n"
        "gate_code\n  Field required [type=missing, input_value={}]\n"
        "owner.name\n  Field required [type=missing, input_value={}]\n"
    )
    diagnosis = crashed(words)
    assert diagnosis.fields == ("gate_code", "owner.name")
    assert diagnosis.reason is Reason.NEEDS_CREDENTIALS
    assert not diagnosis.drift


@pytest.mark.parametrize(
    "words",
    [
        "ImportError: cannot import name 'Basket' from 'orchard'",
        "ModuleNotFoundError: No module named 'orchard.ladder'",
        "AttributeError: 'Server' object has no attribute 'pick'",
        "TypeError: Server.__init__() got an unexpected keyword argument 'apples'",
        "SyntaxError: The requested module 'orchard' does not provide an export named 'pick'",
        "code: 'ERR_PACKAGE_PATH_NOT_EXPORTED'",
        "Cannot find module '/opt/package/orchard/pick' imported from /opt/package/index.js",
    ],
)
def test_an_error_that_a_changed_dependency_makes_is_drift(words: str) -> None:
    diagnosis = crashed(f"something first\n{words}\n")
    assert diagnosis.drift
    assert diagnosis.reason is Reason.DEPENDENCY_DRIFT


@pytest.mark.parametrize("words", ["TypeError: Invalid URL", "TypeError [ERR_INVALID_URL]: Invalid URL"])
def test_an_address_that_is_none_is_no_drift(words: str) -> None:
    assert not crashed(words).drift


def test_a_compiled_part_that_is_not_there_is_no_drift() -> None:
    diagnosis = crashed("Error: Cannot find module '../build/Release/orchard.node'")
    assert diagnosis.reason is Reason.INSTALL_FAILED
    assert "install script" in diagnosis.hint
    assert not diagnosis.drift


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("usage: orchard {stdio,http}\norchard: error: too few arguments", ("stdio",)),
        ("Usage: orchard [OPTIONS]\n  --transport [http|stdio]", ("--transport", "stdio")),
        ("Usage: orchard [--stdio]", ("--stdio",)),
        ("Usage: orchard COMMAND\n\nCommands:\n  serve   Open the gate", ("serve",)),
        ("Usage: orchard COMMAND\n│ start   Open the gate │", ("start",)),
        ("No command registered for `x`, did you mean `start`?", ("start",)),
        ("Usage: orchard <allowed-directory> [more]", ("/tmp",)),  # a folder in the sandbox
    ],
)
def test_the_arguments_that_a_usage_text_offers_come_first(words: str, offered: tuple[str, ...]) -> None:
    diagnosis = crashed(words)
    assert diagnosis.reason is Reason.NEEDS_ARGUMENTS
    assert diagnosis.usage
    assert diagnosis.arguments[0] == offered


@pytest.mark.parametrize(
    "words",
    [
        "Error: Got unexpected extra argument (stdio)",
        "orchard: error: unrecognized arguments: stdio",
        "error: unknown command 'serve'",
        "Error: unknown flag: --transport",
        "Error: No such command 'mcp'.",
        "orchard: Either --gate or --fence must be provided",
    ],
)
def test_an_argument_that_it_refuses_is_about_usage(words: str) -> None:
    assert crashed(words).usage


def test_a_server_that_listens_for_http_is_asked_to_use_standard_input() -> None:
    diagnosis = timed_out("INFO: Orchard listening on port 3000")
    assert diagnosis.reason is Reason.NEEDS_ARGUMENTS
    assert diagnosis.arguments[0] == ("--stdio",)
    assert ("--transport", "stdio") in diagnosis.arguments


def test_a_server_that_crashed_is_not_taken_for_one_that_listens() -> None:
    assert crashed("cannot log to http://localhost:9200").reason is Reason.CRASHED


@pytest.mark.parametrize(
    "words",
    [
        "Error: getaddrinfo EAI_AGAIN api.example.com",
        "httpx.ConnectError: [Errno -3] Temporary failure in name resolution",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        "the fetch failed: fetch failed",
    ],
)
def test_a_server_that_reaches_out_first_needs_the_network(words: str) -> None:
    assert crashed(words).reason is Reason.NEEDS_NETWORK


def test_a_refusal_to_list_for_want_of_the_network_says_so() -> None:
    diagnosis = diagnose(Reason.PROTOCOL_ERROR, "", "tools/list: fetch failed (code -32603)")
    assert diagnosis.reason is Reason.NEEDS_NETWORK


@pytest.mark.parametrize("words", ["401 from the gate", "Invalid API key", "Unauthorized"])
def test_a_rejected_credential_asks_for_a_real_one(words: str) -> None:
    diagnosis = crashed(words)
    assert diagnosis.reason is Reason.NEEDS_CREDENTIALS
    assert "--env" in diagnosis.hint


def test_words_that_say_nothing_leave_the_reason_as_it_was() -> None:
    for words in ("", "goodbye", "\x1b[31m\N{PILE OF POO}\x00"):
        assert crashed(words) == Diagnosis(reason=Reason.CRASHED, hint="see its last words")


@pytest.mark.parametrize("reason", [Reason.NOT_FOUND, Reason.INSTALL_FAILED, Reason.TOO_LARGE, Reason.GATED])
def test_a_reason_that_is_certain_is_not_changed_by_words(reason: Reason) -> None:
    words = "ImportError: no\nORCHARD_TOKEN is required\nusage: orchard"
    assert diagnose(reason, "as it was", words) == Diagnosis(reason=reason, hint="as it was")


def test_an_extra_that_the_words_name_is_known() -> None:
    words = "ModuleNotFoundError: it needs an optional extra. Install it with: pip install 'orchard-mcp[server]'"
    assert crashed(words).extras == (("orchard-mcp", "server"),)


@pytest.mark.parametrize("words", ["see notes[1] to install", "pip install orchard", "a list[int] is needed"])
def test_other_brackets_name_no_extra(words: str) -> None:
    assert crashed(words).extras == ()


@pytest.mark.parametrize(
    ("words", "sdks"),
    [
        ("ModuleNotFoundError: No module named 'mcp'", ("mcp",)),
        ("ModuleNotFoundError: No module named 'fastmcp.server'", ("fastmcp",)),
        ("Missing dependency: pip install 'mcp>=1.0'", ("mcp",)),
        ("ModuleNotFoundError: No module named 'mcp_orchard'", ()),
        ("ModuleNotFoundError: No module named 'requests'", ()),
        ("pip install mcp-orchard", ()),
    ],
)
def test_only_sdks_of_the_protocol_are_taken_from_an_error(words: str, sdks: tuple[str, ...]) -> None:
    assert crashed(words).sdks == sdks


@pytest.mark.parametrize("words", ["ValueError: Missing required parameter: password", "Orchard API key is required"])
def test_a_credential_that_is_asked_for_in_prose_is_one(words: str) -> None:
    assert crashed(words).reason is Reason.NEEDS_CREDENTIALS


@pytest.mark.parametrize("words", ["each token of the text is counted", "passwords are kept in a file"])
def test_a_credential_that_is_only_spoken_of_is_none(words: str) -> None:
    assert crashed(words).reason is Reason.CRASHED


def test_a_package_that_only_reserves_its_name_is_no_server() -> None:
    diagnosis = crashed("orchard-mcp: this package only reserves the name for Orchard.")
    assert diagnosis.reason is Reason.NOT_MCP
    assert "look again later" in diagnosis.hint
