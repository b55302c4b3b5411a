"""The planted connector defects (connector/defects.py), each with the findings that name it rightly."""

from __future__ import annotations

from collections.abc import Iterator

from leadproof.mutation.ground import Ground
from leadproof.mutation.kind import Site, kind

ORACLE = "check_oracle"
LABELS: dict[str, tuple[str, str, str]] = {
    "do_nothing": ("The connector does nothing and says that all is well", "CYC620", "check_delivered"),
    "one_way_to_crm": ("The connector writes the CRM only", "CYC621", "check_delivered check_every_field"),
    "one_way_to_marketing": ("The connector writes marketing only", "CYC621", "check_delivered"),
    "doubles_on_retry": (
        "The connector creates again after a lost answer",
        "CYC623 DUP403",
        "fault check_no_duplicates",
    ),
    "swaps_owners": ("The connector gives leads to the next user in the list", "CYC629", "check_owner"),
    "misses_pages": ("The connector uses the first page only", "CYC622", "create_records check_count"),
    "case_sensitive_email": ("The connector compares addresses letter by letter", "CYC628", "check_no_duplicates"),
    "echoes": ("The connector takes its own writes for news", "CYC624 CYC602", "check_quiet"),
    "echoes_late": (
        "The connector rests for a while and then takes its own writes for news",
        "CYC624 CYC602",
        "check_quiet",
    ),
    "skips_member_status": (
        "The connector adds members and never looks at their status again",
        "CYC630",
        "set_member_status check_member",
    ),
    "row_1_removed": ("The connector writes one spelling over the other", "OWN335", "edit"),
    "row_1_swapped": ("The connector writes one spelling over the other, always", "OWN335", "edit"),
    "row_2_removed": ("The connector touches settled differences", "OWN334", "edit"),
    "row_2_swapped": ("The connector undoes settled differences", "OWN334", "edit"),
    "row_3_removed": ("The connector does not give the master's value at a first link", "OWN301 RPT503", "create_lead"),
    "row_3_swapped": ("The connector lets the replica win at a first link", "OWN337 OWN301 RPT503", "create_lead"),
    "row_4_removed": ("The connector does not fill a blank master at a first link", "OWN330", "create_lead"),
    "row_4_swapped": (
        "The connector fills or erases the wrong side at a first link",
        "OWN330 OWN331 OWN304",
        "create_lead",
    ),
    "row_5_removed": ("The connector ignores the master's edits", "OWN301", "edit"),
    "row_5_swapped": ("The connector overwrites the master's edits", "OWN337 OWN301", "edit"),
    "row_6_removed": ("The connector does not pass on what was cleared", "OWN332", "clear"),
    "row_6_swapped": ("The connector fills what was cleared", "OWN332 OWN331", "clear"),
    "row_7_removed": ("The connector does not fill a blank master", "OWN330", "clear"),
    "row_7_swapped": ("The connector clears the replica of a blank master", "OWN304 OWN330 OWN331", "clear"),
    "row_8_removed": ("The connector keeps the replica's news out", "OWN333", "edit"),
    "row_8_swapped": ("The connector changes back what may overwrite", "OWN333", "edit"),
    "row_9_removed": ("The connector does not change the replica back", "OWN302", "edit"),
    "row_9_swapped": ("The connector lets the replica overwrite the master", "OWN337", "edit submit_form"),
    "overwrite_ignored_always": ("The connector lets everything overwrite the master", "OWN337", "edit submit_form"),
    "overwrite_ignored_if_blank": ("The connector treats overwrite as if_blank", "OWN333 OWN331", "edit"),
    "overwrite_ignored_never": ("The connector never fills the master", "OWN330 OWN333", "edit create_lead"),
    "clears_ignored_keep": ("The connector never passes on what was cleared", "OWN332", "clear"),
    "clears_ignored_propagate": ("The connector always passes on what was cleared", "OWN304", "clear"),
    "direction_ignored": ("The connector writes both ways whatever the direction", "OWN336 OWN337", "edit"),
    "direction_ignored_to_crm": ("The connector writes to the CRM only", "CYC621 OWN301 OWN302", "check_every_field"),
    "direction_ignored_to_marketing": (
        "The connector writes no field of the CRM after creation",
        "OWN330 OWN301 CYC621",
        "edit",
    ),
    "ambiguous_ignored": (
        "The connector chooses among several matches against the integration",
        "DUP412",
        "check_linked merge",
    ),
    "deletes_ignored": ("The connector treats deletes the other way round", "CYC608", "delete"),
    "both_sides_lost": ("The connector drops rows that both sides changed", "CYC636", "edit"),
    "owner_not_pushed": ("The connector does not push owners", "CYC629", "check_owner"),
    "wrong_modified_stamp": ("The connector reads stamps in another time zone", "OWN301 OWN337", "edit"),
    "never_retries": ("The connector never tries again what failed once", "CYC632", "fault check_delivered"),
    "exclusive_watermark": ("The connector begins one behind the last page", "CYC627 REF747", "sync"),
    "last_answer_only": ("The connector reads the last answer only", "CYC635", "check_answers"),
    "knows_few_fields": ("The connector knows a few fields and no other", "CYC637", "check_every_field"),
    "trims_zeros": ("The connector trims leading zeros", "CYC633", "check_field"),
    "local_time": ("The connector shifts times by an hour", "CYC633", "check_every_field"),
    "cuts_texts": ("The connector cuts long texts", "CYC633", "check_every_field"),
    "loses_ticks": ("The connector loses ticked boxes", "CYC633", "check_every_field"),
}
"""A member's status is decided by the same table: a row that is broken at a first link may show there first (RPT503).

Defect -> what it does, the codes that name it rightly, the steps that are likely to notice it."""


def _register(name: str, says: str, label: str, steps: str) -> None:
    def sites(ground: Ground) -> Iterator[Site]:
        yield Site("connector", defect=name)

    kind(f"defect_{name}", "connector", says, label, steps=f"{steps} {ORACLE}")(sites)


for _name, (_says, _label, _steps) in LABELS.items():
    _register(_name, _says, _label, _steps)
