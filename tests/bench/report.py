#!/usr/bin/env python3
"""What scripts/bench measured, as one JSON document and as text. With --markdown FILE: the tables of
docs/PERFORMANCE.md out of a JSON document, written between its markers."""
import argparse
import datetime
import json
import os
import platform
import sys

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def lines(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def merged(folder, name):
    return {key: value for line in lines(folder, name) for key, value in line.items()}


def median(values):
    return sorted(values)[len(values) // 2] if values else None


def cores(runs):
    names = runs[0]["cores"] if runs else {}
    return {name: round(sum(run["cores"].get(name, 0) for run in runs) / len(runs), 3) for name in names}


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    return {"cpus": os.cpu_count(), "model": model, "kernel": platform.release(),
            "load_average": [round(value, 2) for value in os.getloadavg()]}


def collect(options):
    folder = options.folder
    result = {
        "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "settings": {"seconds": options.seconds, "runs": options.runs, "partitions": options.partitions,
                     "mix": options.mix, "disputes_in_service": options.window, "clock_scale": options.clock_scale,
                     "policy": "deploy/policy/seconds.json", "quick": options.quick},
    }
    one, textbook = lines(folder, "one.json"), lines(folder, "textbook.json")
    if one and textbook:
        steps = median([run["steps_per_s"] for run in one])
        base = median([run["steps_per_s"] for run in textbook])
        result["one_service"] = {"service": "sla", "steps_per_s": round(steps), "textbook_per_s": round(base),
                                 "ratio_to_textbook": round(steps / base, 2) if base else None,
                                 "cores": cores(one), "textbook_cores": cores(textbook),
                                 "runs": one, "textbook_runs": textbook}
    disputes = lines(folder, "disputes.json")
    runs = [run for run in disputes if run["phase"].startswith("run")]
    if runs:
        result.update(whole_disputes(folder, disputes, runs))
    return result


def whole_disputes(folder, disputes, runs):
    phases = {run["phase"]: run for run in disputes}
    latency, (before, after) = merged(folder, "latency.json"), lines(folder, "calls.json")
    idle, loaded = merged(folder, "idle.json"), runs[-1]["memory_mib"]
    calls = {name: after["calls"][name] - before["calls"][name] for name in after["calls"]}
    seconds = sum(run["seconds"] for run in runs)
    return {
        "disputes_per_s": round(median([run["disputes_per_s"] for run in runs]), 1),
        "filed_per_s": round(median([run["filed_per_s"] for run in runs]), 1),
        "entries_per_s": round(median([run["entries_per_s"] for run in runs])),
        "cores": cores(runs),
        "generator": {name: round(sum(run["generator"][name] for run in runs) / len(runs), 1)
                      for name in runs[0]["generator"]},
        **{name: phases["end"][name] for name in ("filed", "ended", "left", "left_waiting", "refused", "strayed")},
        "rail_calls_per_s": round((calls["refund"] + calls["transfer"]) / seconds, 1),
        "outside_calls_per_s": round(sum(calls.values()) / seconds, 1),
        "sink_signatures_per_s": round((after["signatures"] - before["signatures"]) / seconds, 1),
        "full_load_latency_ms": latency["full"],
        "latency_ms": {name: latency[name] for name in ("p50", "p90", "p99", "p999")},
        "latency_at": {"filings_per_s": phases["open1"]["filed_per_s"], "filed": latency["of"],
                       "told": latency["told"], "cores": phases["open1"]["cores"]},
        "memory_mib": {name: {"idle": idle[name], "loaded": loaded.get(name)} for name in idle},
        "ready_ms": merged(folder, "ready.json"),
        "dispute_runs": disputes,
    }


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + [
        "| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


# Name, value in the document, goal, and whether more or less is better.
GOALS = (
    ("one service (sla), steps/s", "one_service.steps_per_s", None, None),
    ("textbook in the same run, steps/s", "one_service.textbook_per_s", None, None),
    ("ratio to the textbook", "one_service.ratio_to_textbook", 12, "least"),
    ("whole disputes/s", "disputes_per_s", 1000, "least"),
    ("filed meanwhile, disputes/s", "filed_per_s", None, None),
    ("log entries/s", "entries_per_s", None, None),
    ("calls to the rails/s", "rail_calls_per_s", None, None),
    ("all outside calls/s", "outside_calls_per_s", None, None),
    ("filed → told at half load, p50, ms", "latency_ms.p50", 15, "most"),
    ("filed → told at half load, p99, ms", "latency_ms.p99", 60, "most"),
    ("filed → told under full load, p99, ms", "full_load_latency_ms.p99", None, None),
    ("memory idle, largest service, MiB", "memory_mib.*.idle", 12, "most"),
    ("start to ready, slowest service, ms", "ready_ms.*", 300, "most"),
)
FOREIGN_CORES_MOST = 0.3  # the system's own work for our processes, disk and network, is among it
LATEST_MS = 10000  # the sink's last slot: so late, later, or never


def value_of(result, path):
    values = [result]
    for name in path.split("."):
        if name == "*":
            values = [inner for value in values for inner in value.values()]
        else:
            values = [value[name] for value in values if isinstance(value, dict) and name in value]
    return max((value for value in values if value is not None), default=None)


def shown(value, places=None):
    if value is None:
        return ""
    return f"{value:,}" if places is None else f"{value:,.{places}f}"


def goal_rows(result):
    judged = not result["settings"]["quick"]
    rows = []
    for name, path, goal, kind in GOALS:
        value = value_of(result, path)
        if value is None:
            continue
        late = "latency" in path and value >= LATEST_MS
        reached = goal is not None and (value >= goal if kind == "least" else value <= goal)
        rows.append([name, "10,000 or later" if late else shown(value),
                     "" if goal is None else ("≥ " if kind == "least" else "≤ ") + shown(goal),
                     "" if goal is None or not judged else "reached" if reached else "not reached"])
    return rows


def run_rows(result):
    one = result.get("one_service", {"runs": [], "textbook_runs": []})
    rows = [[f"one service {i}", shown(run["steps_per_s"], 0), "steps/s", f"{run['seconds']:.0f} s"]
            for i, run in enumerate(one["runs"], 1)]
    rows += [[f"textbook {i}", shown(run["steps_per_s"], 0), "steps/s", f"{run['seconds']:.0f} s"]
             for i, run in enumerate(one["textbook_runs"], 1)]
    for run in result.get("dispute_runs", []):
        if run["phase"] == "end":
            continue
        rows.append([run["phase"], shown(run["disputes_per_s"], 1), "disputes/s",
                     f"{run['seconds']:.0f} s; {run['filed_per_s']:.1f} filed/s; in service {run['in_service']}, "
                     f"at least {run['generator']['in_service_least']}; untold {run['untold']}; waiting for clocks {run['waiting']}; "
                     f"strayed {run['strayed']}; "
                     f"read {run['generator']['read_late_ms_mean']:.1f} ms late"])
    return rows


def process_rows(result):
    one, disputes = result.get("one_service", {}), result.get("cores", {})
    parts = (one.get("cores", {}), one.get("textbook_cores", {}), disputes,
             result.get("latency_at", {}).get("cores", {}))
    names = list(dict.fromkeys(name for part in parts for name in part))
    return [[name] + [shown(part.get(name), 2) for part in parts] +
            [shown(result.get("memory_mib", {}).get(name, {}).get(kind)) for kind in ("idle", "loaded")] +
            [shown(result.get("ready_ms", {}).get(name))]
            for name in sorted(names, key=lambda name: name == "machine")]


def foreign_cores(result):
    """What ran on the machine and was none of ours, at most, over the parts."""
    one = result.get("one_service", {})
    parts = [part for part in (one.get("cores"), one.get("textbook_cores"), result.get("cores"),
                               result.get("latency_at", {}).get("cores")) if part]
    return max((2 * part["machine"] - sum(part.values()) for part in parts), default=0)


def markdown(result):
    settings = result["settings"]
    scale = "" if settings["clock_scale"] == 1 else f", its budgets times {settings['clock_scale']}"
    text = [f"Measured {result['at']} on {result['machine']['cpus']} cores ({result['machine']['model']}, Linux "
            f"{result['machine']['kernel']}): {settings['runs']} runs of {settings['seconds']} s, of which the median "
            f"counts; {settings['partitions']} partitions, mix {settings['mix']}, {settings['disputes_in_service']} "
            f"disputes in service, policy {settings['policy']}{scale}."]
    if settings["quick"]:
        text.append("A smoke (`--quick`): these figures say nothing about speed.")
    if foreign_cores(result) > FOREIGN_CORES_MOST:
        text.append(f"The machine was not quiet: other processes, or the system, used {foreign_cores(result):.1f} "
                    "cores.")
    if abs(result.get("filed_per_s", 0) - result.get("disputes_per_s", 0)) > 0.1 * result.get("disputes_per_s", 0):
        text.append("The runs were not steady: more disputes came to their end than were filed, or fewer.")
    text += [""] + table(["Figure", "Value", "Goal", ""], goal_rows(result))
    if "disputes_per_s" in result:
        at = result["latency_at"]
        text += ["", f"Latency at {at['filings_per_s']:.1f} filings/s: {at['told']:,} of {at['filed']:,} merchants were "
                 f"told. Of {result['filed']:,} disputes filed in all phases {result['ended']:,} came to their end, "
                 f"{result['left']:,} were still going on when the last phase ended, {result['left_waiting']:,} of them "
                 f"waiting for a clock; {result['strayed']:,} ended by another way than their shape's and count in "
                 "no rate; "
                 f"{result['refused']:,} commands were refused. The sink made "
                 f"{result['sink_signatures_per_s']:,.1f} signatures/s."]
    text += ["", "Each run:", ""] + table(["Phase", "Value", "", ""], run_rows(result))
    text += ["", "Cores used by each process, and memory:", ""] + table(
        ["Process", "one service", "textbook", "disputes, full load", "disputes, half load", "memory idle, MiB",
         "loaded, MiB", "ready, ms"], process_rows(result))
    return "\n".join(text)


def write_markdown(path, result):
    with open(path, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN)
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + "\n\n" + markdown(result) + "\n\n" + END + rest.split(END)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="what scripts/bench gathered, or a JSON document of it")
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--partitions", type=int)
    parser.add_argument("--mix")
    parser.add_argument("--window", type=int)
    parser.add_argument("--clock-scale", type=float)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if os.path.isfile(options.folder):
        with open(options.folder, encoding="utf-8") as file:
            result = json.load(file)
    else:
        result = collect(options)
    if options.json == "-":
        json.dump(result, sys.stdout, indent=2)
        print()
    elif options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)
            file.write("\n")
    if options.markdown:
        write_markdown(options.markdown, result)
    print("\n" + markdown(result))


if __name__ == "__main__":
    main()
