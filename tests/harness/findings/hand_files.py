"""Files that belong together: two connections of one marketing org, a pair and its exceptions, a vendor's own pair."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from leadproof.doctor import look
from leadproof.integration import load, problems_together
from leadproof.library import checklist, scenarios_folder, starter
from leadproof.sandbox import Sandbox
from leadproof.scenario.document import load_scenario
from leadproof.scenario.pairs import EXCEPTIONS, Pair
from leadterms.refusals import DocumentRefused
from tests.harness.findings.hand import ByHand, Told, told
from tests.harness.findings.told import refused_file

NATIVE = Pair("salesforce", "native")


def connected(old: str, new: str) -> Callable[[Path], Told]:
    """The two connections of the shipped checklist, with one edit of the southern file."""

    def play(folder: Path) -> Told:
        for name in ("north", "south"):
            text = (checklist() / f"{name}.integration.yaml").read_text("utf-8")
            edited = text.replace(old, new) if name == "south" else text
            assert name == "north" or old == new or edited != text
            (folder / f"{name}.yaml").write_text(edited, "utf-8")
        problems = problems_together([load(folder / f"{name}.yaml") for name in ("north", "south")])
        return told(refused_file(DocumentRefused(problems)) if problems else [])

    return play


def excused(name: str) -> Callable[[Path], Told]:
    """An exception of the pair calls the sixth step of ip-not-allowed so."""

    def play(folder: Path) -> Told:
        shutil.copytree(scenarios_folder(), folder / "scenarios")
        path = folder / "scenarios" / "pairs" / str(NATIVE) / EXCEPTIONS
        path.write_text(path.read_text("utf-8").replace("is: check_finding", f"is: {name}"), "utf-8")
        try:
            NATIVE.skipped(load_scenario(folder / "scenarios" / "checklist" / "ip-not-allowed.yaml"))
        except DocumentRefused as refused:
            return told(refused_file(refused))
        return {}

    return play


def looked_at(pair: str) -> Callable[[Path], Told]:
    """What the doctor says of the starter's files, of another pair."""

    def play(_: Path) -> Told:
        integration = load(starter() / pair / "leadproof.yaml")
        with Sandbox.start(starter() / pair / "recipe.yaml", seed=1) as sandbox:
            return told(look(integration, sandbox.crm("my-crm"), sandbox.marketing("my-marketing")).findings)

    return play


FILES: dict[str, ByHand] = {
    "ASG210": ByHand(looked_at("salesforce-pardot"), looked_at(".")),
    "CFG839": ByHand(excused("check_absent"), excused("check_finding")),
    "CFG843": ByHand(connected("south-crm", "north-crm"), connected("", "")),
    "MAP321": ByHand(connected("{master: marketing}", "{master: crm}"), connected("", "")),
}
