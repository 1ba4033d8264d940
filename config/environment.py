"""Reads the settings from the environment: once, by the composition root, every fault named."""

import contextlib
import dataclasses
import os
import secrets
import tempfile
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from environs import Env, EnvValidationError

from config.knobs import PREFIX, env_name, knob_of
from config.settings import Settings


class BadSettings(ValueError):
    """The environment holds values that sessiond cannot use; one line per fault."""


class _Given(Env):
    """environs on the mapping it is given; an empty value counts as unset."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        self._given = environ

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self._given.get(env_key) or default


def from_env(environ: Mapping[str, str]) -> Settings:
    """Read all settings; BadSettings names every fault at once."""
    faults: dict[str, list[str]] = {}
    given = _with_secret_files(environ, faults)
    env = _Given(given)
    kinds = typing.get_type_hints(Settings)
    production = given.get(env_name("env")) == "production"
    safe = {"allowed_origins": (), "log_format": "json", "guests": False} if production else {}
    values = {
        field.name: _read(env, field, kinds[field.name], safe.get(field.name, field.default))
        for field in dataclasses.fields(Settings)
    }
    try:
        env.seal()
    except EnvValidationError as error:
        _merge(faults, typing.cast("Mapping[str, list[str]]", error.error_messages))
    if production:
        _merge(faults, _production_faults(values, faults))
    for asked in ("llm", "transcription"):
        if values[f"{asked}_url"] and not values[f"{asked}_model"]:
            missing = faults.setdefault(env_name(f"{asked}_model"), [])
            missing.append("Required with an address to ask.")
    if faults:
        lines = [f"  {variable}: {' '.join(said)}" for variable, said in sorted(faults.items())]
        raise BadSettings("\n".join(["sessiond cannot start with these settings:", *lines]))
    return Settings(**values)


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Variables with our prefix that mean nothing to us: mostly slips of the pen."""
    fields = dataclasses.fields(Settings)
    known = {env_name(field.name) for field in fields}
    known |= {f"{env_name(field.name)}_FILE" for field in fields if knob_of(field).secret}
    return sorted(word for word in environ if word.startswith(PREFIX) and word not in known)


def development_secret(
    data_dir: Path, name: str = "jwt_secret", make: Callable[[], str] | None = None
) -> str:
    """A secret of this data directory, made at first use and readable by its owner only.

    Without `make` it is random text, such as our own tokens are signed with.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data_dir / name
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=data_dir, prefix=f".{name}-")
        with os.fdopen(descriptor, "w") as file:
            file.write((make() if make else secrets.token_urlsafe(48)) + "\n")
        # Whole or not at all, and the first one counts, should two processes start at once.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()


def _read(env: Env, field: "dataclasses.Field[Any]", kind: Any, default: Any) -> Any:
    variable, checks = env_name(field.name), knob_of(field).checks()
    if typing.get_origin(kind) is tuple:
        return _read_list(env, variable, checks, default)
    readers = {int: env.int, float: env.float, bool: env.bool, Path: env.path}
    types = [part for part in (kind, *typing.get_args(kind)) if part in readers]
    reader: Any = readers[types[0]] if types else env.str
    return reader(variable, default, validate=checks)


def _read_list(env: Env, variable: str, checks: list[Any], default: Any) -> Any:
    def each(values: list[str]) -> None:
        for value in values:
            for check in checks:
                check(value.strip())

    found = env.list(variable, default, subcast=str, validate=each)
    return None if found is None else tuple(value.strip() for value in found)


def _with_secret_files(
    environ: Mapping[str, str], faults: dict[str, list[str]]
) -> Mapping[str, str]:
    """The environment with the content of <NAME>_FILE in the place of each secret <NAME>."""
    given = dict(environ)
    for field in dataclasses.fields(Settings):
        variable = env_name(field.name)
        path = environ.get(f"{variable}_FILE")
        if not path or not knob_of(field).secret:
            continue
        if environ.get(variable):
            faults[f"{variable}_FILE"] = [f"Set this or {variable}, not both."]
            continue
        try:
            given[variable] = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            faults[f"{variable}_FILE"] = [f"Cannot read {path}: {reason}."]
    return given


def _production_faults(
    values: Mapping[str, Any], known: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not values["jwt_secret"]:
        faults["jwt_secret"] = ["Required in production."]
    if not values["allow_embedded"]:
        for store in ("mongo_url", "redis_url"):
            if not values[store]:
                faults[store] = [f"Required in production, or set {PREFIX}ALLOW_EMBEDDED=1."]
    if values["vapid_private_key"] and not values["vapid_subject"]:
        faults["vapid_subject"] = ["Required with a key."]
    for url in ("jwks_url", "llm_url", "transcription_url"):
        if (values[url] or "").lower().startswith("http:"):
            faults[url] = ["Must start with https:// in production."]
    named = {env_name(field): messages for field, messages in faults.items()}
    return {
        variable: messages
        for variable, messages in named.items()
        if variable not in known and f"{variable}_FILE" not in known
    }


def _merge(faults: dict[str, list[str]], found: Mapping[str, list[str]]) -> None:
    for variable, messages in found.items():
        faults.setdefault(variable, []).extend(str(message) for message in messages)
