"""Stands in for aws, az, gcloud and vault in tests: copied under each name, it plays the store in the folder above it.

It writes down how it was called, with what environment and what value. `there` lists the keys that the store has; a
file `look-KEY` or `create-KEY` beside it says how that call goes wrong: the exit code, then the words.
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
FROM_STDIN = {"file:///dev/stdin", "/dev/stdin", "--data-file=-", "value=-"}

STORE = Path(__file__).parent.parent


def main() -> None:
    arguments = sys.argv[1:]
    key = next(word for word in arguments if "a-key" in word or "b-key" in word)
    short = "a-key" if "a-key" in key else "b-key"
    there = (STORE / "there").read_text().splitlines()
    creates = not FROM_STDIN.isdisjoint(arguments)
    call = {"arguments": [Path(__file__).name, *arguments], "environment": dict(os.environ)}
    with (STORE / "calls").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    _go_wrong(STORE / f"{'create' if creates else 'look'}-{short}")
    value = Path("/dev/stdin").read_bytes()
    if creates:
        (STORE / f"value-{short}").write_bytes(value)
        (STORE / "there").write_text("\n".join([*there, key]))
        sys.stdout.write(f"{key} is now {value!r}\n")
    elif key not in there:
        _fail(*NOT_FOUND[arguments[0]])
    else:
        sys.stdout.write(f"{key} is s3cr3t\n")


def _go_wrong(wrong: Path) -> None:
    if not wrong.exists():
        return
    code, _, words = wrong.read_text().partition(" ")
    if code == "wait":  # and catch Ctrl-C, as these programs do
        signal.signal(signal.SIGINT, lambda *_: _clean_up(int(words)))
        (STORE / "busy").write_text(f"{os.getpid()}\n")
        time.sleep(30)
    _fail(int(code), words)


def _clean_up(code: int) -> NoReturn:
    time.sleep(0.3)
    (STORE / "cleaned").touch()
    _fail(code, "interrupted")


def _fail(code: int, words: str) -> NoReturn:
    sys.stderr.write(f"{words}\n")
    sys.exit(code)


main()
