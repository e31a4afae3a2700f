"""Asks every environment who may do what, and lets a waiver stand for what is too much."""

from collections.abc import Iterator

from generator.proofs.access import accounts, grants, identities, labels
from generator.proofs.access.case import Case
from generator.proofs.access.report import AccessReport, EnvironmentAccess
from generator.proofs.evidence import Evidence
from generator.proofs.findings import Breach
from generator.proofs.waivers import judged


def prove(evidence: Evidence) -> AccessReport:
    """Who may do what, and every permission that is missing, undeclared or too much."""
    declared = {environment.name: environment for environment in evidence.fleet.environments}
    cases = [Case.of(declared[compiled.environment], compiled) for compiled in evidence.environments]
    findings, waived = judged(((case.name, breach) for case in cases for breach in _breaches(case)), evidence)
    environments = tuple(
        EnvironmentAccess(name=case.name, namespace=case.namespace, subjects=tuple(case.subjects())) for case in cases
    )
    return AccessReport(environments=environments, findings=findings, waived=waived)


def _breaches(case: Case) -> Iterator[Breach]:
    yield from grants.breaches(case)
    yield from accounts.breaches(case)
    yield from identities.breaches(case)
    yield from labels.breaches(case.environment, case.compiled)
