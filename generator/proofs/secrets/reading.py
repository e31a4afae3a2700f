"""What pods read: each variable that the spec gives them, from the Secret that it means, and nothing else."""

from collections.abc import Iterator, Mapping

from generator.model import Agent
from generator.proofs.findings import Breach
from generator.proofs.references import SecretUse, containers
from generator.proofs.secrets import restated
from generator.proofs.secrets.fetched import RELOAD, Case, Reader
from generator.proofs.secrets.sources import paths


def breaches(case: Case) -> Iterator[Breach]:
    agents = {agent.name: agent for agent in case.environment.agents}
    for reader in case.readers:
        agent = agents.get(reader.owner)
        meant = restated.variables(agent) if agent else {}
        yield from _given(case, reader, meant)
        for use in reader.uses:
            yield from _read(case, reader, use, agent, meant)
        yield from _stale(case, reader)


def _given(case: Case, reader: Reader, meant: Mapping[str, tuple[str, str]]) -> Iterator[Breach]:
    read = {use.name: use for use in reader.uses if use.form == "variable"}
    for name, (_, key) in meant.items():
        if name not in read:
            message = f"{reader.what} has no variable {name}, as which the spec gives it {key}"
        elif read[name].optional:
            message = f"{reader.what} would start without {name}, which is optional there"
        else:
            continue
        hint = "give each pod every secret that the spec gives its agent"
        yield Breach(rule="secret-not-given", paths=paths(case, reader.owner), message=message, hint=hint)
    for container in containers(reader.pod):
        for variable in container.get("env", ()):
            if variable["name"] in meant and "secretKeyRef" not in variable.get("valueFrom", ()):
                message = f"{reader.what} has something else than a Secret's value as {variable['name']}"
                yield _wrong(case, reader, message)


def _read(
    case: Case, reader: Reader, use: SecretUse, agent: Agent | None, meant: Mapping[str, tuple[str, str]]
) -> Iterator[Breach]:
    what = f"{use.key or 'all'} of the Secret {use.secret}"
    if use.form == "image" and agent and use.secret == agent.image_pull_secret:
        return  # a person makes it
    if use.form != "variable" or use.name not in meant:
        yield Breach(
            rule="undeclared-secret",
            paths=paths(case, reader.owner),
            message=f"{reader.what} reads {what} ({use.form} {use.name}), which the spec does not give it",
            hint="name it under `secrets`, or report a bug",
        )
    elif (use.secret, use.key) != meant[use.name]:
        secret, key = meant[use.name]
        yield _wrong(case, reader, f"{reader.what} has {what} as {use.name}, and the spec means {key} of {secret}")
    elif use.secret not in case.made or use.key not in case.made[use.secret]:
        lacking = "nothing makes" if use.secret not in case.made else "nothing puts there"
        yield Breach(
            rule="secret-missing",
            paths=paths(case, reader.owner),
            message=f"{reader.what} reads {what} ({use.form} {use.name}), which {lacking}",
            hint="fetch it by an ExternalSecret",
        )


def _wrong(case: Case, reader: Reader, message: str) -> Breach:
    hint = "give each variable the secret of its name"
    return Breach(rule="wrong-secret", paths=paths(case, reader.owner), message=message, hint=hint)


def _stale(case: Case, reader: Reader) -> Iterator[Breach]:
    stale = dict.fromkeys(use.secret for use in reader.uses if reader.on_rotation(use) == "nothing")
    for secret in stale:
        message = f"{reader.what} does not see a new value of the Secret {secret}: nothing restarts it"
        yield Breach(
            rule="rotation-ignored",
            paths=paths(case, reader.owner),
            message=message,
            hint=f"name the Secret in its annotation {RELOAD}",
        )
    for secret in dict.fromkeys(reader.reloads):
        if secret not in {use.secret for use in reader.uses}:
            message = f"{reader.what} is restarted for the Secret {secret}, which it does not read"
            yield Breach(
                rule="needless-restart",
                paths=paths(case, reader.owner),
                message=message,
                hint=f"take it out of its annotation {RELOAD}",
            )
