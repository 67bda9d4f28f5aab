#!/usr/bin/env python3
"""Draws the dashboards of config/grafana as SVG pages, asking a Prometheus what Grafana would ask it.

    dashboards.py --prometheus http://127.0.0.1:9090 [--minutes 10] [--instance HOST:PORT] [--out FOLDER]

For looking at dashboards where no Grafana is. It knows the kinds of panels that
config/grafana/panels.py makes, and needs nothing but Python's standard library.
"""

import argparse
import json
import math
import pathlib
import re
import sys
import time
import urllib.parse
import urllib.request
from html import escape

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "config" / "grafana" / "dashboards"
COLUMN, ROW, GAP, MARGIN, HEAD = 58, 30, 8, 16, 64  # of Grafana's grid, in pixels
POINTS = 150
COLORS = {"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c", "blue": "#3274d9", "yellow": "#fade2a"}
PALETTE = ["#73bf69", "#fade2a", "#8ab8ff", "#ff9830", "#f2495c", "#5794f2", "#b877d9", "#37872d", "#e0b400",
           "#ca95e5", "#56a64b", "#c4162a"]
PAGE, CARD, EDGE, TEXT, DIM, FAINT = "#111217", "#181b1f", "#2b2f36", "#d8d9da", "#9aa0a8", "#2a2e35"

DASHES = ' stroke-dasharray="7 6"'
FONTS = "Inter, Roboto, 'DejaVu Sans', Arial, sans-serif"


# --- what is asked --------------------------------------------------------------------------------

def load_dashboards():
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def panels_of(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def filled_in(query, instance=".*", interval="1m"):
    """A query with Grafana's variables replaced."""
    return query.replace("$instance", instance).replace("$__rate_interval", interval)


class Prometheus:
    def __init__(self, url):
        self.url = url.rstrip("/")

    def get(self, path, **query):
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=30) as reply:
            return json.load(reply)["data"]

    def now(self, query, at=None):
        """(labels, value) of every series."""
        found = self.get("query", query=query, **({"time": at} if at else {}))["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def over(self, query, begin, end):
        """(labels, [(time, value)]) of every series."""
        found = self.get("query_range", query=query, start=begin, end=end,
                         step=max(1, (end - begin) / POINTS))["result"]
        return [(series["metric"], [(float(at), float(value)) for at, value in series["values"]]) for series in found]


def named(legend, labels):
    return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match.group(1), ""), legend)


# --- numbers --------------------------------------------------------------------------------------

def scaled(value, steps, decimals):
    """With the largest unit that leaves at least 1."""
    factor, unit = next(((factor, unit) for factor, unit in steps if abs(value) >= factor), steps[-1])
    number = value / factor
    if decimals is None:
        decimals = 0 if abs(number) >= 100 or number == int(number) else 1 if abs(number) >= 10 else 2
    return f"{number:.{decimals}f}{unit}"


def spelled(value, unit, decimals=None):
    """A number as Grafana shows it in its unit."""
    if not math.isfinite(value):
        return "–"
    if unit == "percentunit":
        return f"{value * 100:.{1 if decimals is None else decimals}f} %"
    if unit == "s":
        return scaled(value, [(60, " min"), (1, " s"), (1e-3, " ms"), (1e-6, " µs")], decimals) if value else "0 s"
    if unit in ("bytes", "Bps"):
        per = "/s" if unit == "Bps" else ""
        return scaled(value, [(1 << 30, " GiB" + per), (1 << 20, " MiB" + per), (1 << 10, " KiB" + per),
                              (1, " B" + per)], decimals)
    if unit == "locale":
        return f"{value:,.0f}"
    suffix = {"reqps": " req/s", "wps": " /s"}.get(unit, "")
    return scaled(value, [(1e6, " M"), (1e3, " k"), (1, "")], decimals) + suffix


def color_at(value, steps):
    chosen = steps[0]["color"]
    for step in steps[1:]:
        if value >= step["value"]:
            chosen = step["color"]
    return COLORS.get(chosen, chosen)


def ticks(top, unit):
    """Round numbers from 0 to at least `top`."""
    if unit in ("bytes", "Bps") and top >= 1024:
        factor = 1024 ** int(math.log(top, 1024))
        return [mark * factor for mark in ticks(top / factor, "short")]
    raw = top / 4
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    return [step * number for number in range(math.ceil(top / step - 1e-9) + 1)]


# --- drawing --------------------------------------------------------------------------------------

def text(x, y, content, size=12, fill=TEXT, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(content)}</text>')


def box(x, y, width, height, fill, edge="none", radius=3):
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" rx="{radius}" '
            f'fill="{fill}" stroke="{edge}"/>')


def shortened(content, width, size=11):
    room = int(width / (size * 0.56))
    return content if len(content) <= room else content[:max(1, room - 1)] + "…"


class Page:
    def __init__(self, prometheus, begin, end, instance):
        self.prometheus, self.begin, self.end, self.instance = prometheus, begin, end, instance
        self.out, self.empty = [], []

    def queries(self, panel):
        return [(target["legendFormat"], filled_in(target["expr"], self.instance)) for target in panel["targets"]]

    def panel(self, panel, x, y, width, height):
        self.out.append(f"<g><title>{escape(panel['description'])}</title>")
        self.out.append(box(x, y, width, height, CARD, EDGE))
        self.out.append(text(x + 10, y + 19, panel["title"], 12.5, weight="600"))
        draw = {"stat": self.stat, "timeseries": self.lines, "bargauge": self.bars}[panel["type"]]
        if not draw(panel, x, y, width, height):
            self.empty.append(panel["title"])
            self.out.append(text(x + width / 2, y + height / 2 + 6, "no data", 13, DIM, "middle"))
        self.out.append("</g>")

    def stat(self, panel, x, y, width, height):
        found = [value for _, query in self.queries(panel) for _, value in self.prometheus.now(query, self.end)]
        if not found:
            return False
        defaults, value = panel["fieldConfig"]["defaults"], found[0]
        words = {key: word["text"] for mapping in defaults.get("mappings", [])
                 for key, word in mapping["options"].items()}
        shown = words.get(f"{value:g}") or spelled(value, defaults["unit"], defaults.get("decimals"))
        color = color_at(value, defaults["thresholds"]["steps"])
        self.out.append(box(x + 1, y + 28, width - 2, height - 29, color, radius=2))
        self.out.append(text(x + width / 2, y + 28 + (height - 28) / 2 + 10, shown, 27, "#ffffff", "middle", "600"))
        return True

    def bars(self, panel, x, y, width, height):
        found = [(named(legend, labels), value) for legend, query in self.queries(panel)
                 for labels, value in self.prometheus.now(query, self.end)]
        if not found:
            return False
        defaults = panel["fieldConfig"]["defaults"]
        most, step = max(value for _, value in found) or 1, min(26, (height - 40) / len(found))
        for number, (name, value) in enumerate(sorted(found, key=lambda one: -one[1])):
            line, room = y + 34 + number * step, width - 250
            self.out.append(text(x + 12, line + step * 0.62, shortened(name, 150), 11, DIM))
            self.out.append(box(x + 165, line, room, step - 5, FAINT))
            self.out.append(box(x + 165, line, room * value / most, step - 5,
                                color_at(value, defaults["thresholds"]["steps"])))
            self.out.append(text(x + width - 10, line + step * 0.62, spelled(value, defaults["unit"]), 11, TEXT, "end"))
        return True

    def lines(self, panel, x, y, width, height):
        found = []
        for legend, query in self.queries(panel):
            each = [(named(legend, labels), [(at, value) for at, value in points if math.isfinite(value)])
                    for labels, points in self.prometheus.over(query, self.begin, self.end)]
            found += sorted(one for one in each if one[1])
        if not found:
            return False
        defaults = panel["fieldConfig"]["defaults"]
        styles = {each["matcher"]["options"]: {item["id"]: item["value"] for item in each["properties"]}
                  for each in panel["fieldConfig"]["overrides"]}
        series, below = [], {}
        for number, (name, points) in enumerate(found):
            style = styles.get(name, {})
            fixed = style.get("color", {}).get("fixedColor")
            dashed = "custom.lineStyle" in style
            stacked = defaults["custom"]["stacking"]["mode"] == "normal" and not dashed
            base = [below.get(at, 0) if stacked else 0 for at, _ in points]
            tops = [(at, value + under) for (at, value), under in zip(points, base)]
            if stacked:
                below.update(tops)
            series.append((name, tops, base, COLORS.get(fixed, fixed) or PALETTE[number % len(PALETTE)], stacked,
                           dashed))
        self.plot(series, defaults, x, y, width, height)
        return True

    def plot(self, series, defaults, x, y, width, height):
        left, right, top, bottom = x + 70, x + width - 14, y + 34, y + height - 56
        most = defaults.get("max") or max(value for _, tops, *_ in series for _, value in tops)
        marks = ticks(most, defaults["unit"]) if most > 0 else [0, 1]

        def place(at, value):
            across = (at - self.begin) / (self.end - self.begin)
            return f"{left + (right - left) * across:.1f},{bottom - (bottom - top) * value / marks[-1]:.1f}"

        for mark in marks:
            level = bottom - (bottom - top) * mark / marks[-1]
            self.out.append(f'<path d="M{left} {level:.1f}H{right}" stroke="{FAINT}"/>')
            self.out.append(text(left - 7, level + 4, spelled(mark, defaults["unit"]), 10, DIM, "end"))
        for part in range(5):
            at = self.begin + (self.end - self.begin) * part / 4
            anchor = "start" if part == 0 else "end" if part == 4 else "middle"
            self.out.append(text(left + (right - left) * part / 4, bottom + 15,
                                 time.strftime("%H:%M:%S", time.gmtime(at)), 10, DIM, anchor))
        for _, tops, base, color, stacked, dashed in series:
            line = " ".join(place(at, value) for at, value in tops)
            floor = " ".join(place(at, under) for (at, _), under in reversed(list(zip(tops, base))))
            if not dashed:
                self.out.append(f'<polygon points="{line} {floor}" fill="{color}" '
                                f'fill-opacity="{0.4 if stacked else 0.08}"/>')
            self.out.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="1.6"'
                            f'{DASHES if dashed else ""}/>')
        self.legend([(name, color) for name, _, _, color, *_ in series], x + 12, y + height - 22, width - 24)

    def legend(self, items, x, y, width):
        """Two lines of names; what has no room there is only counted."""
        across, line = x, 0
        for number, (name, color) in enumerate(items):
            shown = shortened(name, width - 40, 10.5)
            wide = 30 + len(shown) * 6.1
            room = x + width - (32 if line and number + 1 < len(items) else 0)
            if across + wide > room and line:
                self.out.append(text(across, y + 14, f"+ {len(items) - number}", 10.5, DIM))
                return
            if across + wide > room:
                across, line = x, 1
            self.out.append(box(across, y + 14 * line - 5, 12, 3.5, color, radius=1))
            self.out.append(text(across + 16, y + 14 * line, shown, 10.5, DIM))
            across += wide


def draw(dashboard, page):
    height = HEAD + max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"]) * ROW + MARGIN
    width = 24 * COLUMN + 2 * MARGIN
    page.out += [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                 f'font-family="{FONTS}">', box(0, 0, width, height, PAGE, radius=0),
                 text(MARGIN, 30, dashboard["title"], 20, weight="600"),
                 text(MARGIN, 50, dashboard["description"], 12.5, DIM),
                 text(width - MARGIN, 30, time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(page.end)), 12, DIM, "end")]
    for panel in dashboard["panels"]:
        grid = panel["gridPos"]
        x, y = MARGIN + grid["x"] * COLUMN, HEAD + grid["y"] * ROW
        if panel["type"] == "row":
            page.out.append(text(x + 2, y + 20, panel["title"], 14, weight="600"))
        else:
            page.panel(panel, x, y, grid["w"] * COLUMN - GAP, grid["h"] * ROW - GAP)
    page.out.append("</svg>\n")
    return "\n".join(page.out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--instance", default=".*", help="only this node")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/benchmarks"))
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    end = time.time()
    for name, dashboard in load_dashboards().items():
        page = Page(Prometheus(wanted.prometheus), end - wanted.minutes * 60, end, wanted.instance)
        file = wanted.out / f"dashboard-{name}.svg"
        file.write_text(draw(dashboard, page), "utf-8")
        print(file, f"without data: {', '.join(page.empty)}" if page.empty else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
