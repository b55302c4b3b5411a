"""Versions 3 and 4: /api/{object}/version/{n}/do/{operation}, JSON or XML."""
