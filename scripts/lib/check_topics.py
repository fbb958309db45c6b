"""deploy/kafka/topics.json against itself and against our messages.
   check_topics.py topics.json DESCRIPTORS     (protoc --decode of the descriptor set, as text)"""
import json
import re
import sys

OURS = ("intake", "sla", "investigation", "arbitration", "fund", "notification")
CLEANUP = ("delete", "compact", "compact,delete")
problems = []


def messages(path):
    """Full names of all top-level messages."""
    found, package = set(), ""
    for line in open(path, encoding="utf-8"):
        if line.startswith("file {"):
            package = ""
        elif match := re.match(r'  package: "([^"]+)"', line):
            package = match[1]
        elif line.startswith("  message_type {"):
            package += "\n" if not package.endswith("\n") else ""
        elif match := re.match(r'    name: "([^"]+)"', line):
            if package.endswith("\n"):
                found.add(package.strip() + "." + match[1])
                package = package.strip()
    return found


def main():
    """Exit status 1 when something does not fit."""
    with open(sys.argv[1], encoding="utf-8") as file:
        topics = json.load(file)["topics"]
    known = messages(sys.argv[2])
    names = [topic["name"] for topic in topics]
    by_name = dict(zip(names, topics))
    for name in {name for name in names if names.count(name) > 1}:
        problems.append(f"{name}: listed twice")
    wanted = {f"dlq.{reader}.{topic['name']}": topic for topic in topics if topic.get("lanes")
              for reader in topic["readers"] if reader in OURS}
    given = {name for name in names if name.startswith("dlq.")}
    problems.extend(f"{name}: missing, since its reader reads that topic in lanes" for name in sorted(set(wanted) - given))
    problems.extend(f"{name}: no service of ours reads that topic in lanes" for name in sorted(given - set(wanted)))
    for name in sorted(given & set(wanted)):
        if by_name[name]["message"] != wanted[name]["message"]:
            problems.append(f"{name}: message {by_name[name]['message']} is not its topic's")
        if by_name[name]["writers"] != [name.split(".")[1]]:
            problems.append(f"{name}: only {name.split('.')[1]} writes it")
    for topic in topics:
        if topic.get("message") and topic["message"] not in known:
            problems.append(f"{topic['name']}: no message {topic['message']} in the descriptor set")
        if not topic.get("message"):
            problems.append(f"{topic['name']}: names no message")
        if topic.get("cleanup") not in CLEANUP:
            problems.append(f"{topic['name']}: cleanup {topic.get('cleanup')}")
        if not topic.get("what"):
            problems.append(f"{topic['name']}: does not say what it holds")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems or not known else 0


sys.exit(main())
