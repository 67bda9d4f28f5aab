"""A bar chart of groups as SVG, readable on light and on dark pages."""

from html import escape

COLORS = ("#5794f2", "#ff9830", "#73bf69", "#b877d9")
WIDTH, BAR, GAP, LABEL, HEAD = 720, 18, 14, 130, 64
STYLE = """<style>
  text { font: 13px Inter, Roboto, 'DejaVu Sans', Arial, sans-serif; fill: #333 }
  .title { font-size: 15px; font-weight: bold }
  @media (prefers-color-scheme: dark) { text { fill: #d8d9da } }
</style>"""


def bar_chart(folder, name, title, groups):
    """groups: {group: {series: value}}; written to folder/name.svg, nothing without a folder."""
    if folder is None:
        return
    largest = max(value for bars in groups.values() for value in bars.values()) or 1
    series = list(next(iter(groups.values())))
    scale = (WIDTH - LABEL - 90) / largest
    parts = [f'<text class="title" x="10" y="22">{escape(title)}</text>']
    for i, one in enumerate(series):
        parts.append(f'<rect x="{LABEL + 130 * i}" y="36" width="12" height="12" fill="{COLORS[i]}"/>'
                     f'<text x="{LABEL + 18 + 130 * i}" y="47">{escape(one)}</text>')
    y = HEAD
    for group, bars in groups.items():
        middle = y + BAR * len(bars) / 2 + 4
        parts.append(f'<text x="{LABEL - 10}" y="{middle:.0f}" text-anchor="end">{escape(group)}</text>')
        for i, one in enumerate(series):
            width = max(1, bars[one] * scale)
            parts.append(f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR - 3}" rx="2" fill="{COLORS[i]}"/>'
                         f'<text x="{LABEL + width + 6:.1f}" y="{y + 12}">{bars[one]:.3g}</text>')
            y += BAR
        y += GAP
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}">{STYLE}'
        + "".join(parts) + "</svg>\n", "utf-8")
