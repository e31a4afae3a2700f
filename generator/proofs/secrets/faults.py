"""What is wrong with an environment's secrets, in the order of their way: the store, what is fetched, who reads it."""

from collections.abc import Iterator, Mapping

from generator.proofs.findings import Breach
from generator.proofs.secrets import reading, restated, sources, stores
from generator.proofs.secrets.fetched import Case


def breaches(case: Case, roots: Mapping[str, str]) -> Iterator[Breach]:
    yield from stores.breaches(case)
    yield from sources.breaches(case, roots, restated.scopes(case.environment))
    yield from reading.breaches(case)
    yield from _in_repository(case)


def _in_repository(case: Case) -> Iterator[Breach]:
    for owner, manifest in case.in_repository:
        if manifest.get("data") or manifest.get("stringData"):
            yield Breach(
                rule="secret-in-repository",
                paths=sources.paths(case, owner),
                message=f"Secret {manifest['metadata']['name']} stands in the repository with its values",
                hint="let an ExternalSecret fetch it",
            )
