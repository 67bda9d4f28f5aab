"""Panels of Grafana as values: what every dashboard shares, so that they look and behave the same.

In expressions `@` stands for the labels that choose the nodes on show.
"""

CHOSEN = 'job="mosaic",instance=~"$instance"'
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GREEN, ORANGE, RED, BLUE, GREY = "green", "orange", "red", "blue", "#808080"
WIDTH = 24


def expression(text):
    return text.replace("@", CHOSEN)


def rate(metric, by="", labels=""):
    """Events a second, summed over all series or by `by`."""
    inner = f"rate({metric}{{@{',' + labels if labels else ''}}}[$__rate_interval])"
    return f"sum by ({by}) ({inner})" if by else f"sum({inner})"


def quantile(value, metric, by="", labels=""):
    """A quantile of a histogram."""
    buckets = rate(f"{metric}_bucket", "le" + (f", {by}" if by else ""), labels)
    return f"histogram_quantile({value}, {buckets})"


def quantiles(metric, labels=""):
    return {name: quantile(value, metric, labels=labels)
            for name, value in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}


def mean(metric, by, labels=""):
    return f"{rate(metric + '_sum', by, labels)} / {rate(metric + '_count', by, labels)}"


def _panel(kind, title, queries, unit, about, instant=False):
    targets = [{"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": expression(query),
                "legendFormat": legend, "range": not instant, "instant": instant}
               for number, (legend, query) in enumerate(queries.items())]
    return {"type": kind, "title": title, "description": about, "datasource": SOURCE, "targets": targets,
            "fieldConfig": {"defaults": {"unit": unit}, "overrides": []}}


def _thresholds(steps):
    return {"mode": "absolute",
            "steps": [{"color": color, "value": value} for value, color in ((None, steps[0]), *steps[1:])]}


def stat(title, query, unit, about, steps=(BLUE,), decimals=None, words=None):
    """One number. `steps`: the first colour, then (from this value on, colour); `words`: text of a value."""
    panel = _panel("stat", title, {"": query}, unit, about, instant=True)
    defaults = panel["fieldConfig"]["defaults"]
    defaults.update(thresholds=_thresholds(steps), color={"mode": "thresholds"}, noValue="–")
    if decimals is not None:
        defaults["decimals"] = decimals
    if words:
        options = {str(value): {"text": text, "index": value} for value, text in words.items()}
        defaults["mappings"] = [{"type": "value", "options": options}]
    panel["options"] = {"colorMode": "background", "graphMode": "none", "justifyMode": "center",
                        "textMode": "value", "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    return panel


def lines(title, queries, unit, about, stacked=False, limit=None, colors=None, top=None):
    """Lines over time. `limit`: the legend of a line that is drawn dashed in red; `top`: end of the axis."""
    panel = _panel("timeseries", title, queries, unit, about)
    custom = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 40 if stacked else 8, "showPoints": "never",
              "spanNulls": False, "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    panel["fieldConfig"]["defaults"].update(custom=custom, color={"mode": "palette-classic"}, min=0)
    if top is not None:
        panel["fieldConfig"]["defaults"]["max"] = top
    for legend, color in (colors or {}).items():
        panel["fieldConfig"]["overrides"].append(_override(legend, ("color", {"mode": "fixed", "fixedColor": color})))
    if limit:
        panel["fieldConfig"]["overrides"].append(_override(
            limit, ("color", {"mode": "fixed", "fixedColor": RED}), ("custom.fillOpacity", 0),
            ("custom.lineStyle", {"fill": "dash", "dash": [8, 8]}),
            ("custom.stacking", {"mode": "none", "group": "A"})))
    panel["options"] = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
                        "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel


def _override(legend, *properties):
    return {"matcher": {"id": "byName", "options": legend},
            "properties": [{"id": key, "value": value} for key, value in properties]}


def bars(title, query, legend, unit, about, steps=(BLUE,)):
    """One bar for each series, as it is now."""
    panel = _panel("bargauge", title, {legend: query}, unit, about, instant=True)
    panel["fieldConfig"]["defaults"].update(thresholds=_thresholds(steps), color={"mode": "thresholds"}, min=0)
    panel["options"] = {"orientation": "horizontal", "displayMode": "basic", "showUnfilled": True,
                        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    return panel


def dashboard(uid, title, about, rows):
    """`rows`: (heading, height, panels); the panels of a row are equally wide."""
    panels, top = [], 0
    for heading, height, row in rows:
        panels.append({"type": "row", "title": heading, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": top, "w": WIDTH, "h": 1}})
        top += 1
        per_line = min(len(row), 6) if height < 6 else (3 if len(row) % 3 == 0 else 2)
        for start in range(0, len(row), per_line):
            for column, panel in enumerate(row[start:start + per_line]):
                wide = WIDTH // per_line
                panels.append({**panel, "gridPos": {"x": column * wide, "y": top, "w": wide, "h": height}})
            top += height
    for number, panel in enumerate(panels, 1):
        panel["id"] = number
    return {"uid": f"mosaic-{uid}", "title": f"MosaicDB / {title}", "description": about, "tags": ["mosaicdb"],
            "schemaVersion": 39, "version": 1, "editable": True, "graphTooltip": 1, "timezone": "browser",
            "refresh": "10s", "time": {"from": "now-30m", "to": "now"}, "fiscalYearStartMonth": 0,
            "annotations": {"list": [_restarts()]}, "links": [_links()], "templating": {"list": _variables()},
            "panels": panels}


def _restarts():
    return {"name": "Starts of a node", "datasource": SOURCE, "enable": True, "iconColor": ORANGE,
            "expr": expression("changes(process_start_time_seconds{@}[1m]) > 0"), "step": "30s",
            "titleFormat": "{{instance}} started"}


def _links():
    return {"type": "dashboards", "title": "MosaicDB", "tags": ["mosaicdb"], "asDropdown": False,
            "includeVars": True, "keepTime": True, "targetBlank": False}


def _variables():
    source = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
              "current": {"text": "Prometheus", "value": "prometheus"}, "options": [], "hide": 0}
    nodes = {"name": "instance", "label": "Node", "type": "query", "datasource": SOURCE, "refresh": 2, "sort": 1,
             "query": {"query": 'label_values(mosaic_build_info{job="mosaic"}, instance)', "refId": "nodes"},
             "multi": True, "includeAll": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"},
             "options": [], "hide": 0}
    return [source, nodes]
