"""How each platform ties a ServiceAccount to a cloud identity. Clusters on premises have none."""

from generator.model import Platform

_ANNOTATIONS = {
    Platform.EKS: "eks.amazonaws.com/role-arn",
    Platform.GKE: "iam.gke.io/gcp-service-account",
    Platform.AKS: "azure.workload.identity/client-id",
}


def annotations(platform: Platform, identity: str | None) -> dict[str, str]:
    """The annotations of a ServiceAccount that acts as `identity`; none where there is no identity to act as."""
    key = _ANNOTATIONS.get(platform)
    return {key: identity} if key and identity else {}
