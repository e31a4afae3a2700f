"""What the access proof has worked out: who may do what, findings, and what of those is waived."""

from dataclasses import dataclass
from typing import Any

from generator.proofs.access.case import SubjectAccess
from generator.proofs.access.rbac import Rule
from generator.proofs.findings import Finding
from generator.proofs.waivers import Waived


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
    waived: tuple[Waived, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `report.schema.json` describes it, but for the findings."""
        return {
            "environments": [_environment_json(environment) for environment in self.environments],
            "waived": [waived.as_json() for waived in self.waived],
        }


# ----------------------------------------------------------------------------------------------------------------- JSON


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
