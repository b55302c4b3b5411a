"""Shared: the HTML report in a real Chromium, at a width, in light and dark.

The page under test stands in a frame of that width, because a browser's window has a smallest size of its own.
"""

from __future__ import annotations

import base64
import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import require

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=60000", "--window-size=1600,1200",
)  # fmt: skip
SCRIPT = """
addEventListener("load", async () => {
  const open = %(open)s;
  if (open) document.querySelectorAll("details").forEach(one => { one.open = true; });
  const page = document.documentElement;
  const wide = [...document.querySelectorAll("body *")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > page.clientWidth + 1 && !one.closest(".scroll, pre");
  }).map(one => one.outerHTML.slice(0, 120));
  const options = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
  const found = await axe.run(document, options);
  parent.told({
    width: page.clientWidth, scroll: page.scrollWidth, wide,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    background: getComputedStyle(document.body).backgroundColor,
    rules: found.passes.length,
    violations: found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120))]),
  });
});
"""
FRAME = """<!doctype html><html lang="en"><title>frame</title><body>
<script>
  function told(what) {
    const out = document.createElement("pre");
    out.id = "told"; out.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(what))));
    document.body.append(out);
  }
</script>
<iframe title="report" width="%(width)d" height="1000" style="border:0" srcdoc="%(page)s"></iframe>
</body></html>"""


def look(report: Path, folder: Path, *, width: int, dark: bool = False, open: bool = False) -> dict[str, Any]:
    """What the page is at this width: `scroll` (its width with everything in it), what sticks out (`wide`), whether
    it is dark, and axe's violations. `open`: with everything unfolded."""
    page = POLICY.sub("", report.read_text(encoding="utf-8"))  # it allows no script, and axe is one
    script = AXE.read_text(encoding="utf-8") + SCRIPT % {"open": "true" if open else "false"}
    page = page.replace("</head>", f"<script>{script}</script></head>")
    frame = folder / f"frame-{width}-{dark}-{open}.html"
    frame.write_text(FRAME % {"width": width, "page": html.escape(page)}, encoding="utf-8")
    flags = [*FLAGS, f"--user-data-dir={folder / frame.stem}"]
    if dark:
        flags.append("--blink-settings=preferredColorScheme=0")
    done = subprocess.run(
        [require("Chromium", ("chromium", "chromium-browser", "google-chrome")), *flags, "--dump-dom", frame.as_uri()],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    told = re.search(r'<pre id="told">([^<]+)</pre>', done.stdout)
    assert told is not None, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(base64.b64decode(told[1]))
    return found
