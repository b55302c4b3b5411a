"""Kinds that nobody looks at while writing the doctor or the diagnosis: a fifth of all.

They measure whether causes are found that were not in mind when the rules were written. No module of
`leadproof.doctor` or `leadproof.diagnosis` reads this folder (they import nothing of `leadproof.mutation`).

Each is a mistake that integrations are known to have, taken from support cases of vendors and connectors, and each
leaves two files that load. Its label was written down from what the codes mean (docs/reference.md) before it was
planted for the first time. Kinds that have been looked at for long move to the open modules beside this folder.
"""
