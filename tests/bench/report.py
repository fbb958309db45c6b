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
        end = next((run for run in disputes if run["phase"] == "end"), {})
        latency = merged(folder, "latency.json")
        calls = merged(folder, "calls.json").get("calls", {})
        idle, loaded = merged(folder, "idle.json"), runs[-1]["memory_mib"]
        whole_s = sum(run["seconds"] for run in disputes if "seconds" in run and run["phase"] != "drain")
        result.update({
            "disputes_per_s": round(median([run["disputes_per_s"] for run in runs]), 1),
            "entries_per_s": round(median([run["entries_per_s"] for run in runs])),
            "cores": cores(runs),
            "told_behind_s": merged(folder, "told.json").get("told_behind_s"),
            "refused": runs[-1]["refused"], "left": end.get("left"),
            "rail_calls_per_s": round((calls.get("refund", 0) + calls.get("transfer", 0)) / whole_s, 1),
            "outside_calls_per_s": round(sum(calls.values()) / whole_s, 1),
            "latency_ms": {name: latency.get(name) for name in ("p50", "p90", "p99", "p999")},
            "latency_at": {"filings_per_s": lines(folder, "open.json")[-1]["filed_per_s"], "messages": latency["told"],
                           "cores": lines(folder, "open.json")[-1]["cores"]},
            "memory_mib": {name: {"idle": idle[name], "loaded": loaded.get(name)} for name in idle},
            "ready_ms": merged(folder, "ready.json"),
            "dispute_runs": disputes,
        })
    return result


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + [
        "| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def markdown(result):
    settings = result["settings"]
    text = [f"Measured {result['at']} on {result['machine']['cpus']} cores ({result['machine']['model']}), "
            f"{settings['runs']} x {settings['seconds']} s, {settings['partitions']} partitions, mix {settings['mix']}, "
            f"{settings['disputes_in_service']} disputes in service.", ""]
    rows = []
    one = result.get("one_service")
    if one:
        rows += [["one service (sla), steps/s", one["steps_per_s"], ""],
                 ["textbook in the same run, steps/s", one["textbook_per_s"], ""],
                 ["ratio", one["ratio_to_textbook"], ">= 12"]]
    if "disputes_per_s" in result:
        rows += [["whole disputes/s", result["disputes_per_s"], ">= 1,000"],
                 ["log entries/s", result["entries_per_s"], ""],
                 ["calls to the rails/s", result["rail_calls_per_s"], ""],
                 ["all outside calls/s", result["outside_calls_per_s"], ""],
                 ["messages behind at the end of the closed loop, s", result["told_behind_s"], ""],
                 ["filed → told p50, ms", result["latency_ms"]["p50"], "<= 15"],
                 ["filed → told p99, ms", result["latency_ms"]["p99"], "<= 60"]]
    text += table(["figure", "measured", "goal"], rows)
    if "disputes_per_s" in result:
        text += [""] + table(["process", "cores under full load", "ready, ms", "memory idle, MiB", "memory loaded, MiB"],
                             [[name, used, result["ready_ms"].get(name, ""),
                               result["memory_mib"].get(name, {}).get("idle", ""),
                               result["memory_mib"].get(name, {}).get("loaded", "")]
                              for name, used in result["cores"].items()])
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
