"""Asks every environment what it fetches and who reads it."""

from generator.proofs.evidence import Evidence
from generator.proofs.findings import Breaches
from generator.proofs.secrets import faults
from generator.proofs.secrets.fetched import Case, root_of
from generator.proofs.secrets.report import EnvironmentSecrets, SecretsReport


def prove(evidence: Evidence) -> SecretsReport:
    """Which keys must exist and who reads them, and every secret that is missing, misplaced or stale."""
    declared = {environment.name: environment for environment in evidence.fleet.environments}
    cases = [Case.of(declared[compiled.environment], compiled) for compiled in evidence.environments]
    roots = {environment.name: root_of(environment) for environment in evidence.fleet.environments}
    breaches = Breaches()
    for case in cases:
        for breach in faults.breaches(case, roots):
            breaches.add(case.name, breach)
    reports = tuple(EnvironmentSecrets(name=c.name, namespace=c.namespace, keys=tuple(c.keys())) for c in cases)
    return SecretsReport(environments=reports, findings=breaches.findings())
