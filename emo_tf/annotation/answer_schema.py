"""How the answers file is laid out. Rows are added and marked, never deleted."""

APPLICATION_ID = 0x656D6F41
"""Tells the file from those of other programs: `emoA`."""

FORMAT = 1
"""Written as SQLite's `user_version`; a file with a higher one is refused."""

# Paths and the folder's name are the system's bytes, which need not be UTF-8.
TABLES = """
CREATE TABLE folder (name BLOB NOT NULL);
CREATE TABLE picture (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    present INTEGER NOT NULL,
    size INTEGER,
    mtime_ns INTEGER,
    sha256 TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    error TEXT,
    detected INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE annotator (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    same_name TEXT NOT NULL UNIQUE,
    added_at TEXT NOT NULL
);
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    picture_id INTEGER NOT NULL REFERENCES picture,
    origin TEXT NOT NULL CHECK (origin IN ('drawn', 'detected')),
    removed_at TEXT,
    removed_by INTEGER REFERENCES annotator
);
CREATE INDEX person_of_picture ON person (picture_id);
CREATE TABLE box (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person,
    x REAL NOT NULL,
    y REAL NOT NULL,
    width REAL NOT NULL CHECK (width > 0),
    height REAL NOT NULL CHECK (height > 0),
    annotator_id INTEGER REFERENCES annotator,
    saved_at TEXT NOT NULL
);
CREATE INDEX box_of_person ON box (person_id);
CREATE TABLE answer (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person,
    annotator_id INTEGER NOT NULL REFERENCES annotator,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    UNIQUE (person_id, annotator_id, revision)
);
CREATE TABLE nobody (
    picture_id INTEGER NOT NULL REFERENCES picture,
    annotator_id INTEGER NOT NULL REFERENCES annotator,
    sha256 TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (picture_id, annotator_id, sha256)
);
CREATE VIEW present_person AS
    SELECT person.id, person.picture_id, person.origin
    FROM person JOIN picture ON picture.id = person.picture_id
    WHERE person.removed_at IS NULL AND picture.present;
CREATE VIEW latest_box AS
    SELECT person_id, x, y, width, height FROM box
    WHERE id = (SELECT MAX(id) FROM box AS later WHERE later.person_id = box.person_id);
CREATE VIEW latest_answer AS
    SELECT person_id, annotator_id, content, saved_at FROM answer
    WHERE revision = (
        SELECT MAX(revision) FROM answer AS later
        WHERE later.person_id = answer.person_id AND later.annotator_id = answer.annotator_id
    );
"""
