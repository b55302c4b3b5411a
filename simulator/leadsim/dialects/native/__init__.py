"""The native dialect: one REST API for the CRM, one for marketing, with the engine's own ids and names."""

from leadsim.dialects.native.dialect import Native

DIALECT = Native()
