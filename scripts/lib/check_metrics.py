#!/usr/bin/python3
"""Metrics: one document, one dashboard and alert rules that all speak of what the code declares.

    check_metrics.py ROOT            exit status 1 and a line per difference
    check_metrics.py ROOT --write    writes docs/METRICS.md anew

A declaration is a `struct dsp_metric NAME = {"name", DSP_METRIC_TYPE, "help", {"label", …}}`.
"""
import json
import re
import sys
from pathlib import Path

DECLARED = re.compile(
    r'struct dsp_metric \w+ = \{\s*"([a-z0-9_]+)",\s*DSP_METRIC_(COUNTER|GAUGE|HISTOGRAM),\s*((?:"[^"]*"\s*)+),\s*\{([^}]*)\}')
# Rendered by the registry itself.
BUILT_IN = {"dispute_metrics_dropped_total": ("counter", "Samples of series that found no room.", [])}
USED = re.compile(r"\b((?:dispute|process)_[a-z0-9_]+)\b")
OF_PROMETHEUS = {"up"}

HEAD = """\
# Metrics

Written by `scripts/lib/check_metrics.py` from the declarations in the code: do not edit.

Every service shows them at `/metrics` of its admin port, without a token. No label holds an id of a case, an order or a
person. A series exists once it was counted for the first time; what would be more than 1,024 series is counted in
`dispute_metrics_dropped_total`. Histograms have the buckets 0.001 … 60 s.

`deploy/observability/alerts.yml` has the alerts, `deploy/observability/grafana/dashboards/heshi.json` the dashboard. Both
name the service by the label `service`, which the scrape configuration adds.

| Metric | Type | Labels | What | Shown by |
|---|---|---|---|---|
"""


def declared(root: Path) -> dict:
    found: dict = {}
    for path in sorted((root / "services").rglob("*.c")):
        for name, kind, help_, labels in DECLARED.findall(path.read_text(encoding="utf-8")):
            text = "".join(re.findall(r'"([^"]*)"', help_))
            part = path.relative_to(root / "services").parts[0]
            found[name] = (kind.lower(), text, re.findall(r'"([a-z_]+)"', labels), part)
    for name, (kind, text, labels) in BUILT_IN.items():
        found[name] = (kind, text, labels, "common")
    return found


def document(metrics: dict) -> str:
    rows = []
    for name, (kind, text, labels, part) in sorted(metrics.items()):
        where = "all" if part == "common" else part
        rows.append(f"| `{name}` | {kind} | {', '.join(labels) or '—'} | {text} | {where} |\n")
    return HEAD + "".join(rows)


def series(metrics: dict) -> set:
    names = set()
    for name, (kind, *_rest) in metrics.items():
        names.add(name)
        if kind == "histogram":
            names |= {name + "_bucket", name + "_sum", name + "_count"}
    return names


def expressions(value, key: str = "") -> list:
    """All PromQL of a dashboard."""
    if isinstance(value, dict):
        return [e for k, v in value.items() for e in expressions(v, k)]
    if isinstance(value, list):
        return [e for v in value for e in expressions(v, key)]
    return [value] if key in ("expr", "query", "definition") and isinstance(value, str) else []


def differences(root: Path, metrics: dict) -> list:
    wrong = []
    for name, (kind, _text, _labels, _part) in metrics.items():
        if kind == "counter" and not name.endswith("_total"):
            wrong.append(f"{name}: a counter ends in _total")
        if not USED.fullmatch(name):
            wrong.append(f"{name}: begins neither with dispute_ nor with process_")
    known = series(metrics)
    alerts = root / "deploy/observability/alerts.yml"
    for number, line in enumerate(alerts.read_text(encoding="utf-8").splitlines(), 1):
        wrong += [f"{alerts.relative_to(root)}:{number}: no metric {name}" for name in USED.findall(line)
                  if name not in known]
    for path in sorted((root / "deploy/observability/grafana/dashboards").glob("*.json")):
        for text in expressions(json.loads(path.read_text(encoding="utf-8"))):
            wrong += [f"{path.relative_to(root)}: no metric {name}" for name in USED.findall(text) if name not in known]
    page = root / "docs/METRICS.md"
    if not page.exists() or page.read_text(encoding="utf-8") != document(metrics):
        wrong.append("docs/METRICS.md is not what the code says: scripts/lib/check_metrics.py . --write")
    return wrong


def main() -> int:
    root = Path(sys.argv[1])
    metrics = declared(root)
    if len(sys.argv) > 2 and sys.argv[2] == "--write":
        (root / "docs/METRICS.md").write_text(document(metrics), encoding="utf-8")
        return 0
    wrong = differences(root, metrics)
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
