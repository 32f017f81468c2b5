"""The tables of the ledger. Made anew whenever the version is another one, but for folders and what was written."""

VERSION = 2

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Folders are kept for good, also of what is gone: links never move.
CREATE TABLE folder (
    server TEXT NOT NULL, key BLOB NOT NULL, folder TEXT NOT NULL, PRIMARY KEY (server, key), UNIQUE (server, folder)
) WITHOUT ROWID;

CREATE TABLE server (
    slug TEXT PRIMARY KEY, path TEXT NOT NULL, title TEXT NOT NULL, origin TEXT NOT NULL, publisher TEXT NOT NULL,
    product TEXT NOT NULL, product_title TEXT NOT NULL, known_from TEXT NOT NULL, maybe_partial INTEGER NOT NULL,
    reason TEXT NOT NULL, tools INTEGER NOT NULL, actions INTEGER NOT NULL, tokens INTEGER NOT NULL,
    grade TEXT NOT NULL, risks TEXT NOT NULL, looked_at TEXT NOT NULL, changed_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE entry (
    server TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, summary TEXT NOT NULL,
    category TEXT NOT NULL, risk INTEGER NOT NULL, severity INTEGER NOT NULL, confidence REAL NOT NULL,
    traits TEXT NOT NULL, rules TEXT NOT NULL, provenance TEXT NOT NULL, is_action INTEGER NOT NULL,
    changed_at TEXT NOT NULL, PRIMARY KEY (server, key)
);
CREATE INDEX entry_rank ON entry (risk DESC, severity DESC, confidence DESC, server, key);
CREATE INDEX entry_category ON entry (category, risk DESC, severity DESC, confidence DESC, server, key);
CREATE INDEX entry_traits ON entry (traits, risk DESC, severity DESC, confidence DESC, server, key);
CREATE INDEX entry_name ON entry (name, risk DESC, severity DESC, confidence DESC, server, key);

-- Which rules fired on which entry, the riskiest first: a page about a rule needs not look at all entries.
CREATE TABLE fired (
    rule TEXT NOT NULL, risk INTEGER NOT NULL, severity INTEGER NOT NULL, confidence REAL NOT NULL,
    server TEXT NOT NULL, key BLOB NOT NULL,
    PRIMARY KEY (rule, risk DESC, severity DESC, confidence DESC, server, key)
) WITHOUT ROWID;
CREATE INDEX fired_server ON fired (server);

CREATE TABLE change (
    server TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, new_name TEXT NOT NULL, path TEXT NOT NULL,
    at TEXT NOT NULL, kind TEXT NOT NULL, effect TEXT, category TEXT, risk INTEGER, risk_before INTEGER,
    PRIMARY KEY (server, number)
) WITHOUT ROWID;
CREATE INDEX change_at ON change (at DESC, server, number);

-- What each owner (a server, or a group of other pages) has written: a path, its size and its hash on each line.
CREATE TABLE owner (
    name TEXT PRIMARY KEY, stamp TEXT NOT NULL, pages INTEGER NOT NULL, number INTEGER NOT NULL,
    bytes INTEGER NOT NULL, files TEXT NOT NULL
) WITHOUT ROWID;
"""
