"""Prints the files of a list that a compilation database knows, one a line; complains about the others.
   check_commands.py compile_commands.json LIST"""
import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    known = {os.path.realpath(entry["file"]) for entry in json.load(file)}
with open(sys.argv[2], encoding="utf-8") as file:
    for path in file.read().split("\n"):
        if path and os.path.realpath(path) in known:
            print(os.path.realpath(path))
        elif path:
            print(f"{path}: is in no build", file=sys.stderr)
