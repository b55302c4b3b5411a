"""Field types: read a value, compare two, say whether one is blank, convert between two fields.

The table is in typetable.py, the readers in texts.py and quantities.py, conversion in conversion.py.
"""

from leadterms.conversion import convert, converter
from leadterms.texts import e164
from leadterms.typetable import FIELD_TYPES, FieldType, blank, length_limit, parse, reader, same

__all__ = [
    "FIELD_TYPES",
    "FieldType",
    "blank",
    "convert",
    "converter",
    "e164",
    "length_limit",
    "parse",
    "reader",
    "same",
]
