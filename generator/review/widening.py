"""What a change lets somebody do or reach: one line a kind."""

from collections.abc import Callable, Iterator, Mapping

from generator import mergekeys
from generator.review import exposure, permissions, pods, reach
from generator.review.objects import Manifest, group_of

_Widening = Callable[[Manifest | None, Manifest | None], Iterator[str]]

_ADMISSION, _RBAC = "admissionregistration.k8s.io", "rbac.authorization.k8s.io"
_GATEWAY, _NETWORKING = "gateway.networking.k8s.io", "networking.k8s.io"

_KINDS: Mapping[tuple[str, str], _Widening] = {
    ("", "Namespace"): permissions.namespace,
    ("", "Pod"): pods.weaker,
    ("", "Service"): exposure.service,
    ("", "ServiceAccount"): permissions.service_account,
    (_ADMISSION, "ValidatingAdmissionPolicy"): permissions.admission,
    (_ADMISSION, "ValidatingAdmissionPolicyBinding"): permissions.admission,
    (_ADMISSION, "ValidatingWebhookConfiguration"): permissions.admission,
    ("argoproj.io", "Application"): permissions.application,
    ("argoproj.io", "AppProject"): permissions.project,
    ("cilium.io", "CiliumClusterwideNetworkPolicy"): reach.cilium_policy,
    ("cilium.io", "CiliumNetworkPolicy"): reach.cilium_policy,
    (_GATEWAY, "GRPCRoute"): exposure.route,
    (_GATEWAY, "HTTPRoute"): exposure.route,
    (_GATEWAY, "TLSRoute"): exposure.route,
    (_NETWORKING, "Ingress"): exposure.ingress,
    (_NETWORKING, "NetworkPolicy"): reach.network_policy,
    (_RBAC, "ClusterRole"): permissions.role,
    (_RBAC, "ClusterRoleBinding"): permissions.binding,
    (_RBAC, "Role"): permissions.role,
    (_RBAC, "RoleBinding"): permissions.binding,
    **dict.fromkeys(mergekeys.POD_TEMPLATES, pods.weaker),
}
_RESTRICTS_PODS = {(_NETWORKING, "NetworkPolicy"), ("cilium.io", "CiliumNetworkPolicy")}


def widens(before: Manifest | None, after: Manifest | None, *, with_its_pods: bool = False) -> Iterator[str]:
    """What an object adds to what somebody may do or reach, in words.

    `with_its_pods` says that everything of its owner goes: a policy that goes with the pods it restricts opens nothing.
    """
    manifest = after or before or {}
    kind = (group_of(manifest), str(manifest.get("kind")))
    if kind in _KINDS and not (after is None and with_its_pods and kind in _RESTRICTS_PODS):
        yield from _KINDS[kind](before, after)
