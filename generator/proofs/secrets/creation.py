"""A shell script that creates the remote keys that are missing. It holds no value, and never runs from here.

It looks first which keys are missing, by the one answer of a provider that says "not found"; any other stops it before
it has written. Values go to a provider's program through a pipe: others can read a command line and an environment.

Sources, read in November 2026. Calls: https://docs.aws.amazon.com/cli/latest/reference/secretsmanager/create-secret.html
and .../ssm/put-parameter.html (both fail on what exists, the latter without --overwrite), awscli/paramfile.py (file://
opens any path, as text), https://cloud.google.com/sdk/gcloud/reference/secrets/create (fails on what exists; `-` is
standard input), https://learn.microsoft.com/cli/azure/keyvault/secret and process_secret_set_namespace in azure-cli's
command_modules/keyvault/_validators.py (`set` adds a version to what exists; opens any path, as text),
https://developer.hashicorp.com/vault/docs/commands/kv/put (-cas=0 fails on what exists; `key=-` is standard input).
"Not found" of Vault: command/kv_metadata_get.go, which exits with 2 for every other failure too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.proofs.findings import joined
from generator.proofs.secrets.fetched import RemoteKey
from generator.proofs.secrets.report import SecretsReport


@dataclass(frozen=True, kw_only=True)
class Program:
    """A provider's command line. It gets what `_call` makes of a key as $1, $2 and so on; the key itself is $3."""

    describe: str  # succeeds if the key is there; needs no right to read the value where the provider has such a call
    absent: str  # what it says on standard error if the key is not there, as a shell pattern
    create: str  # takes the value from standard input and fails if the key is there


PROGRAMS = {
    "secretsmanager": Program(
        describe='aws secretsmanager describe-secret --region "$2" --secret-id "$3"',
        absent="*'(ResourceNotFoundException)'*",
        create="exec env AWS_CLI_FILE_ENCODING=UTF-8 aws secretsmanager create-secret"
        ' --region "$2" --name "$3" \\\n        --secret-string file:///dev/stdin',
    ),
    "parameterstore": Program(
        describe='aws ssm get-parameter --region "$2" --name "$3"',  # encrypted, and thrown away
        absent="*'(ParameterNotFound)'*",
        create="exec env AWS_CLI_FILE_ENCODING=UTF-8 aws ssm put-parameter"
        ' --region "$2" --name "$3" --type SecureString \\\n        --value file:///dev/stdin',
    ),
    "azure": Program(
        describe='az keyvault secret show --vault-name "$2" --name "$3" --output none',
        absent="*'(SecretNotFound)'*",
        # Without `--output none` it prints the value.
        create='exec az keyvault secret set --vault-name "$2" --name "$3" --output none'
        " --file /dev/stdin --encoding utf-8",
    ),
    "gcp": Program(
        # Without `--quiet` it may ask, of standard input, whether to turn an API on.
        describe='gcloud secrets describe "$3" --project="$2" --quiet',
        absent="*'NOT_FOUND: Secret ['*",
        create='exec gcloud secrets create "$3" --project="$2" --replication-policy=automatic --data-file=- --quiet',
    ),
    "vault": Program(
        describe='VAULT_ADDR="$2" vault kv metadata get -mount="$4" "$3"',
        absent="*'No value found at '*",
        create='exec env VAULT_ADDR="$2" vault kv put -mount="$4" -cas=0 "$3" "$5=-"',
    ),
}

HEAD = """\
#!/bin/sh
# Creates what is missing of the secrets of {environments}. Written by `kustodian secrets --format script`.
#
#   sh create.sh                  asks on the terminal for each value that is missing, and does not show it
#   VALUES_DIR=DIR sh create.sh   takes the value of a key from the file DIR/KEY, where there is one, byte for byte
#
# A value of several lines, or of 1,000 characters and more, needs a file. First the script looks which keys are there;
# an answer that is neither yes nor no stops it before anything is written. What is there stays as it is.{caveat}
# Values are on no command line and in no environment. After a stop, run it again: it goes on with what is missing."""

AZURE_CAVEAT = """
# But Key Vault cannot create only: where someone else creates a key in the second after the script has looked again,
# the script's value becomes a newer version of it."""

START = """\
set -eu
unset value # were it exported, every program would get it
settings='' # the terminal's, while it does not show what is typed
absent=' '  # the numbers of the keys that are missing
pass='' number=0 there=0 missing=0 asked=0 created=0

stop() {
  printf '%s: %s\\n' "${0##*/}" "$1" >&2
  exit "${2:-1}"
}

show_typing() {
  if [ -n "$settings" ]; then
    { stty "$settings" </dev/tty && printf '\\n' >/dev/tty; } 2>/dev/null || :
    settings=''
  fi
}

finish() {
  code=$?
  trap '' HUP INT QUIT TERM
  show_typing
  if [ "$code" -ne 0 ] && [ "$pass" = create ]; then
    echo "Stopped. Created: $created of $missing that were missing. Run it again to go on." >&2
  elif [ "$code" -ne 0 ]; then
    echo "Stopped. Nothing was written." >&2
  fi
  exit "$code"
}

# Throws away what was typed or pasted and not asked for, and says in `more` whether there was any.
drain() {
  more=''
  stty -icanon min 0 time 2 </dev/tty
  while [ "$(dd bs=1024 count=1 2>/dev/null </dev/tty | wc -c)" -gt 0 ]; do
    more=yes
  done
  stty icanon </dev/tty
}

# Asks until there is a value of one line, short enough that no terminal has cut it.
ask() {
  while :; do
    settings=$(stty -g </dev/tty)
    stty -echo </dev/tty
    drain
    printf '%s: ' "$1" >/dev/tty
    IFS= read -r value </dev/tty || stop "no value was given for $1"
    drain
    show_typing
    if [ -n "$more" ]; then
      echo "That was more than one line. Ctrl-C, put the value in a file, and see VALUES_DIR." >/dev/tty
    elif [ -z "$value" ]; then
      echo "A value cannot be empty." >/dev/tty
    elif [ "${#value}" -ge 1000 ]; then
      echo "The terminal may have cut a line that long. Ctrl-C, put the value in a file, and see VALUES_DIR." >/dev/tty
    else
      return 0
    fi
  done
}"""

# `exec` where keys are created: Ctrl-C then waits for the end of the provider's program, not of a shell around it.
LOOK = """\
# Whether a key is there. Anything else that a provider says stops the script.
is_there() {
  status=0
  said=$(describe "$@" 2>&1 >/dev/null </dev/null) || status=$?
  if [ "$status" -eq 0 ]; then
    return 0
  fi
  case $1:$said in
$absent
  esac
  printf '%s\\n' "$said" >&2
  stop "cannot tell whether $3 is there" "$status"
}

# The file that holds a key's value, if there is one.
find_file() {
  file=${VALUES_DIR:+$VALUES_DIR/${1#/}}
  if [ -n "$file" ] && [ ! -e "$file" ]; then
    file=''
  fi
}

look() {
  if is_there "$@"; then
    there=$((there + 1))
    printf 'there    %s\\n' "$3"
    return 0
  fi
  missing=$((missing + 1))
  absent="$absent$number "
  printf 'missing  %s\\n' "$3"
  find_file "$3"
  if [ -z "$file" ]; then
    asked=$((asked + 1))
  elif [ ! -f "$file" ] || [ ! -r "$file" ] || [ ! -s "$file" ]; then
    stop "$file is not a file that can be read, or is empty"
  fi
}"""

MAKE = """\
make() {
  find_file "$3"
  if [ -z "$file" ]; then
    ask "$3"
  fi$again
  status=0
  if [ -n "$file" ]; then
    (create "$@") <"$file" >/dev/null || status=$?
  else
    printf %s "$value" | (create "$@") >/dev/null || status=$?
    value=''
  fi
  if [ "$status" -ne 0 ]; then
    stop "$3 was not created" "$status"
  fi
  created=$((created + 1))
  printf 'created  %s\\n' "$3"
}

key() {
  number=$((number + 1))
  case $pass$absent in
    look*) look "$@" ;;
    create*" $number "*) make "$@" ;;
  esac
}"""

AGAIN = """
  if [ "$1" = azure ] && is_there "$@"; then
    stop "$3 is there by now, and was left as it is"
  fi"""

RUN = """\
case $- in *x*) stop "tracing (-x) would print the values" 2 ;; esac
case $(command -v printf) in */*) stop "this shell would put values on a command line; use dash or bash" 2 ;; esac
if [ "$#" -gt 0 ]; then
  stop "takes no arguments; for one environment: kustodian secrets --environment NAME --format script" 2
fi
if [ -n "${VALUES_DIR:-}" ] && [ ! -d "$VALUES_DIR" ]; then
  stop "VALUES_DIR is no folder: $VALUES_DIR" 2
fi

trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 131' QUIT
trap 'exit 143' TERM

pass=look
keys
if [ "$asked" -gt 0 ] && ! (exec </dev/tty) 2>/dev/null; then
  stop "values to ask for: $asked; this needs a terminal, or files of them in VALUES_DIR"
fi
pass=create number=0
keys
echo "Created: $created. There before: $there.\""""


def script(report: SecretsReport) -> Iterator[str]:
    """The script, line by line; nothing where no key is a person's to create."""
    calls: dict[tuple[str, ...], str] = {}  # each with the first environment that needs it
    by_hand: dict[str, None] = {}
    for environment in report.environments:
        for key in environment.keys:
            call = _call(key)
            if call:
                calls.setdefault(call, environment.name)
            elif key.store and key.store.provider != "fake":
                by_hand[f"Create by hand, in {key.store.provider}: {key.key}"] = None
    if calls:
        yield from _creating(calls)
    yield from (f"echo {_quoted(line)}" for line in by_hand)


def _creating(calls: dict[tuple[str, ...], str]) -> Iterator[str]:
    environments = list(dict.fromkeys(calls.values()))
    used = [name for name in PROGRAMS if any(call[0] == name for call in calls)]
    caveat, again = (AZURE_CAVEAT, AGAIN) if "azure" in used else ("", "")
    yield from HEAD.format(environments=joined(environments), caveat=caveat).splitlines()
    yield from START.splitlines()
    yield ""
    yield from _cases("describe", [(name, PROGRAMS[name].describe) for name in used])
    yield ""
    yield from _cases("create", [(name, PROGRAMS[name].create) for name in used])
    yield ""
    absent = "\n".join(f"    {name}:{PROGRAMS[name].absent}) return 1 ;;" for name in used)
    yield from LOOK.replace("$absent\n  esac", f"{absent}\n  esac").splitlines()
    yield ""
    yield from MAKE.replace("$again", again).splitlines()
    yield ""
    yield "keys() {"
    for environment in environments:
        yield f"  # {environment}"
        yield from (
            f"  key {call[0]} {' '.join(map(_quoted, call[1:]))}" for call in calls if calls[call] == environment
        )
    yield "}"
    yield ""
    yield from RUN.splitlines()


def _cases(function: str, commands: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield f"{function}() {{"
    yield "  case $1 in"
    for name, command in commands:
        yield from f"    {name})\n      {command}\n      ;;".splitlines()
    yield "  esac"
    yield "}"


def _call(key: RemoteKey) -> tuple[str, ...]:
    """What the script is told of a key: program, place, key, and more for Vault; nothing where it can do nothing."""
    if not key.store:
        return ()
    settings = key.store.settings
    match key.store.provider:
        case "aws":
            service = "parameterstore" if settings.get("service") == "ParameterStore" else "secretsmanager"
            return service, settings["region"], key.key
        case "azurekv":
            return "azure", urlsplit(settings["vaultUrl"]).netloc.partition(".")[0], key.key
        case "gcpsm":
            return "gcp", settings["projectID"], key.key
        case "vault":
            return "vault", settings["server"], key.key, settings["path"], key.property or "value"
        case _:
            return ()


def _quoted(word: str) -> str:
    """In single quotes, for every shell."""
    return "'" + word.replace("'", "'\\''") + "'"
