"""How a screen is looked at: by axe, by its width, and by the size of what is tapped."""

from __future__ import annotations

import functools
import importlib.util
import pathlib
from typing import Any, Final, Literal

from playwright.sync_api import Page

Theme = Literal["light", "dark"]
TAP_PX_MIN: Final = 48
_PX_SLACK: Final = 0.5
_DRESSED: Final = """([percent, theme]) => new Promise((resolve) => {
  const root = document.documentElement;
  const seen = () => {
    root.style.fontSize = `${percent}%`;
    if (root.dataset.theme === theme) requestAnimationFrame(() => requestAnimationFrame(resolve));
    else requestAnimationFrame(seen);
  };
  seen();
})"""
_MEASURED: Final = """(tapMin) => {
  const found = [];
  const named = (each) => {
    const said = (each.textContent || each.getAttribute("aria-label") || "").trim().slice(0, 30);
    return `${each.tagName.toLowerCase()}.${each.className} "${said}"`;
  };
  for (const each of [document.scrollingElement, ...document.querySelectorAll(".body, dialog")]) {
    const over = each.scrollWidth - each.clientWidth;
    if (over > 0) found.push(`${named(each)} scrolls sideways by ${over} px`);
  }
  const tapped = "a[href], button, input, select, textarea, summary, label.button, [role=button]";
  const inside = "input[type=radio], input[type=checkbox], input[type=file]";
  for (const each of document.querySelectorAll(tapped)) {
    const target = each.matches(inside) ? each.closest("label") ?? each : each;
    if (!target.checkVisibility() || target.closest(".unseen")) continue;
    const { height } = target.getBoundingClientRect();
    if (height < tapMin) found.push(`${named(target)} is ${height} px high`);
  }
  return found;
}"""


def dress(page: Page, *, theme: Theme, percent: int) -> None:
    """Show a screen in a theme of the system's, with letters of a size."""
    page.emulate_media(color_scheme=theme)
    page.evaluate(_DRESSED, [percent, theme])


def find_faults(page: Page) -> list[str]:
    """List what is wrong with a screen as it is dressed."""
    measured: list[str] = page.evaluate(_MEASURED, TAP_PX_MIN - _PX_SLACK)
    return [*measured, *_violations(page)]


def _violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    options = {"resultTypes": ["violations"]}
    answer: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{found['id']} ({found['impact']}): {node['target']}"
        for found in answer["violations"]
        for node in found["nodes"]
    ]


@functools.cache
def _axe() -> str:
    """Read axe; it comes with the tests' packages."""
    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None, "the package is in requirements.lock"
    assert found.origin is not None, "it is no namespace"
    return (pathlib.Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
