"""The annotations that tie a ServiceAccount to a cloud identity."""

from generator.model import Platform

AWS_ROLE = "eks.amazonaws.com/role-arn"
AZURE_CLIENT = "azure.workload.identity/client-id"
GOOGLE_ACCOUNT = "iam.gke.io/gcp-service-account"

# Clusters on premises have no identities of their own.
OF_PLATFORM = {Platform.EKS: AWS_ROLE, Platform.AKS: AZURE_CLIENT, Platform.GKE: GOOGLE_ACCOUNT}
# A store is read as an identity of its provider, wherever the cluster runs.
OF_STORE = {"aws": AWS_ROLE, "azure": AZURE_CLIENT, "gcp": GOOGLE_ACCOUNT}
