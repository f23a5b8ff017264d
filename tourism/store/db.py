"""Engines for SQLite and PostgreSQL, and migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from tourism.errors import DataError, Message, NotReadyError

BUSY_S = 10
WRITING: dict[str, Any] = {"writing": True}
# Many SELECTs see one state; SQLite's transactions do that by themselves.
READING: dict[str, Any] = {"isolation_level": "REPEATABLE READ"}


def make_engine(url: str) -> Engine:
    """Create an engine; raises DataError when the address can't be used. SQLite gets its folder made."""
    try:
        address = make_url(url)
        if address.get_backend_name() not in ("sqlite", "postgresql"):
            raise ArgumentError("neither sqlite nor postgresql")
    except (ArgumentError, ValueError) as error:
        text = "DATABASE_URL is not usable: {problem}"
        raise DataError(Message("BAD_DATABASE_URL", text, problem=str(error).splitlines()[0])) from error
    if address.get_backend_name() == "postgresql":
        # Plain postgresql:// would ask for psycopg2, which is not what is installed.
        return create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address.set(drivername="sqlite"), hide_parameters=True)  # the log names nobody
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own transactions break BEGIN IMMEDIATE
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def transaction(engine: Engine, *, writing: bool) -> Iterator[Connection]:
    """Open a connection in a transaction of its own; rolled back unless committed."""
    options = WRITING if writing else READING if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def patience(connection: Connection, patience_ms: int | None) -> Iterator[None]:
    """Wait so long for others who write while a transaction begins, on PostgreSQL until it ends; None: as usual."""
    raw = connection.connection.dbapi_connection
    assert raw is not None  # noqa: S101 - it is open
    sqlite = connection.dialect.name == "sqlite"
    cursor = raw.cursor()
    if patience_ms is not None:
        cursor.execute(f"PRAGMA busy_timeout = {patience_ms}" if sqlite else f"SET LOCAL lock_timeout = {patience_ms}")
    try:
        yield
    finally:
        if patience_ms is not None and sqlite:
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000}")
        cursor.close()


def lock(connection: Connection, name: str) -> None:
    """Let nobody else go on under a name until this transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


@contextmanager
def answering() -> Iterator[None]:
    """Turn a database that can't be reached or has no tables into NotReadyError."""
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        problem = str(error.orig).splitlines()[0]
        if "locked" in problem:
            busy = "The database is busy: {problem}. Try again in a moment."
            raise NotReadyError(Message("DATABASE_BUSY", busy, problem=problem)) from error
        text = "The database can't be used: {problem}. Check DATABASE_URL, then run: tourism init"
        raise NotReadyError(Message("DATABASE_UNUSABLE", text, problem=problem)) from error


def alembic_config(engine: Engine) -> Config:
    """Return what Alembic needs to know."""
    config = Config()
    config.set_main_option("script_location", str(files("tourism.store") / "migrations"))
    config.attributes["engine"] = engine
    return config


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; raises NotReadyError when the database can't be reached."""
    with answering():
        command.upgrade(alembic_config(engine), "head")
