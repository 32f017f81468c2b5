"""Values that stand in for a server's variables, and the names that its own code reads."""

from pathlib import Path

import pytest

from catalog.crawl.placeholders import names_in_source, placeholder, placeholders


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WELL_URL", "https://127.0.0.1"),
        ("WELL_BASE_URL", "https://127.0.0.1"),
        ("DATABASE_URL", "sqlite:////tmp/placeholder.db"),
        ("NEO4J_URI", "bolt://127.0.0.1"),
        ("WELL_MONGODB_URI", "mongodb://127.0.0.1"),
        ("PG_DSN", "postgresql://127.0.0.1/placeholder"),
        ("MYSQL_URL", "mysql://127.0.0.1/placeholder"),
        ("REDIS_URL", "redis://127.0.0.1"),
        ("WELL_PORT", "8080"),
        ("WELL_HOST", "127.0.0.1"),
        ("WELL_USER_EMAIL", "nobody@example.com"),
        ("WELL_CONFIG_PATH", "/dev/null"),
        ("WELL_DATA_DIR", "/tmp"),  # a folder in the sandbox
        ("WELL_REGION", "us-east-1"),
        ("WELL_ID", "1234567890"),
        ("WELL_API_KEY", "placeholder"),
        ("WELL_PASSWORD", "placeholder"),
        ("well_api_key", "placeholder"),
    ],
)
def test_a_value_has_the_shape_that_the_name_promises(name: str, value: str) -> None:
    assert placeholder(name) == value


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("SLACK_BOT_TOKEN", "xoxb-"),
        ("GITHUB_PERSONAL_ACCESS_TOKEN", "ghp_"),
        ("STRIPE_SECRET_KEY", "sk_"),
        ("OPENAI_API_KEY", "sk-"),
        ("NOTION_TOKEN", "ntn_"),
    ],
)
def test_a_key_that_servers_check_has_its_prefix(name: str, prefix: str) -> None:
    assert placeholder(name).startswith(prefix)


def test_a_variable_that_is_there_gets_no_placeholder() -> None:
    assert placeholders(["WELL_URL", "WELL_API_KEY"], present=["WELL_URL"]) == {"WELL_API_KEY": "placeholder"}


def test_the_file_of_a_key_is_left_out_where_the_key_is_there() -> None:
    assert list(placeholders(["WELL_API_KEY", "WELL_API_KEY_FILE"])) == ["WELL_API_KEY"]
    assert placeholders(["WELL_API_KEY_FILE"], present=["WELL_API_KEY"]) == {}
    assert placeholders(["WELL_API_KEY_FILE"]) == {"WELL_API_KEY_FILE": "/dev/null"}


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("a.py", "os.environ['WELL_TOKEN']"),
        ("a.py", 'os.environ.get("WELL_TOKEN", "")'),
        ("a.py", "getenv( 'WELL_TOKEN')"),
        ("a.js", "const t = process.env.WELL_TOKEN ?? ''"),
        ("a.mjs", "process.env['WELL_TOKEN']"),
        ("deep/down/a.ts", 'process.env["WELL_TOKEN"]'),
        ("a.js", "const key = process?.env?.WELL_TOKEN"),
        ("a.ts", "const { WELL_TOKEN, WELL_DEBUG = '1' } = process.env;"),
        ("README.md", "Set `WELL_TOKEN` to your token, and WELL_DEBUG to see more."),
        ("server.json", '{"environmentVariables": [{"name": "WELL_TOKEN"}]}'),
    ],
)
def test_a_credential_that_the_source_reads_is_found(tmp_path: Path, file: str, source: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    assert names_in_source([tmp_path]) == ("WELL_TOKEN",)


@pytest.mark.parametrize("name", ["WELL_DEBUG", "WELL_TRANSPORT", "WELL_READ_ONLY", "WELL_PORT", "LOG_LEVEL", "TOKEN"])
def test_a_switch_that_the_source_reads_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.py").write_text(f"os.environ['{name}']", encoding="utf-8")
    assert names_in_source([tmp_path]) == ()


def test_a_name_that_is_only_written_down_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('WELL_TOKEN = "WELL_TOKEN"  # see WELL_SECRET', encoding="utf-8")
    assert names_in_source([tmp_path]) == ()


def test_a_single_module_is_a_source_too(tmp_path: Path) -> None:
    module = tmp_path / "server.py"
    module.write_text("os.getenv('WELL_SECRET')", encoding="utf-8")
    assert names_in_source([module]) == ("WELL_SECRET",)


def test_dependencies_other_files_and_links_are_not_read(tmp_path: Path) -> None:
    for place in ("node_modules/other/index.js", "notes.txt", "data.json"):
        path = tmp_path / "package" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("process.env.OTHER_TOKEN", encoding="utf-8")
    outside = tmp_path / "outside.js"
    outside.write_text("process.env.HOST_SECRET", encoding="utf-8")
    (tmp_path / "package" / "link.js").symlink_to(outside)
    assert names_in_source([tmp_path / "package"]) == ()


def test_what_is_read_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "0.py").write_text("#" * 600_000 + "\nos.environ['FAR_TOKEN']", encoding="utf-8")
    for number in range(1, 500):
        (tmp_path / f"{number:03}.py").write_text(f"os.environ['N{number}_TOKEN']", encoding="utf-8")
    names = names_in_source([tmp_path])
    assert "FAR_TOKEN" not in names
    assert len(names) == 399  # 400 files, and the first is too long to be read to its end


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xff\xfe\x00os.environ['WELL_TOKEN']\xff")
    assert names_in_source([tmp_path]) == ("WELL_TOKEN",)
