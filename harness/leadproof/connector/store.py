"""The connector's own memory: one SQLite database per connection, a file or in memory.

Everything that must survive a kill goes through `transaction()`. The order of durability is architecture.md
"The connector": intent (commit) -> remote write -> result, link, pair, cursor (one commit). The nouns have their
own modules: links.py, intents.py, set_aside.py, memberships.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadproof.connector.intents import Intents
from leadproof.connector.lease import Lease
from leadproof.connector.links import Links
from leadproof.connector.memberships import Memberships
from leadproof.connector.set_aside import SetAside

_LAYOUT = 2
_TABLES = """
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE cursors (feed TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE links (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, crm_object TEXT NOT NULL, crm_id TEXT NOT NULL,
    marketing_id TEXT NOT NULL, gone TEXT NOT NULL, gone_at TEXT NOT NULL, fresh TEXT NOT NULL, pairs TEXT NOT NULL
);
CREATE UNIQUE INDEX live_crm ON links (kind, crm_object, crm_id) WHERE gone = '';
CREATE UNIQUE INDEX live_marketing ON links (kind, marketing_id) WHERE gone = '';
CREATE INDEX any_crm ON links (kind, crm_object, crm_id);
CREATE INDEX any_marketing ON links (kind, marketing_id);
CREATE TABLE delivered (
    link INTEGER NOT NULL, mapping TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (link, mapping, answer)
) WITHOUT ROWID;
CREATE TABLE intents (id INTEGER PRIMARY KEY, side TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE set_aside (
    kind TEXT NOT NULL, side TEXT NOT NULL, object TEXT NOT NULL, record TEXT NOT NULL, code TEXT NOT NULL,
    reason TEXT NOT NULL, policy TEXT NOT NULL, tries INTEGER NOT NULL, next_cycle INTEGER NOT NULL,
    PRIMARY KEY (kind, side, object, record)
) WITHOUT ROWID;
CREATE TABLE seen_members (
    side TEXT NOT NULL, campaign TEXT NOT NULL, person TEXT NOT NULL, status TEXT NOT NULL, removed INTEGER NOT NULL,
    PRIMARY KEY (side, campaign, person)
) WITHOUT ROWID;
CREATE INDEX seen_person ON seen_members (side, person);
CREATE TABLE memberships (
    campaign TEXT NOT NULL, link INTEGER NOT NULL, crm_status TEXT NOT NULL, marketing_status TEXT NOT NULL,
    gone TEXT NOT NULL, PRIMARY KEY (campaign, link)
) WITHOUT ROWID;
CREATE TABLE requested (record TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class StoreRefused(Exception):
    """The file is no store of this connector, or of another layout, or another connector has it open."""


class Store:
    """Open the store at `path` (created if absent), or a new one in memory for None.

    `durable` False: a file that outlives the connector but need not outlive this process, nor be shared with another:
    a scenario's, which would spend a third of its time waiting for the disk. Raises StoreRefused where the file holds
    something else, or is another's for now.
    """

    def __init__(self, path: Path | None = None, *, durable: bool = True) -> None:
        self.path = path
        self.lease = Lease(path.with_name(path.name + "-lease") if path is not None and durable else None)
        # A store that is shared is waited for; one that is a connector's alone is never free in a moment.
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5.0 if durable else 0.0)
        try:
            self._set_up(durable)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise StoreRefused(
                f"{self.path} cannot be used as a store ({error}). If another connector has it open, end that one or "
                "give each a store of its own; if it is another kind of file, name a new one."
            ) from error
        self.links = Links(self._db)
        self.intents = Intents(self._db)
        self.set_aside = SetAside(self._db)
        self.memberships = Memberships(self._db)

    def _set_up(self, durable: bool) -> None:
        if self.path is not None and durable:
            self._db.execute("PRAGMA journal_mode = WAL")
            # FULL: an intent must be on the disk before its remote write is on the wire.
            self._db.execute("PRAGMA synchronous = FULL")
        elif self.path is not None:
            self._db.execute("PRAGMA journal_mode = MEMORY")
            self._db.execute("PRAGMA synchronous = OFF")
            # Nobody else has it open, so that no statement need look whether somebody changed it.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._prepare()

    def _prepare(self) -> None:
        layout = self._db.execute("PRAGMA user_version").fetchone()[0]
        if layout == _LAYOUT:
            return
        empty = not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if layout or not empty:
            self._db.close()
            raise StoreRefused(
                f"{self.path} is no store of this connector (layout {layout}, needed {_LAYOUT}). "
                "Move it away to start anew: links are found again by the link fields and the match key."
            )
        self._db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_LAYOUT}; COMMIT;")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes durable together, or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:  # whatever stops it: half a transaction must not become durable
            self._db.execute("ROLLBACK")
            raise
        self.commit()

    def commit(self) -> None:
        """The durable point itself; tests that kill the process stand here."""
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()

    def state(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_state(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))

    def cursor(self, feed: str) -> str | None:
        """Where reading of a feed ("crm:Lead") goes on; None: from the beginning."""
        row = self._db.execute("SELECT cursor FROM cursors WHERE feed = ?", (feed,)).fetchone()
        return None if row is None else str(row[0])

    def set_cursor(self, feed: str, cursor: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (feed, cursor))

    def forget_cursors(self) -> None:
        """Read everything again; settled pairs stay, so nothing that stands counts as an edit."""
        self._db.execute("DELETE FROM cursors")

    def request_delivery(self, record: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO requested VALUES (?)", (record,))

    def requested(self) -> list[str]:
        """Marketing records whose delivery somebody asked for (`deliver: {when: on_request}`)."""
        return [row[0] for row in self._db.execute("SELECT record FROM requested ORDER BY record")]

    def delivery_done(self, record: str) -> None:
        self._db.execute("DELETE FROM requested WHERE record = ?", (record,))
