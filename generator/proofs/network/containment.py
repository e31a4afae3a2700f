"""Holds pods against what keeps them within the policies' reach: Pod Security `restricted`, restated, and its label.

Whoever is on the node's network is beyond every NetworkPolicy, and so is whoever can get there: as root, privileged,
through the node's files or its processes. So the whole of the standard stands here.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ (1.37)
"""

from collections.abc import Iterator

from generator.compiled import Compiled
from generator.model import Environment
from generator.proofs import references
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach, joined
from generator.proofs.network.declared import SERVICE
from generator.proofs.network.scene import run_of
from generator.proofs.places import of_agent, of_environment

_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"),
}
_PROFILES = ("RuntimeDefault", "Localhost")
_SELINUX = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_SYSCTLS = {
    *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"),
    *("net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports"),
    *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
    *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
}
_LABEL = "pod-security.kubernetes.io/enforce"


def breaches(compiled: Compiled, environment: Environment) -> Iterator[Breach]:
    """Pods that are, or could get, outside the policies, and a namespace that would let them."""
    for owner, manifest in compiled.of_kind(*references.WORKLOADS):
        template = references.template_of(manifest)
        assert template, manifest["kind"]
        run = run_of(owner, manifest)
        path = of_agent(owner, compiled.environment, *(() if run == SERVICE else ("jobs", run)))
        name = f"{manifest['kind']} {manifest['metadata']['name']}"
        outside, loose = list(_on_the_node(template["spec"])), list(_loose(template["spec"]))
        if outside:
            message = f"{name} has {joined(outside)}, where no NetworkPolicy applies"
            yield Breach(rule="outside-policies", paths=(path,), message=message, hint="report a bug")
        if loose:
            message = f"{name} has {joined(loose)}, which Pod Security 'restricted' forbids"
            yield Breach(rule="not-restricted", paths=(path,), message=message, hint="report a bug")
    yield from _unguarded(compiled, environment)


def _unguarded(compiled: Compiled, environment: Environment) -> Iterator[Breach]:
    wanted = {_LABEL: "restricted", f"{_LABEL}-version": f"v{environment.namespace.kubernetes.version}"}
    spaces = [manifest["metadata"] for _, manifest in compiled.of_kind("Namespace")]
    labels = spaces[0].get("labels", {}) if spaces else {}
    for key, value in wanted.items():
        if labels.get(key) != value:
            message = f"the namespace {compiled.namespace} has {key}={labels.get(key, '')}, where {value} is meant"
            path = of_environment(compiled.environment)
            yield Breach(rule="not-restricted", paths=(path,), message=message, hint="report a bug")


def _on_the_node(pod: Manifest) -> Iterator[str]:
    if pod.get("hostNetwork"):
        yield "hostNetwork"
    ports = (port for container in references.containers(pod) for port in container.get("ports", ()))
    yield from (f"hostPort {port['hostPort']}" for port in ports if port.get("hostPort"))


def _loose(pod: Manifest) -> Iterator[str]:
    """Every field of a pod that the standard forbids, or misses."""
    of_pod = pod.get("securityContext") or {}
    yield from (key for key in ("hostPID", "hostIPC") if pod.get(key))
    for volume in pod.get("volumes", ()):
        yield from (f"a volume of the kind {kind}" for kind in sorted(volume.keys() - {"name"} - _VOLUMES))
    yield from _of_either(of_pod)
    yield from (f"the sysctl {one['name']}" for one in of_pod.get("sysctls", ()) if one["name"] not in _SYSCTLS)
    for container in references.containers(pod):
        own = container.get("securityContext") or {}
        yield from _of_either(own)
        yield from _of_container(own, of_pod | own)
        yield from _elsewhere(container)


def _of_either(context: Manifest) -> Iterator[str]:
    """What neither a pod nor a container may have."""
    if context.get("runAsUser") == 0:
        yield "runAsUser 0"
    if context.get("runAsNonRoot") is False:
        yield "runAsNonRoot false"
    for key in ("seccompProfile", "appArmorProfile"):
        kind = (context.get(key) or {}).get("type", _PROFILES[0])
        if kind not in _PROFILES:
            yield f"{key} {kind}"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in _SELINUX or selinux.get("user") or selinux.get("role"):
        yield "seLinuxOptions of its own"
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield "hostProcess"


def _of_container(own: Manifest, context: Manifest) -> Iterator[str]:
    """What a container must have, some of it from its pod, and may not have."""
    if context.get("runAsNonRoot") is None:
        yield "no runAsNonRoot"
    if not context.get("seccompProfile"):
        yield "no seccompProfile"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if own.get("privileged"):
        yield "privileged"
    if own.get("procMount", "Default") != "Default":
        yield f"procMount {own['procMount']}"
    capabilities = own.get("capabilities") or {}
    if "ALL" not in capabilities.get("drop", ()):
        yield "capabilities that are not dropped"
    added = [name for name in capabilities.get("add", ()) if name != "NET_BIND_SERVICE"]
    if added:
        yield f"the capabilities {', '.join(added)}"


def _elsewhere(container: Manifest) -> Iterator[str]:
    """Probes and hooks of another host than the pod, which the kubelet would reach for it."""
    handlers = [container.get(f"{kind}Probe") or {} for kind in ("startup", "readiness", "liveness")]
    handlers += [handler or {} for handler in (container.get("lifecycle") or {}).values() if isinstance(handler, dict)]
    for handler in handlers:
        for kind in ("httpGet", "tcpSocket"):
            if (handler.get(kind) or {}).get("host"):
                yield f"a probe of the host {handler[kind]['host']}"
