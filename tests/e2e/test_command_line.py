"""The command line, beside a running node and where production would be unsafe."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from config.settings import Settings
from handlers import vapid
from storage.embedded.binaries import MONGOD, find
from storage.redis.keys import Keys
from tests.e2e.command_line import command
from tests.e2e.nodes import ROOT, SESSIONS, Node, environment, on_stores, serving, wait_for
from tests.stores import JWT_SECRET

LOGIN = {"email": "ada@example.com", "password": "correct horse battery"}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with stores of its own."""
    data_dir = tmp_path_factory.mktemp("node") / "data"
    with serving(data_dir, OUTBOX_ATTEMPTS="2") as running:
        yield running


@pytest.fixture(scope="module")
def data_dir(node: Node) -> str:
    return str(node.data_dir)


def said(*arguments: str, data_dir: str) -> str:
    """What a command that succeeds has to say."""
    result = command(*arguments, DATA_DIR=data_dir)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def test_a_token_from_the_command_line_is_good(node: Node, data_dir: str) -> None:
    token = said("token", "grace", data_dir=data_dir).strip()

    me = node.ask("GET", "/api/v1/authentication/me/", token=token)

    assert (me["http"], me["id"]) == (200, "grace")


def test_an_account_from_the_command_line_can_log_in(node: Node, data_dir: str) -> None:
    arguments = (LOGIN["email"], "--password", LOGIN["password"], "--admin", "--pro")
    told = said("create-user", *arguments, data_dir=data_dir)
    again = command("create-user", *arguments, DATA_DIR=data_dir)

    assert LOGIN["email"] in told
    assert "admin" in told
    answer = node.ask("POST", "/api/v1/authentication/login/", LOGIN)
    me = node.ask("GET", "/api/v1/authentication/me/", token=answer["access"])
    assert me["email"] == LOGIN["email"]
    assert again.returncode == 1
    assert "Traceback" not in again.stderr


def test_inspect_shows_a_session_with_its_timeline(node: Node, data_dir: str) -> None:
    session = node.start()
    path = f"{SESSIONS}{session['id']}/"
    node.ask("POST", f"{path}pause/", {})
    live = json.loads(said("inspect", session["id"], data_dir=data_dir))
    node.ask("PUT", path, {"status": "completed"})
    ended = json.loads(said("inspect", session["id"], data_dir=data_dir))
    node.ask("POST", f"{path}void/")
    voided = json.loads(said("inspect", session["id"], data_dir=data_dir))
    nobody = command("inspect", "nobody", DATA_DIR=data_dir)

    assert (live["redis"]["status"], live["mongo"]) == ("paused", None)
    assert [event["event"] for event in ended["timeline"]] == ["started", "paused", "completed"]
    assert ended["mongo"]["xp_total"] == ended["redis"]["xp_total"]
    assert (voided["redis"], voided["mongo"]["status"]) == (None, "voided")
    assert voided["timeline"] == ended["timeline"]
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "nobody" in nobody.stderr
    assert said("verify-ledger", data_dir=data_dir).strip().endswith(", 0 differences")


def test_dead_letters_are_listed_tried_again_and_dropped(node: Node, data_dir: str) -> None:
    keys = Keys("sessiond").all_shards()[0]
    url = json.loads((Path(data_dir) / "endpoints.json").read_text())["redis_url"]
    with Redis.from_url(url, decode_responses=True) as redis:
        for name in ("bad-1", "bad-2"):
            redis.xadd(keys.outbox, {"id": name, "record": "{}"})
        wait_for(lambda: redis.xlen(keys.dead) == 2, "two dead letters")
        rows = [row.split("\t") for row in said("outbox", "list", data_dir=data_dir).splitlines()]
        assert [(row[0], row[2]) for row in rows] == [("dead", "bad-1"), ("dead", "bad-2")]
        assert all("Poison" in row[3] for row in rows)

        said("outbox", "drop", rows[0][1], data_dir=data_dir)
        said("outbox", "retry", rows[1][1], data_dir=data_dir)
        unknown = command("outbox", "drop", rows[0][1], DATA_DIR=data_dir)

        assert unknown.returncode == 1
        wait_for(lambda: redis.xlen(keys.dead) == 1, "the second is given up on again")
        assert redis.xlen(keys.outbox) == 0
        (letter,) = said("outbox", "list", data_dir=data_dir).splitlines()
        said("outbox", "drop", letter.split("\t")[1], data_dir=data_dir)


def test_the_schema_and_the_settings_are_printed_without_secrets(tmp_path: Path) -> None:
    schema = command("redis-schema", DATA_DIR=str(tmp_path), REDIS_PREFIX="other")
    told = command(
        "config", DATA_DIR=str(tmp_path), JWT_SECRET=JWT_SECRET, REDIS_URL="redis://u:hush@h/0"
    )

    assert "| `other:{s}:session:<id>` | hash |" in schema.stdout
    assert "SESSIOND_TICK_SECONDS=1.0" in told.stdout
    assert "hush" not in told.stdout
    assert JWT_SECRET not in told.stdout
    assert (schema.returncode, told.returncode) == (0, 0)


def test_a_new_key_for_push_is_printed_as_its_setting(tmp_path: Path) -> None:
    made = [command("vapid-key", DATA_DIR=str(tmp_path)) for _ in range(2)]
    setting, public = made[0].stdout.strip().splitlines()
    name, _, private = setting.partition("=")

    assert [one.returncode for one in made] == [0, 0]
    assert made[0].stdout != made[1].stdout
    assert name == "SESSIOND_VAPID_PRIVATE_KEY"
    assert public == f"# public key: {vapid.public_key(private)}"
    # Development keeps one of its own, as it does with the secret of tokens.
    kept = (tmp_path / "vapid_private_key").read_text().strip()
    told = command("config", DATA_DIR=str(tmp_path))
    assert "SESSIOND_VAPID_PRIVATE_KEY=********" in told.stdout
    assert kept not in told.stdout
    assert len(vapid.public_key(kept)) == 87


def refusal(**settings: str) -> str:
    """Why production does not start, having checked that it says so and nothing else."""
    result = command("serve", ENV="production", **settings)
    assert result.returncode == 2, result
    assert "Traceback" not in result.stderr + result.stdout
    return result.stderr


def test_production_names_all_that_is_missing_at_once(tmp_path: Path) -> None:
    data_dir = str(tmp_path / "d")
    bare = refusal(DATA_DIR=data_dir)
    wrong = refusal(
        DATA_DIR=data_dir, JWT_SECRET="short", REDIS_URL="http://x", TICK_SECONDS="never"
    )
    process = subprocess.run(
        [sys.executable, "server.py"],
        cwd=ROOT,
        env=environment(ENV="production", DATA_DIR=data_dir),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (process.returncode, process.stderr) == (2, bare)
    for name in ("JWT_SECRET", "MONGO_URL", "REDIS_URL"):
        assert f"SESSIOND_{name}:" in bare
        assert f"SESSIOND_{name}:" in wrong
    assert "32" in wrong
    assert "SESSIOND_TICK_SECONDS:" in wrong
    assert not (tmp_path / "d").exists()


@pytest.fixture
def standalone(tmp_path: Path) -> Iterator[str]:
    """The address of a mongod without a replica set."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path / "standalone"
    home.mkdir()
    options = {"dbpath": home, "port": port, "bind_ip": "127.0.0.1", "logpath": home / "log"}
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    extra = ["--nounixsocket", "--setParameter", "diagnosticDataCollectionEnabled=false"]
    with subprocess.Popen(
        [find(MONGOD, None), *words, *extra], stdout=subprocess.DEVNULL, env=environment()
    ) as process:

        def listens() -> bool:
            with socket.socket() as caller:
                return caller.connect_ex(("127.0.0.1", port)) == 0

        wait_for(listens, "a standalone mongod")
        yield f"mongodb://127.0.0.1:{port}/?directConnection=true"
        process.kill()


def test_production_refuses_stores_that_cannot_keep_promises(
    settings: Settings, standalone: str, tmp_path: Path
) -> None:
    with Redis.from_url(str(settings.redis_url)) as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")
        try:
            both = refusal(**on_stores(settings, tmp_path) | {"MONGO_URL": standalone})
            evicting = refusal(**on_stores(settings, tmp_path))
        finally:
            redis.config_set("maxmemory-policy", "noeviction")

    assert "noeviction" in both
    assert "replica set" in both
    assert "noeviction" in evicting
    assert "replica set" not in evicting


def test_a_second_server_on_one_data_directory_is_refused(node: Node, data_dir: str) -> None:
    result = command("serve", DATA_DIR=data_dir, PORT="0")

    assert result.returncode == 2
    assert "SESSIOND_DATA_DIR" in result.stderr
    assert node.ask("GET", "/healthz")["http"] == 200
