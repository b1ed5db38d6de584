"""Settings: one frozen object, made once at the door and passed in. Nothing is read at import.

`defaults.toml` beside this file lists every option. Precedence: defaults < watchfloor.toml < environment.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from config.alert_settings import AlertSettings
from config.errors import ConfigurationError
from config.faults import wanted_by

DEFAULTS_FILE = Path(__file__).with_name("defaults.toml")
ENVIRONMENT_PREFIX = "WATCHFLOOR_"
_CONTACT = r"^(https?://[!-~]+|(mailto:)?[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+)?$"
"""It goes out in a header of every request: one word of ASCII, so that it can be neither cut nor continued there."""

SECRETS = frozenset({"smtp_password", "webhook_secret", "webhook_url", "metrics_token"})
"""Keys whose values are in no message. An address of a webhook often holds the right to use it."""

HIDDEN = "***"
"""What a backup writes in the place of one of them."""

Origins = dict[tuple[str, ...], str]


class _Table(BaseModel):
    """A settings table: frozen, unknown keys refused, strict about what a number is."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSettings(_Table):
    dir: Path

    @field_validator("dir", mode="before")
    @classmethod
    def _names_a_folder(cls, value: Any) -> Any:
        if isinstance(value, str) and (not value.strip() or "\x00" in value):
            raise ValueError("name a folder")
        return value


class DatabaseSettings(_Table):
    url: str
    busy_timeout_s: float = Field(gt=0, le=600)


class SearchSettings(_Table):
    engine: Literal["whoosh"]
    codec: Literal["arrays", "stock"]
    max_query_chars: int = Field(ge=16, le=65536)
    max_query_terms: int = Field(ge=1, le=256)
    max_query_depth: int = Field(ge=1, le=32)
    max_prefix_words: int = Field(ge=1, le=2000)
    max_phrase_words: int = Field(ge=2, le=64)
    budget_s: float = Field(gt=0, le=60)
    batch_documents: int = Field(ge=1, le=20000)
    recency_weight: float = Field(ge=0, le=1)


class NetworkSettings(_Table):
    private_hosts: tuple[str, ...]
    ports: tuple[int, ...]
    timeout_s: float = Field(gt=0, le=600)
    max_body_bytes: int = Field(ge=1024, le=1 << 30)
    max_redirects: int = Field(ge=0, le=20)
    hosts: dict[str, str]

    @field_validator("hosts")
    @classmethod
    def _are_addresses_with_port(cls, hosts: dict[str, str]) -> dict[str, str]:
        for host, target in hosts.items():
            address, _, port = target.rpartition(":")
            if not address or not port.isdecimal() or int(port) > 65535:
                raise ValueError(f"{host} leads to an address with its port, as 127.0.0.1:80")
        return hosts


class PolitenessSettings(_Table):
    floor_s: float = Field(ge=0, le=3600)
    max_crawl_delay_s: float = Field(ge=1, le=3600)
    max_retry_after_s: float = Field(ge=1, le=7 * 86400)
    max_wait_in_run_s: float = Field(ge=0, le=3600)
    max_robots_bytes: int = Field(ge=1024, le=1 << 22)
    breaker_failures: int = Field(ge=1, le=100)


class CrawlerSettings(_Table):
    contact: str = Field(pattern=_CONTACT)
    user_agent: str = Field(min_length=1, pattern=r"^[\w.-]+(/[\w.-]+)?$")
    outlets_dir: str
    max_pages: int = Field(ge=1)
    max_new_urls: int = Field(ge=1)
    max_run_s: float = Field(gt=0)
    max_depth: int = Field(ge=0, le=100)
    max_url_chars: int = Field(ge=64, le=8192)
    max_path_segments: int = Field(ge=1, le=100)
    max_segment_repeats: int = Field(ge=1, le=20)
    revisit_fresh_min: float = Field(ge=1, le=10080)
    revisit_live_min: float = Field(ge=1, le=10080)
    revisit_until_days: float = Field(ge=0, le=3650)
    revisit_after_h: float = Field(gt=0)
    max_page_s: float = Field(gt=0, le=600)
    readers: int = Field(ge=0, le=256)
    drop_recurring: bool
    max_memory_mb: int = Field(ge=128)
    min_free_mb: int = Field(ge=0)
    concurrency: int = Field(ge=1, le=256)


class OperatingSettings(_Table):
    workers: int = Field(ge=1, le=64)
    lease_s: float = Field(ge=1, le=3600)
    max_attempts: int = Field(ge=1, le=100)
    retry_short_s: float = Field(gt=0, le=86400)
    retry_long_s: float = Field(gt=0, le=7 * 86400)
    max_memory_mb: int = Field(ge=128)
    over_time_s: float = Field(gt=0, le=86400)


class WebSettings(_Table):
    host: str
    port: int = Field(ge=0, le=65535)
    threads: int = Field(ge=1, le=256)
    hits_per_page: int = Field(ge=1, le=100)
    https: bool
    trusted_proxies: tuple[str, ...]
    session_idle_h: float = Field(gt=0, le=8760)
    session_max_h: float = Field(gt=0, le=8760)
    slow_search_ms: int = Field(ge=1)
    metrics_token: SecretStr

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            try:
                ip_network(network)
            except ValueError:
                raise ValueError(f"{network} is no address and no network, as 10.0.0.0/24") from None
        return networks


class SubjectsSettings(_Table):
    topics_file: str


class CoverageSettings(_Table):
    stale_after_h: float = Field(gt=0)


class RetentionSettings(_Table):
    raw_pages_days: int = Field(ge=0, le=36500)
    raw_pages_cited_too: bool
    decisions_days: int = Field(ge=0, le=36500)
    decisions_rows: int = Field(ge=0)
    runs_days: int = Field(ge=0, le=36500)
    logs_days: int = Field(ge=0, le=36500)
    audit_days: int = Field(ge=0, le=36500)

    @field_validator("runs_days")
    @classmethod
    def _keeps_what_is_usual(cls, days: int) -> int:
        if 0 < days < 90:
            raise ValueError("90 days or more, or 0 to keep them for ever")
        return days


class LogSettings(_Table):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    run_max_kb: int = Field(ge=16, le=1_048_576)
    format: Literal["keyvalue", "json"]


class Settings(_Table):
    """Everything an operator can decide, nested by table as in defaults.toml."""

    data: DataSettings
    database: DatabaseSettings
    search: SearchSettings
    network: NetworkSettings
    politeness: PolitenessSettings
    crawler: CrawlerSettings
    operating: OperatingSettings
    web: WebSettings
    coverage: CoverageSettings
    subjects: SubjectsSettings
    retention: RetentionSettings
    logs: LogSettings
    alerts: AlertSettings

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force: `database.url`, or SQLite in the data folder."""
        return self.database.url or f"sqlite:///{self.data.dir.absolute() / 'watchfloor.sqlite3'}"

    @property
    def index_dir(self) -> Path:
        """Where the embedded index keeps its generations."""
        return self.data.dir / "index"

    @property
    def warc_dir(self) -> Path:
        """Where raw pages are kept as WARC."""
        return self.data.dir / "warc"

    @property
    def outlet_folders(self) -> tuple[Path, ...]:
        """The shipped outlet files and the operator's own, in this order."""
        own = Path(self.crawler.outlets_dir) if self.crawler.outlets_dir else self.data.dir / "outlets"
        return (Path(__file__).with_name("outlets"), own)

    @property
    def topics_file(self) -> Path:
        """The file that decides what is security news: the operator's own, or the shipped one."""
        own = self.subjects.topics_file
        return Path(own) if own else Path(__file__).with_name("topics.toml")

    def floor_s_for(self, host: str) -> float:
        """Seconds between two requests to `host`: the floor, and never under 1 s for a host not listed as private."""
        floor = self.politeness.floor_s
        return floor if host.lower() in self.private_hosts else max(1.0, floor)

    def without_secrets(self) -> Settings:
        """Return these settings for a process that tells nobody anything: passwords and the like are empty."""
        alerts = {name: SecretStr("") for name in AlertSettings.model_fields if name in SECRETS}
        web = self.web.model_copy(update={"metrics_token": SecretStr("")})
        return self.model_copy(update={"alerts": self.alerts.model_copy(update=alerts), "web": web})

    @property
    def private_hosts(self) -> frozenset[str]:
        """Hosts allowed although their address is private, in lower case."""
        return frozenset(host.lower() for host in self.network.private_hosts)


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read defaults, the file at `path` (default ./watchfloor.toml where there is one) and `environ`, and check all.

    `overrides` are whole tables by name, laid over everything: load_settings(data={"dir": "x"}).
    Raises ConfigurationError naming every fault with its file (or variable) and key path.
    """
    merged = tomllib.loads(DEFAULTS_FILE.read_text(encoding="utf-8"))
    origins: Origins = {}
    faults: list[str] = []
    chosen = path if path is not None else Path("watchfloor.toml")
    if path is not None or chosen.exists():
        _lay_over(merged, _read_toml(chosen), str(chosen), origins)
    if environ is not None:
        for name, value in sorted(environ.items()):
            if name.startswith(ENVIRONMENT_PREFIX):
                _lay_variable(merged, name, value, origins, faults)
    _lay_over(merged, overrides, "the command line", origins)
    faults += [
        f"{where}: {'.'.join(key)}: {HIDDEN} stands where a backup left it out; type it in, or take the line away."
        for key, where in origins.items()
        if key[-1] in SECRETS and _at(merged, key) == HIDDEN
    ]
    try:
        settings = Settings.model_validate(merged)
        if settings.crawler.outlets_dir and not Path(settings.crawler.outlets_dir).is_dir():
            origin = origins.get(("crawler", "outlets_dir"), "defaults.toml")
            faults.append(f"{origin}: crawler.outlets_dir: {settings.crawler.outlets_dir!r} is no folder; make it.")
    except ValidationError as error:
        faults += [_fault(problem, origins) for problem in error.errors()]
    if faults:
        raise ConfigurationError(faults)
    return settings


def _at(held: Any, key: tuple[str, ...]) -> Any:
    for part in key:
        held = held.get(part) if isinstance(held, dict) else None
    return held


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError([f"{path}: no such settings file; make one with `watchfloor init`."]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read as UTF-8 text ({error})."]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{path}: not valid TOML: {error}."]) from None
    except RecursionError:
        raise ConfigurationError([f"{path}: nested too deeply for a settings file."]) from None


def _lay_over(base: dict[str, Any], layer: Mapping[str, Any], origin: str, origins: Origins) -> None:
    """Lay `layer` over `base` in place, remembering for every key where its value came from."""

    def lay(below: dict[str, Any], above: Mapping[str, Any], path: tuple[str, ...]) -> None:
        for key, value in above.items():
            where = (*path, key)
            if isinstance(value, Mapping) and isinstance(below.get(key), dict):
                lay(below[key], value, where)
            else:
                below[key] = dict(value) if isinstance(value, Mapping) else value
                origins[where] = origin

    lay(base, layer, ())


def _lay_variable(base: dict[str, Any], name: str, value: str, origins: Origins, faults: list[str]) -> None:
    """Lay one WATCHFLOOR_<TABLE>__<KEY> over `base`. Lists and tables are written as JSON."""
    path = tuple(part.lower() for part in name.removeprefix(ENVIRONMENT_PREFIX).split("__"))
    if len(path) < 2 or not all(path):
        faults.append(f"environment {name}: write it as WATCHFLOOR_<TABLE>__<KEY>, as WATCHFLOOR_DATA__DIR.")
        return
    target: Any = base
    for part in path[:-1]:
        target = target.setdefault(part, {}) if isinstance(target, dict) else None
    if not isinstance(target, dict):
        faults.append(f"environment {name}: {'.'.join(path[:-1])} is not a table.")
        return
    before = target.get(path[-1])
    parsed: Any = value
    if isinstance(before, list | dict):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, list | dict):
            parts = [part.strip() for part in value.split(",") if part.strip()]
            parsed = parts if isinstance(before, list) else value
    target[path[-1]] = parsed
    origins[path] = f"environment {name}"


def _fault(problem: Any, origins: Origins) -> str:
    path = tuple(str(part) for part in problem["loc"])
    origin = next(
        (origins[path[:size]] for size in range(len(path), 0, -1) if path[:size] in origins),
        next((where for key, where in origins.items() if key[: len(path)] == path), "defaults.toml"),
    )
    key = ".".join(path)
    if problem["type"] == "extra_forbidden":
        return f"{origin}: {key}: unknown key; see config/defaults.toml or docs/settings.md for the list."
    if key == "crawler.contact" and problem["type"] == "string_pattern_mismatch":
        return f"{origin}: {key}: must be a URL or a mail address without blanks, not {problem['input']!r}."
    if path[-1] in SECRETS:
        return f"{origin}: {key}: {wanted_by(problem)}; what it is now is not shown."
    if len(path) == 1 and isinstance(problem["input"], dict):  # of a whole table, which may hold such values
        return f"{origin}: {key}: {wanted_by(problem)}."
    return f"{origin}: {key}: {wanted_by(problem)}, not {problem['input']!r}."
