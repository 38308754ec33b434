#!/usr/bin/env python3
"""Checks JSON documents against a schema of docs/schema/.

    validate.py DOCUMENT SCHEMA     one document; "-" reads standard input
    validate.py --lines FILE SCHEMA each line is a document

Exit status: 0 valid, 1 not valid (the places on stderr), 2 cannot tell, 77 without
python3-jsonschema.
"""
import json
import sys

SHOWN = 20


def documents(path, by_line):
    text = sys.stdin.read() if path == "-" else open(path, encoding="utf-8").read()
    parts = [line for line in text.splitlines() if line] if by_line else [text]
    return [json.loads(part) for part in parts]


def main(arguments):
    by_line = arguments[:1] == ["--lines"]
    names = arguments[1:] if by_line else arguments
    if len(names) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        import jsonschema
    except ImportError:
        print("validate.py: needs python3-jsonschema", file=sys.stderr)
        return 77
    try:
        with open(names[1], encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        found = documents(names[0], by_line)
    except (OSError, ValueError, jsonschema.SchemaError) as error:
        print(f"validate.py: {error}", file=sys.stderr)
        return 2
    validator = jsonschema.Draft202012Validator(schema)
    errors = [error for document in found for error in validator.iter_errors(document)]
    for error in errors[:SHOWN]:
        print(f"{error.json_path}: {error.message[:300]}", file=sys.stderr)
    if not found:
        print("validate.py: no document", file=sys.stderr)
    return 1 if errors or not found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
