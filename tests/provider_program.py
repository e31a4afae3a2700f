"""Stands in for aws, az, gcloud and vault in tests: copied under each name, it plays the store in the folder above it.

It writes down how it was called, with what environment and what value. `there` lists the keys that the store has; a
file named `look` or `create` beside it says how that call goes wrong: the exit code, then the words.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

NOT_FOUND = {
    "secretsmanager": (
        254,
        "\nAn error occurred (ResourceNotFoundException) when calling the DescribeSecret operation: x",
    ),
    "ssm": (254, "\nAn error occurred (ParameterNotFound) when calling the GetParameter operation: "),
    "keyvault": (3, "ERROR: (SecretNotFound) A secret with (name/id) x was not found in this key vault.\nCode: x"),
    "secrets": (1, "ERROR: (gcloud.secrets.describe) NOT_FOUND: Secret [projects/1/secrets/x] not found."),
    "kv": (2, "No value found at secret/metadata/x"),
}
FROM_STDIN = {"file:///dev/stdin": "/dev/stdin", "/dev/stdin": "/dev/stdin", "--data-file=-": 0, "value=-": 0}

STORE = Path(__file__).parent.parent


def main() -> None:
    arguments = sys.argv[1:]
    key = next(word for word in arguments if "a-key" in word or "b-key" in word)
    there = (STORE / "there").read_text().splitlines()
    source = next((FROM_STDIN[word] for word in arguments if word in FROM_STDIN), None)
    call = {"arguments": [Path(__file__).name, *arguments], "environment": dict(os.environ)}
    with (STORE / "calls").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    _go_wrong("look" if source is None else "create", key)
    if source is None:
        if key not in there:
            _fail(*NOT_FOUND[arguments[0]])
        print("what is in the store")
        return
    with open(source, "rb") as value:
        (STORE / f"value-{key.rpartition('-')[0][-1]}").write_bytes(value.read())
    (STORE / "there").write_text("\n".join([*there, key]))
    print("created, and this says which value")


def _go_wrong(step: str, key: str) -> None:
    wrong = STORE / step
    if not wrong.exists() or "b-key" not in key:
        return
    code, _, words = wrong.read_text().partition(" ")
    if code == "wait":  # and catch Ctrl-C, as these programs do
        signal.signal(signal.SIGINT, lambda *_: _fail(int(words), "interrupted"))
        print("busy", file=sys.stderr, flush=True)
        time.sleep(30)
    _fail(int(code), words)


def _fail(code: int, words: str) -> NoReturn:
    print(words, file=sys.stderr)
    sys.exit(code)


main()
