"""Which cloud identity each account has: exactly the one that the spec declares for it, or none.

Restated here and not shared with the builders. What the identity may do is the cloud's to say, and what ties identities
to accounts from there (EKS Pod Identity, a trust policy) is in no object.
"""

from collections.abc import Iterator

from generator import names
from generator.model import Platform
from generator.proofs.access.case import Case
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.places import Path, of_agent, of_environment

# The clouds' webhooks, agents and older stand-ins read labels and annotations of these domains, or of this name.
_DOMAINS = ("eks.amazonaws.com", "azure.workload.identity", "iam.gke.io", "iam.amazonaws.com")
_AAD_POD_IDENTITY = "aadpodidbinding"

_AWS, _AZURE, _GOOGLE = (
    "annotation eks.amazonaws.com/role-arn",
    "annotation azure.workload.identity/client-id",
    "annotation iam.gke.io/gcp-service-account",
)
_OF_PLATFORM = {Platform.EKS: _AWS, Platform.AKS: _AZURE, Platform.GKE: _GOOGLE}
_OF_PROVIDER = {"aws": _AWS, "azure": _AZURE, "gcp": _GOOGLE}
_ON_AZURE_PODS = {"label azure.workload.identity/use": "true"}  # its webhook looks at pods


def breaches(case: Case) -> Iterator[Breach]:
    for subject, manifest in case.accounts.items():
        declared, paths = _declared(case, subject.name)
        what = f"ServiceAccount {subject.name}"
        yield from _differences(what, _found(manifest["metadata"]), declared, paths)
    for workload in case.workloads:
        agent = case.agents.get(workload.owner)
        on_azure = agent and agent.identity and agent.kubernetes.platform is Platform.AKS
        found, paths = _found(workload.template.get("metadata", {})), case.paths(workload.owner, "identity")
        yield from _differences(f"a pod of {workload}", found, _ON_AZURE_PODS if on_azure else {}, paths)


def _declared(case: Case, account: str) -> tuple[dict[str, str], tuple[Path, ...]]:
    """What the spec gives the account, and where it does or would."""
    agent = case.agents.get(account)
    if agent:
        paths: tuple[Path, ...] = (of_agent(agent.name, case.name, "identity"),)
        return _entry(_OF_PLATFORM.get(agent.kubernetes.platform), agent.identity), paths
    namespace = case.environment.namespace
    paths = (of_environment(case.name, "secretStore", "identity"), ("secretStore", "identity"))
    if account == names.SECRET_STORE:
        return _entry(_OF_PROVIDER.get(namespace.store.provider), namespace.store_identity), paths
    return {}, case.own


def _entry(key: str | None, identity: str | None) -> dict[str, str]:
    return {key: identity} if key and identity else {}


def _found(metadata: Manifest) -> dict[str, str]:
    return {
        f"{kind} {key}": value
        for kind in ("annotation", "label")
        for key, value in metadata.get(f"{kind}s", {}).items()
        if key.partition("/")[0] in _DOMAINS or key == _AAD_POD_IDENTITY
    }


def _differences(
    what: str, found: dict[str, str], declared: dict[str, str], paths: tuple[Path, ...]
) -> Iterator[Breach]:
    hint = "each account has the identity that is declared for it, and no other"
    for key in dict.fromkeys([*found, *declared]):
        has, says = found.get(key), declared.get(key)
        if has != says:
            message = f"{what} has " + (f"the {key}: {has}" if has else f"no {key}")
            message += f", and the spec declares {says or 'none'}"
            yield Breach(rule="identity-differs", paths=paths, message=message, hint=hint)
