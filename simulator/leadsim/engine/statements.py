"""SQL as tables.py compiles it. Written by `python -m leadsim.engine.tables`, never by hand."""

# fmt: off
# ruff: noqa: E501
COLUMNS = (
    'seq',
    'object',
    'id',
    'mod',
    'version',
    'deleted',
    'merged_into',
    'created_at',
    'created_by',
    'created_actor',
    'created_request',
    'modified_at',
    'modified_by',
    'keys',
    'data',
)
DDL = (
    'CREATE TABLE record ( seq INTEGER NOT NULL, object VARCHAR NOT NULL, id VARCHAR NOT NULL, mod INTEGER NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL, merged_into VARCHAR, created_at VARCHAR NOT NULL, created_by VARCHAR NOT NULL, created_actor VARCHAR NOT NULL, created_request INTEGER, modified_at VARCHAR NOT NULL, modified_by VARCHAR NOT NULL, keys VARCHAR NOT NULL, data VARCHAR NOT NULL, PRIMARY KEY (seq), UNIQUE (id) )',
    'CREATE INDEX record_object_mod ON record (object, mod)',
    'CREATE INDEX record_object_seq ON record (object, seq)',
    'CREATE TABLE change ( mod INTEGER NOT NULL, record INTEGER NOT NULL, op VARCHAR NOT NULL, version INTEGER NOT NULL, at VARCHAR NOT NULL, user VARCHAR NOT NULL, actor VARCHAR NOT NULL, request INTEGER, cause VARCHAR, fields VARCHAR NOT NULL, PRIMARY KEY (mod) )',
    'CREATE INDEX change_record ON change (record, mod)',
    'CREATE TABLE idempotency ( "key" VARCHAR NOT NULL, content VARCHAR NOT NULL, outcome VARCHAR NOT NULL, record INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY ("key") )',
    'CREATE TABLE state ( name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name) )',
)
STATEMENTS = {
    'insert': 'INSERT INTO record (seq, object, id, mod, version, deleted, merged_into, created_at, created_by, created_actor, created_request, modified_at, modified_by, keys, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    'update': 'UPDATE record SET mod=?, version=?, deleted=?, merged_into=?, modified_at=?, modified_by=?, keys=?, data=? WHERE record.seq = ?',
    'get': 'SELECT record.seq, record.object, record.id, record.mod, record.version, record.deleted, record.merged_into, record.created_at, record.created_by, record.created_actor, record.created_request, record.modified_at, record.modified_by, record.keys, record.data FROM record WHERE record.id = :id',
    'at': 'SELECT record.seq, record.object, record.id, record.mod, record.version, record.deleted, record.merged_into, record.created_at, record.created_by, record.created_actor, record.created_request, record.modified_at, record.modified_by, record.keys, record.data FROM record WHERE record.seq = :of',
    'changes': 'SELECT record.seq, record.object, record.id, record.mod, record.version, record.deleted, record.merged_into, record.created_at, record.created_by, record.created_actor, record.created_request, record.modified_at, record.modified_by, record.keys, record.data FROM record WHERE record.object = +:of AND record.mod > :since AND record.modified_at <= :until ORDER BY record.mod LIMIT :count',
    'rows_of': 'SELECT record.seq, record.object, record.id, record.mod, record.version, record.deleted, record.merged_into, record.created_at, record.created_by, record.created_actor, record.created_request, record.modified_at, record.modified_by, record.keys, record.data FROM record WHERE record.object = +:of AND record.seq > :after ORDER BY record.seq LIMIT :count',
    'newest': 'SELECT listed.value, coalesce((SELECT max(record.mod) AS max_1 FROM record WHERE record.object = listed.value), 0) AS coalesce_1 FROM json_each(:objects) AS listed',
    'audit': 'INSERT INTO change (mod, record, op, version, at, user, actor, request, cause, fields) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    'history': 'SELECT change.mod, change.record, change.op, change.version, change.at, change.user, change.actor, change.request, change.cause, change.fields FROM change WHERE change.record = :of ORDER BY change.mod',
    'remember': 'INSERT INTO idempotency ("key", content, outcome, record, version) VALUES (?, ?, ?, ?, ?)',
    'remembered': 'SELECT idempotency."key", idempotency.content, idempotency.outcome, idempotency.record, idempotency.version FROM idempotency WHERE idempotency."key" = :of',
    'rekey': 'UPDATE record SET keys=:new_keys WHERE record.seq = :of',
    'set_state': 'INSERT INTO state (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    'get_state': 'SELECT state.value FROM state WHERE state.name = :of',
}
