"""A report as one page that prints to A4: a table of figures with their charts, no scripts."""

from __future__ import annotations

import html
import zoneinfo
from collections.abc import Iterator
from typing import Final

from api.insight.paper import charts
from api.insight.paper.charts import Bar
from api.insight.paper.named import Lang, Named, shown
from schemas.figures import By, Count, Measure, Report, ReportFigure
from schemas.rules import standing

_RANKED_MAX: Final = 5
_RANKED_BY: Final = (By.unit, By.crew)
_RANKED: Final = ("arrive_in_time", "restore_in_time", "call_back_satisfied", "first_visit")
"""The figures whose places are drawn; the other places are in the table and the workbook."""
_STYLE: Final = """
@page { size: A4; margin: 12mm }
body { font: 9.5pt/1.35 "Noto Sans", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif;
  color: #1a1a1a; background: #fff; margin: 0 auto; max-width: 190mm }
header { border-bottom: 2pt solid #0b5f8a; margin-bottom: 3mm }
h1 { font-size: 15pt; margin: 2mm 0 0 }
p { margin: 1mm 0 }
.small { color: #555; font-size: 8pt; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; padding: 1mm 0 }
th, td { border-bottom: .4pt solid #bbb; text-align: left }
thead th { border-bottom: 1pt solid #0b5f8a; font-size: 8pt }
th, td { padding: .35mm 1.5mm; vertical-align: middle }
tbody th { font-weight: 600 }
td.value { font-size: 11pt; font-weight: 600 }
td small { color: #555; font-size: 7pt }
td { white-space: nowrap }
td.chart { width: 34mm }
td.chart svg { height: 4.6mm }
thead th::first-letter { text-transform: uppercase }
svg { display: block; width: 100%; fill: #0b5f8a }
svg text { fill: #1a1a1a; font-size: 9px }
svg .none { fill: #999 }
.ranks { display: grid; grid-template-columns: 1fr 1fr; gap: 1mm 8mm; margin-top: 2mm }
figure { margin: 0; break-inside: avoid }
figcaption { font-weight: 600; font-size: 8.5pt }
tr { break-inside: avoid }
@media screen { body { padding: 6mm } }
"""


def as_page(report: Report, named: Named, *, sha256: str) -> bytes:
    """Write a report as a page of HTML; the same report gives the same bytes.

    Args:
        report: what to write.
        named: what things are called, and the language.
        sha256: of the report's JSON; it stands at the foot.
    """
    title = f"{named.unit} · {named.span(report.span)}"
    lang = "zh-CN" if named.lang is Lang.zh else "en"
    days = f"{report.first_day} – {report.last_day}"
    as_of = report.as_of.astimezone(zoneinfo.ZoneInfo(report.zone))
    told = named.say("as_of", as_of=f"{as_of:%Y-%m-%d %H:%M} {report.zone}")
    return "".join(
        [
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body><header>",
            f"<h1>{_text(title)}</h1><p>{_text(days)}</p></header><main>",
            *_table(report, named, caption=told),
            *_ranks(report, named),
            "</main><footer>",
            f'<p class="small">{_text(named.say("page", few=standing.FEW))}</p>',
            f'<p class="small">{_text(named.say("hash"))}: {sha256}</p>',
            "</footer></body></html>",
        ]
    ).encode()


def _table(report: Report, named: Named, *, caption: str) -> Iterator[str]:
    """Write a row for each figure that counted something: value, rows, period before, days."""
    headings = ("figure", "value", "counted", "before", "days")
    yield f"<table><caption>{_text(caption)}</caption><thead><tr>"
    yield from (f'<th scope="col">{_text(named.say(heading))}</th>' for heading in headings)
    yield "</tr></thead><tbody>"
    empty = [figure for figure in report.figures if _is_empty(figure)]
    for figure in report.figures:
        if figure in empty:
            continue
        before, measure = figure.before, figure.measure
        yield f'<tr><th scope="row">{_text(named.title(figure.code))}</th>'
        yield f'<td class="value">{_text(shown(figure.whole, measure, named.lang))}</td>'
        yield f"<td><small>{_text(_counted(figure.whole, measure, named))}</small></td>"
        was = "" if before is None else shown(before, measure, named.lang)
        yield f'<td>{_text(was)}</td><td class="chart">{_days(figure, named)}</td></tr>'
    yield "</tbody></table>"
    if empty:
        titles = ", ".join(named.title(figure.code) for figure in empty)
        yield f'<p class="small">{_text(named.say("nothing", titles=titles))}</p>'


def _is_empty(figure: ReportFigure) -> bool:
    """Tell whether a figure counted nothing, now and before; that no case was open is told."""
    if figure.measure is Measure.number:
        return False
    counts = (figure.whole, figure.before)
    return not any(each and (each.denominator or each.undecided) for each in counts)


def _counted(count: Count, measure: Measure, named: Named) -> str:
    """Say what a value was counted from, and what is still open."""
    said = []
    if measure is Measure.share:
        said.append(named.say("of", numerator=count.numerator, denominator=count.denominator))
    elif measure is Measure.mean:
        said.append(named.say("over", denominator=count.denominator))
    if count.undecided:
        said.append(named.say("waits", undecided=count.undecided, provisional=count.provisional))
    return "; ".join(said)


def _days(figure: ReportFigure, named: Named) -> str:
    if not figure.days:
        return ""
    drawn = [
        Bar(f"{day.first_day}", day.count.value, shown(day.count, figure.measure, named.lang))
        for day in figure.days
    ]
    return charts.columns(drawn, label=f"{named.title(figure.code)}, {named.say('days')}")


def _ranks(report: Report, named: Named) -> Iterator[str]:
    """Draw who stands where, for each figure that has places."""
    yield '<div class="ranks">'
    for figure in (each for each in report.figures if each.code in _RANKED):
        for by in _RANKED_BY:
            ranked = [each for each in figure.groups.get(by, []) if each.place is not None]
            if len(ranked) < 2:  # noqa: PLR2004 - one alone has no place
                continue
            label = f"{named.title(figure.code)}: {named.say('best', by=named.say(str(by)))}"
            drawn = [
                Bar(
                    f"{each.place}. {named.group(by, each.id)}",
                    each.count.value,
                    shown(each.count, figure.measure, named.lang),
                )
                for each in ranked[:_RANKED_MAX]
            ]
            yield f"<figure><figcaption>{_text(label)}</figcaption>"
            yield f"{charts.bars(drawn, label=label)}</figure>"
    yield "</div>"


def _text(text: str) -> str:
    return html.escape(text)
