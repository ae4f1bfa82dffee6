"""Seeds for the targets `messages` and `loose`: the texts that captures hold, one file each in `corpus/<target>/`."""

import hashlib
import json
import pathlib

HERE = pathlib.Path(__file__).parent
LONGEST = 8192


def texts(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "stringValue" and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from texts(item)


found = set()
for file in (HERE.parent / "crates/genai/testdata").glob("*/*.json"):
    found.update(text for text in texts(json.loads(file.read_text())) if len(text) <= LONGEST)
for target in ("messages", "loose"):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for text in found:
        (folder / hashlib.sha1(text.encode()).hexdigest()).write_text(text)
print(len(found), "texts")
