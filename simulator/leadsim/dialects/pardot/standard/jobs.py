"""Imports and exports: jobs that the vendor works on by itself. They are no records of the engine's."""

from __future__ import annotations

from leadsim.dialects.pardot.standard.rows import AUTHORS_OF, NUMBERED, Row, Table

_MADE: tuple[Row, ...] = (
    ("isExpired", "", "Boolean", "row:expired", ""),
    ("createdAt", "", "DateTime", "row:at", ""),
    ("updatedAt", "", "DateTime", "row:changed", ""),
    ("createdById", "", "Integer", "row:by", ""),
    ("updatedById", "", "Integer", "row:by", ""),
)
IMPORT: tuple[Row, ...] = (
    ("id", "", "Integer", "row:id", ""),
    ("object", "", "String", "row:object", "rc"),
    ("operation", "", "String", "row:operation", "rc"),
    ("status", "", "String", "row:status", "w"),
    ("restoreDeleted", "", "Boolean", "row:restore", "c"),
    ("createOnNoMatch", "", "Boolean", "row:create", "c"),
    ("batchesRef", "", "String", "row:batches_ref", ""),
    ("errorRef", "", "String", "row:error_ref", ""),
    ("createdCount", "", "Integer", "row:created", ""),
    ("updatedCount", "", "Integer", "row:updated", ""),
    ("errorCount", "", "Integer", "row:errors", ""),
    ("fields", "", "Object", "-", ""),
    *_MADE,
)
EXPORT: tuple[Row, ...] = (
    ("id", "", "Integer", "row:id", ""),
    ("object", "", "String", "row:object", "rc"),
    ("status", "", "String", "row:status", ""),
    ("resultRefs", "", "Array", "row:refs", ""),
    ("fields", "", "Array", "row:names", ""),
    ("procedure", "", "Object", "row:procedure", ""),
    ("arguments", "", "Object", "-", ""),
    ("name", "", "String", "-", ""),
    ("includeByteOrderMark", "", "Boolean", "-", ""),
    ("legacyDateFormat", "", "Boolean", "-", ""),
    ("maxFileSizeBytes", "", "Integer", "-", ""),
    *_MADE,
)
JOBS: tuple[Table, ...] = (
    Table("imports", "", "", "", IMPORT, AUTHORS_OF, NUMBERED, few=True, binned=False, label="Import"),
    Table("exports", "", "", "", EXPORT, AUTHORS_OF, NUMBERED, few=True, binned=False, label="Export"),
)
