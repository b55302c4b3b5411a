"""The step that uploads a data set (product.md B7)."""

from __future__ import annotations

from pydantic import Field

from leadproof.findings import At, find
from leadproof.importer import ImportRefused, ImportReport, import_file, parse_map
from leadproof.scenario.people import Group, Person
from leadproof.scenario.registry import Done, Step, StepRefused, named
from leadproof.scenario.stage import Stage


@named("import_csv", needs=("nobody",))
class ImportCsv(Step):
    """Import a CSV file into one system, as `leadproof import` does.

    `as` names the imported people as a group, one for each record that the file became."""

    file: str = Field(description="The CSV file, relative to the scenario.")
    to: str = Field(default="marketing", description="The system: marketing, crm or an org's name.")
    as_: str = Field(default="", alias="as", description="A name for the imported people.")
    map: dict[str, str] = Field(
        default_factory=dict, description="Header -> field id, for what does not map by itself."
    )

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.to)
        system = connected.system(side)
        path = stage.loaded.path.parent / self.file
        try:
            object = connected.person_object(side)
            named = {header: connected.field_id(side, object, one) for header, one in self.map.items()}
            mapping = parse_map([f"{header}={field}" for header, field in named.items()])
            report = import_file(path, system, mapping=mapping)
        except ImportRefused as refused:
            finding = find(refused.code, refused.text, places=[stage.at, At(side, system.name)], fix=refused.fix)
            raise StepRefused(finding) from None
        stage.imports.append(report)
        if self.as_:
            stage.name(self.as_, _people(stage, report, side))
        account = f"{report.accepted} accepted, {report.merged} merged, {report.rejected} rejected"
        return Done(f"{report.total} rows of {self.file}: {account}")


def _people(stage: Stage, report: ImportReport, side: str) -> Group:
    """One person for each record that rows were accepted into."""
    connected, _ = stage.located(report.system)
    key = connected.match_field(side, report.object)
    ids = list(dict.fromkeys(row.id for row in report.rows if row.outcome == "accepted" and row.id))
    emails = {one.id: one.values.get(key) for one in connected.system(side).read(report.object, ids, [key])}
    group: Group = []
    for number, id in enumerate(ids, 1):
        person = Person(f"row{number}", made_in=report.system, ids={report.system: (report.object, id)})
        person.remember_key(emails.get(id))
        group.append(person)
        stage.made.append((report.system, report.object, id))
    return group
