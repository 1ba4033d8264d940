"""Settings: every fault at once, safe defaults, and secrets that stay secret."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from config import logs
from config.environment import BadSettings, development_secret, from_env, unknown
from config.settings import Settings, mask_url
from tests.stores import VAPID_PRIVATE_KEY

SECRET = "s" * 32
PRODUCTION = {
    "SESSIOND_ENV": "production",
    "SESSIOND_JWT_SECRET": SECRET,
    "SESSIOND_MONGO_URL": "mongodb://app:hunter2@db1,db2/?replicaSet=rs0",
    "SESSIOND_REDIS_URL": "rediss://:hunter2@cache:6380/1",
}


def faults(environ: dict[str, str]) -> dict[str, str]:
    """The faults by variable, as the message lists them."""
    with pytest.raises(BadSettings) as caught:
        from_env(environ)
    lines = str(caught.value).splitlines()[1:]
    return dict(line.strip().split(": ", 1) for line in lines)


def test_an_empty_environment_gives_the_defaults_of_development() -> None:
    assert from_env({}) == Settings()
    assert from_env({"SESSIOND_MONGO_URL": "", "SESSIOND_PORT": ""}) == Settings()
    assert Settings().allowed_origins == ("http://localhost:3000",)


def test_values_are_read_by_their_types() -> None:
    settings = from_env(
        {
            "SESSIOND_PORT": "0",
            "SESSIOND_TICK_SECONDS": "0.25",
            "SESSIOND_ABANDON_AFTER": "60",
            "SESSIOND_WS_COMMANDS_PER_S": "5",
            "SESSIOND_QUERY_TOKEN": "1",
            "SESSIOND_DATA_DIR": "/var/lib/sessiond",
            "SESSIOND_ALLOWED_ORIGINS": "https://a.example, https://b.example:8443",
            "SESSIOND_JWT_ALGORITHMS": "HS256,RS256",
            "SESSIOND_TRUSTED_PROXIES": "10.0.0.0/8,::1",
            "SESSIOND_REDIS_URL": "unix:///run/redis.sock?db=2",
        }
    )

    assert (settings.port, settings.tick_s, settings.abandon_after_s) == (0, 0.25, 60)
    assert settings.ws_commands_per_s == 5
    assert settings.query_token is True
    assert settings.data_dir == Path("/var/lib/sessiond")
    assert settings.allowed_origins == ("https://a.example", "https://b.example:8443")
    assert settings.jwt_algorithms == ("HS256", "RS256")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.redis_url == "unix:///run/redis.sock?db=2"


def test_all_faults_are_told_at_once() -> None:
    told = faults(
        {
            "SESSIOND_ENV": "production",
            "SESSIOND_PORT": "tcp://10.0.0.1:8000",
            "SESSIOND_TICK_SECONDS": "nan",
            "SESSIOND_JWT_SECRET": "short",
            "SESSIOND_MONGO_URL": "http://db",
            "SESSIOND_JWT_ALGORITHMS": "HS256,none",
            "SESSIOND_RATE_USER": "many",
        }
    )

    assert set(told) == {
        "SESSIOND_PORT",
        "SESSIOND_TICK_SECONDS",
        "SESSIOND_JWT_SECRET",
        "SESSIOND_MONGO_URL",
        "SESSIOND_REDIS_URL",
        "SESSIOND_JWT_ALGORITHMS",
        "SESSIOND_RATE_USER",
    }
    assert told["SESSIOND_JWT_SECRET"] == "Must have at least 32 bytes."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "staging"),
        ("JWT_SECRET", "short"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("TICK_SECONDS", "0"),
        ("MAX_SESSION", "0"),
        ("ABANDON_AFTER", "1.5"),
        ("QUERY_TOKEN", "perhaps"),
        ("REDIS_SHARDS", "0"),
        ("REDIS_PREFIX", "a{b}"),
        ("MONGO_DB", "a/b"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "http://cache"),
        ("MONGO_URL", "mongodb://[::1"),
        ("JWKS_URL", "file:///etc/passwd"),
        ("LLM_URL", "ftp://llm.example/v1"),
        ("LLM_URL", "https://"),
        ("LLM_URL", "https://user:hunter2@llm.example/v1"),
        ("LLM_URL", "https://llm.example/v1?key=hunter2"),
        ("LLM_URL", "https://llm.example:port/v1"),
        ("LLM_URL", "https://llm example/v1"),
        ("LLM_API_KEY", "sk-1\r\nHost: other"),
        ("LLM_API_KEY", "schlüssel"),
        ("LLM_TIMEOUT", "2"),
        ("LLM_RETRIES", "-1"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://a.example/path"),
        ("ALLOWED_ORIGINS", "null"),
        ("TRUSTED_PROXIES", "10.0.0.300"),
        ("VAPID_PRIVATE_KEY", "A" * 43),
        ("VAPID_PRIVATE_KEY", "_" * 43),
        ("VAPID_PRIVATE_KEY", "tooshort"),
        ("VAPID_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
        ("VAPID_SUBJECT", "ops@example.org"),
        ("VAPID_SUBJECT", "mailto:ops@localhost"),
        ("VAPID_SUBJECT", "http://example.org"),
        ("PUSH_HOSTS", "*"),
        ("PUSH_HOSTS", "*.org"),
        ("PUSH_HOSTS", "fcm.googleapis.com,127.0.0.1"),
        ("PUSH_HOSTS", "push.example.org:8443"),
        ("PUSH_HOSTS", "Push.example.org"),
        ("PUSH_HOSTS", "localhost"),
        ("RATE_PUSH_TEST", "often"),
        ("RATE_LOGIN", "0/minute"),
        ("RATE_SHARE", "often"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str) -> None:
    assert set(faults({f"SESSIOND_{name}": value})) == {f"SESSIOND_{name}"}


def test_production_starts_only_with_its_own_stores_and_a_long_secret() -> None:
    settings = from_env(PRODUCTION)
    assert settings.allowed_origins == ()
    assert settings.log_format == "json"

    bare = {"SESSIOND_ENV": "production"}
    assert set(faults(bare)) == {
        "SESSIOND_JWT_SECRET",
        "SESSIOND_MONGO_URL",
        "SESSIOND_REDIS_URL",
    }
    allowed = bare | {"SESSIOND_ALLOW_EMBEDDED": "1", "SESSIOND_JWT_SECRET": SECRET}
    assert from_env(allowed).mongo_url is None
    assert set(faults(PRODUCTION | {"SESSIOND_JWKS_URL": "http://issuer/keys"})) == {
        "SESSIOND_JWKS_URL"
    }


def test_secrets_can_come_from_files(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    environ = {**PRODUCTION, "SESSIOND_JWT_SECRET_FILE": str(file)}

    assert "not both" in faults(environ)["SESSIOND_JWT_SECRET_FILE"]
    del environ["SESSIOND_JWT_SECRET"]
    assert from_env(environ).jwt_secret == SECRET
    file.unlink()
    assert list(faults(environ)) == ["SESSIOND_JWT_SECRET_FILE"]


def test_no_secret_is_shown() -> None:
    settings = from_env(PRODUCTION)

    masked = settings.masked()
    assert SECRET not in repr(settings) + str(masked)
    assert "hunter2" not in repr(settings) + str(masked)
    assert masked["SESSIOND_MONGO_URL"] == "mongodb://app:********@db1,db2/?replicaSet=rs0"
    assert masked["SESSIOND_JWT_SECRET"] == "********"
    assert masked["SESSIOND_QUERY_TOKEN"] == "0"
    assert mask_url("redis://cache?password=hunter2&db=1") == "redis://cache?password=********&db=1"
    told = faults({**PRODUCTION, "SESSIOND_REDIS_URL": "http://:hunter2@cache"})
    assert "hunter2" not in str(told)


def test_the_key_of_the_model_is_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-hunter2\n")
    llm = {"SESSIOND_LLM_URL": "https://llm.example/v1", "SESSIOND_LLM_MODEL": "m"}
    settings = from_env({**PRODUCTION, **llm, "SESSIOND_LLM_API_KEY_FILE": str(file)})

    assert settings.llm_api_key == "sk-hunter2"
    assert "hunter2" not in repr(settings) + str(settings.masked())
    assert settings.masked()["SESSIOND_LLM_API_KEY"] == "********"
    assert "hunter2" not in str(faults({**llm, "SESSIOND_LLM_API_KEY": "sk-hunter2\nX: y"}))


def pem(curve: ec.EllipticCurve) -> str:
    """A private key as other tools write it."""
    key = ec.generate_private_key(curve)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_the_key_of_push_is_read_in_either_form_and_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "vapid.pem"
    file.write_text(pem(ec.SECP256R1()))
    about = {"SESSIOND_VAPID_SUBJECT": "mailto:ops@example.org"}
    for given in (
        {"SESSIOND_VAPID_PRIVATE_KEY": VAPID_PRIVATE_KEY},
        {"SESSIOND_VAPID_PRIVATE_KEY_FILE": str(file)},
    ):
        settings = from_env({**PRODUCTION, **about, **given})
        assert settings.vapid_private_key is not None
        assert settings.vapid_private_key not in repr(settings)
        assert settings.masked()["SESSIOND_VAPID_PRIVATE_KEY"] == "********"

    file.write_text(pem(ec.SECP384R1()))
    other_curve = faults({"SESSIOND_VAPID_PRIVATE_KEY_FILE": str(file)})
    assert "P-256" in other_curve["SESSIOND_VAPID_PRIVATE_KEY"]
    assert "A" * 20 not in str(faults({"SESSIOND_VAPID_PRIVATE_KEY": "A" * 43}))


def test_push_needs_a_key_and_in_production_a_way_to_reach_the_operator() -> None:
    key = {"SESSIOND_VAPID_PRIVATE_KEY": VAPID_PRIVATE_KEY}

    assert from_env(PRODUCTION).vapid_private_key is None
    assert from_env(key).vapid_subject is None
    assert set(faults({**PRODUCTION, **key})) == {"SESSIOND_VAPID_SUBJECT"}
    assert from_env({"SESSIOND_PUSH_HOSTS": "push.example.org,*.own.example"}).push_hosts == (
        "push.example.org",
        "*.own.example",
    )


def test_a_model_needs_a_name_and_in_production_a_safe_way_to_it() -> None:
    plain = {"SESSIOND_LLM_URL": "HTTP://localhost:11434/v1", "SESSIOND_LLM_MODEL": "m"}

    assert from_env(plain).llm_url == "HTTP://localhost:11434/v1"
    assert set(faults({**PRODUCTION, **plain})) == {"SESSIOND_LLM_URL"}
    assert set(faults({"SESSIOND_LLM_URL": "https://llm.example/v1"})) == {"SESSIOND_LLM_MODEL"}


def test_slips_of_the_pen_are_found() -> None:
    environ = {"SESSIOND_TICK": "2", "SESSIOND_PORT": "1", "SESSIOND_JWT_SECRET_FILE": "x", "A": ""}

    assert unknown(environ) == ["SESSIOND_TICK"]


def test_the_development_secret_is_made_once(tmp_path: Path) -> None:
    secret = development_secret(tmp_path / "data")

    assert len(secret.encode()) >= 32
    assert development_secret(tmp_path / "data") == secret
    assert development_secret(tmp_path / "other") != secret
    file = tmp_path / "data" / "jwt_secret"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list((tmp_path / "data").iterdir()) == [file]
    keys = [development_secret(tmp_path / "data", "vapid", made) for made in (lambda: "1", str)]
    assert keys == ["1", "1"]


@pytest.fixture
def logging_kept() -> Iterator[None]:
    """Puts the loggers back as pytest had them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.usefixtures("logging_kept")
def test_logs_are_one_line_each_and_cannot_be_forged() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)

    structlog.contextvars.bind_contextvars(request_id="r1")
    structlog.get_logger("sessiond").info("seen", agent="a\nb\x1b[2J", body="x" * 1000, count=3)
    logging.getLogger("tornado.access").warning("404 GET %s", "/\r\nfake")
    structlog.get_logger("sessiond").debug("too fine")
    structlog.contextvars.clear_contextvars()

    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert first["agent"] == "a\\x0ab\\x1b[2J"
    assert first["body"] == "x" * 199 + "…"
    assert (first["count"], first["request_id"], first["level"]) == (3, "r1", "info")
    assert second["event"] == "404 GET /\\x0d\\x0afake"
    assert second["logger"] == "tornado.access"


@pytest.mark.usefixtures("logging_kept")
def test_a_traceback_is_logged_whole() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)

    try:
        dict[str, int]()["x" * 300]
    except LookupError:
        logging.getLogger("tornado.application").exception("failed")

    logged = json.loads(stream.getvalue())
    assert "x" * 300 in logged["exception"]
    assert len(stream.getvalue().splitlines()) == 1
