"""Access: what every ServiceAccount, and every team, may do with the Kubernetes API, and what nobody should.

Computed from the Roles and bindings as the API server adds them up. What an agent may do must be what the spec
declares; what would let it read secrets, become another or reach beyond its namespace is a finding even where the spec
declares it, unless a waiver says otherwise until a day that has not passed.
"""

from dataclasses import dataclass, replace
from typing import Any

from generator.model import Waiver
from generator.proofs.breaches import Breaches, as_json
from generator.proofs.evidence import Evidence
from generator.proofs.finding import Finding
from generator.proofs.grants import Case, SubjectAccess
from generator.proofs.rbac import Rule
from generator.proofs.waivers import holds, waiver_for


@dataclass(frozen=True, kw_only=True)
class EnvironmentAccess:
    """Everybody who may do something in one environment, and every ServiceAccount that may not."""

    name: str
    namespace: str
    subjects: tuple[SubjectAccess, ...]


@dataclass(frozen=True, kw_only=True)
class AccessReport:
    """Who may do what, in every environment; what should not be, and what of that is waived."""

    environments: tuple[EnvironmentAccess, ...]
    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `access.schema.json` describes it."""
        return {
            "environments": [_environment_json(environment) for environment in self.environments],
            "findings": as_json(self.findings),
            "waived": [
                {
                    "rule": finding.rule,
                    "message": finding.message,
                    "hint": finding.hint,
                    "reason": waiver.reason,
                    "owner": waiver.owner,
                    "until": waiver.until,
                }
                for finding, waiver in self.waived
            ],
        }


def prove(evidence: Evidence) -> AccessReport:
    """Who may do what, and every permission that is missing, undeclared or too much."""
    declared = {environment.name: environment for environment in evidence.fleet.environments}
    cases = [Case.of(declared[compiled.environment], compiled) for compiled in evidence.environments]
    breaches, waived = Breaches(), dict[Waiver, Breaches]()
    for case in cases:
        for breach in case.breaches():
            waiver = waiver_for(evidence, breach.rule, case.name, breach.whose)
            if waiver and holds(waiver, evidence):
                waived.setdefault(waiver, Breaches()).add(case.name, breach)
            else:
                ended = f" (its waiver ended on {waiver.until})" if waiver else ""
                breaches.add(case.name, replace(breach, message=breach.message + ended))
    return AccessReport(
        environments=tuple(
            EnvironmentAccess(name=case.name, namespace=case.namespace, subjects=tuple(case.subjects()))
            for case in cases
        ),
        findings=breaches.findings(),
        waived=tuple(
            (finding, waiver)
            for waiver, found in waived.items()
            for finding in {finding.message: finding for finding in found.findings()}.values()
        ),
    )


# ----------------------------------------------------------------------------------------------------------------- json


def _environment_json(environment: EnvironmentAccess) -> dict[str, Any]:
    return {
        "name": environment.name,
        "namespace": environment.namespace,
        "subjects": [_subject_json(subject) for subject in environment.subjects],
    }


def _subject_json(access: SubjectAccess) -> dict[str, Any]:
    return {
        "kind": access.subject.kind,
        "name": access.subject.name,
        "namespace": access.subject.namespace or None,
        "agent": access.agent,
        "teams": list(access.teams),
        "mountsToken": access.mounts_token,
        "grants": [
            {
                "binding": binding.name,
                "roleKind": binding.role_kind,
                "role": binding.role_name,
                "builtIn": bool(binding.role and binding.role.built_in),
                "namespace": binding.namespace,
                "rules": [_rule_json(rule) for rule in (binding.role.rules if binding.role else ())],
            }
            for binding in access.bindings
        ],
    }


def _rule_json(rule: Rule) -> dict[str, list[str]]:
    return {
        "apiGroups": list(rule.groups),
        "resources": list(rule.resources),
        "verbs": list(rule.verbs),
        "resourceNames": list(rule.names),
        "nonResourceURLs": list(rule.urls),
    }
