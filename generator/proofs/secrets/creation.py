"""The commands that create remote keys, by provider: each asks for its value, and none holds one.

What is there already is left as it is. Values go through a pipe: on a command line, every process of the machine could
read them. Sources, read in November 2026:
https://docs.aws.amazon.com/cli/latest/reference/secretsmanager/create-secret.html and .../ssm/put-parameter.html,
https://learn.microsoft.com/cli/azure/keyvault/secret and process_secret_set_namespace in azure-cli's
command_modules/keyvault/_validators.py, https://cloud.google.com/sdk/gcloud/reference/secrets/create,
https://developer.hashicorp.com/vault/docs/commands/kv/put
"""

from collections.abc import Iterator
from shlex import quote
from urllib.parse import urlsplit

from generator.proofs.secrets.fetched import RemoteKey, Store
from generator.proofs.secrets.report import SecretsReport

# `read` of a pipe would take the script's own text: values come from the terminal, whatever standard input is.
ASK = """\
# Asks for each value that is missing, and stores it; what is there already stays as it is.
# For a value of several lines, such as a private key, put `cat FILE` in the place of `ask NAME`.
ask() {
  trap 'stty echo </dev/tty; exit 1' INT
  printf '%s: ' "$1" >/dev/tty
  stty -echo </dev/tty
  IFS= read -r value </dev/tty
  stty echo </dev/tty
  echo >/dev/tty
  printf %s "$value"
}"""


def script(report: SecretsReport) -> Iterator[str]:
    """A shell script, line by line, that creates every key that a person has to create."""
    asked = False
    created: set[tuple[str, frozenset[tuple[str, str]], str]] = set()
    for environment in report.environments:
        lines = []
        for key in environment.keys:
            if not key.store:
                continue
            place = (key.store.provider, frozenset(key.store.settings.items()), key.key)
            if place not in created:
                created.add(place)
                lines.append(command(key.store, key))
        known = [line for line in lines if line]
        if known and not asked:
            asked = True
            yield "#!/bin/sh"
            yield from ASK.splitlines()
        if known:
            yield ""
            yield f"# {environment.name}"
            yield from known


def command(store: Store, key: RemoteKey) -> str:
    """The command that creates one key, or a remark where it is not known; empty where there is nothing to create."""
    name, settings = quote(key.key), {setting: quote(value) for setting, value in store.settings.items()}
    match store.provider:
        case "aws" if settings.get("service") == "ParameterStore":
            to = f"aws ssm put-parameter --region {settings['region']} --name {name} --type SecureString"
            return f"ask {name} | {to} --value file:///dev/stdin"
        case "aws":
            to = f"aws secretsmanager create-secret --region {settings['region']} --name {name}"
            return f"ask {name} | {to} --secret-string file:///dev/stdin"
        case "azurekv":
            vault = quote(urlsplit(store.settings["vaultUrl"]).netloc.partition(".")[0])
            secret = f"--vault-name {vault} --name {name}"
            # `set` would add a version to a secret that is there; without `--output none` it prints the value.
            there = f"az keyvault secret show {secret} --output none 2>/dev/null"
            return f"{there} || ask {name} | az keyvault secret set {secret} --file /dev/stdin --output none"
        case "gcpsm":
            to = f"gcloud secrets create {name} --project={settings['projectID']} --replication-policy=automatic"
            return f"ask {name} | {to} --data-file=-"
        case "vault":
            # Without -cas=0 it would replace a value that is there.
            to = f"VAULT_ADDR={settings['server']} vault kv put -mount={settings['path']} -cas=0 {name}"
            return f"ask {name} | {to} {quote(key.property or 'value')}=-"
        case "fake":
            return ""
        case _:
            return f"# {store.provider}: create {name} there"
