"""Why a case cannot be read, written or judged; the tree:

CaseRefused            .code .text .fix
├── NoCase             CFG880  the file is no zip, or broken
├── HostileCase        CFG881  names or kinds of entries that no case of ours has
├── CaseTooLarge       CFG882  too many entries, too many bytes, or packed too tightly
├── CaseVersion        CFG883  made by another version of the format
├── CaseDamaged        CFG884  something is missing, or is not what the manifest says
├── NoHar              CFG885  the traffic is no HAR 1.2
├── RedactionChanges   CFG886  with pseudonyms for people the case would end otherwise
└── NotPossible        RUN840  the case does not hold what this way of replaying needs
"""

from __future__ import annotations

from leadterms.refusals import LeadtermsError


class CaseRefused(LeadtermsError):
    """A case file was refused; nothing of it was written anywhere."""


class NoCase(CaseRefused):
    """The file cannot be opened as a zip."""

    def __init__(self, text: str) -> None:
        super().__init__("CFG880", text, "Ask for the file again; it is no case, or was damaged on its way.")


class HostileCase(CaseRefused):
    """An entry's name or kind could reach outside the case, or hide another entry."""

    def __init__(self, text: str) -> None:
        super().__init__("CFG881", text, "Do not unpack it with other tools either; ask who made it.")


class CaseTooLarge(CaseRefused):
    """The case would unpack to more than a case may be."""

    def __init__(self, text: str) -> None:
        super().__init__("CFG882", text, "Record a shorter part, or run `leadproof case minimize`.")


class CaseVersion(CaseRefused):
    """The case is of another version of the format."""

    def __init__(self, text: str) -> None:
        super().__init__("CFG883", text, "Use the version of Leadproof that made it, or record it again.")


class CaseDamaged(CaseRefused):
    """The case lacks something, or holds what its manifest does not say."""

    def __init__(self, text: str) -> None:
        super().__init__("CFG884", text, "Ask for the file again, or record it again.")


class NoHar(CaseRefused):
    """A recording of traffic that is no HAR 1.2."""

    def __init__(self, text: str) -> None:
        super().__init__("CFG885", text, "Export the traffic as HAR 1.2, with bodies.")


class NotPossible(CaseRefused):
    """The case is sound, but cannot be used in this way."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__("RUN840", text, fix)


class RedactionChanges(CaseRefused):
    """The redacted case would not show what the recording shows."""

    def __init__(self, text: str) -> None:
        fix = "Make the values that matter picklists or names of things, or use dummy data and --keep-people."
        super().__init__("CFG886", text, fix)
