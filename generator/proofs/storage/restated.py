"""Holds claims and mounts against the volumes that the spec declares: size, access, class, and where they are mounted.

Restated here and not shared with the builders. A claim that a pod makes for itself is declared by nothing.
"""

from collections.abc import Iterator

from generator import quantities
from generator.compiled import Compiled
from generator.model import Agent, Environment, Volume
from generator.proofs import references
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach, joined
from generator.proofs.places import Path, of_agent, of_environment

# Classes whose disks attach to one node, whatever a claim asks for: those that each platform sets up by itself.
# Sources: docs.aws.amazon.com/eks (gp2, gp3), cloud.google.com/kubernetes-engine/docs/concepts/storage-overview,
# learn.microsoft.com/azure/aks/concepts-storage, github.com/rancher/local-path-provisioner
_SINGLE = {
    *("gp2", "gp3", "ebs-sc", "standard-rwo", "premium-rwo", "managed", "managed-csi", "managed-csi-premium"),
    *("managed-premium", "default", "local-path"),
}
_TMP = ("tmp", "/tmp")  # noqa: S108  # the scratch space that every pod has


def breaches(compiled: Compiled, environment: Environment) -> Iterator[Breach]:
    """Every claim and mount that differs from the spec, is missing, or is declared by nothing."""
    claims = {manifest["metadata"]["name"]: (owner, manifest) for owner, manifest in compiled.of_kind(_CLAIM)}
    pods: dict[str, list[Manifest]] = {}
    for owner, manifest in compiled.of_kind(*references.WORKLOADS):
        pods.setdefault(owner, []).append(manifest)
    for agent in environment.agents:
        for volume in agent.volumes:
            path = of_agent(agent.name, compiled.environment, "volumes", volume.name)
            name = f"{agent.name}-{volume.name}"
            _, claim = claims.pop(name, (None, None))
            wrong = list(_of_claim(claim, agent, volume)) if claim else ["is declared, and is not there"]
            if wrong:
                yield _differs(path, f"the claim {name} {joined(wrong)}")
            if claim and volume.shared and claim["spec"].get("storageClassName") in _SINGLE:
                message = (
                    f"the volume {volume.name} of {agent.name} is shared, and disks of the class "
                    f"{claim['spec']['storageClassName']} attach to one node"
                )
                hint = "name a class of shared storage, or leave `shared` out"
                yield Breach(rule="class-not-shared", paths=(path,), message=message, hint=hint)
        for manifest in pods.get(agent.name, ()):
            yield from _of_pod(manifest, agent, compiled.environment)
    for name in claims:
        yield _differs(of_environment(compiled.environment), f"nothing declares the claim {name}")


_CLAIM = "PersistentVolumeClaim"


def _differs(path: Path, message: str) -> Breach:
    return Breach(rule="volume-differs", paths=(path,), message=message, hint="report a bug")


def _of_claim(claim: Manifest, agent: Agent, volume: Volume) -> Iterator[str]:
    spec, kubernetes = claim["spec"], agent.kubernetes
    usual = kubernetes.shared_storage_class if volume.shared else kubernetes.single_storage_class
    found = {
        "size": spec["resources"]["requests"]["storage"],
        "access": ", ".join(spec["accessModes"]),
        "class": spec.get("storageClassName"),
    }
    declared = {
        "size": volume.size,
        "access": "ReadWriteMany" if volume.shared else "ReadWriteOnce",
        "class": volume.storage_class or usual,
    }
    for key, value in declared.items():
        same = found[key] == value
        if key == "size":
            same = quantities.amount(str(found[key])) == quantities.amount(volume.size)
        if not same:
            yield f"has the {key} {found[key] or 'none'}, where {value or 'none'} is declared"
    beside = sorted(spec.keys() - {"resources", "accessModes", "storageClassName"})
    if beside:
        yield f"has {joined(beside)}, which this proof cannot judge"


def _of_pod(manifest: Manifest, agent: Agent, environment: str) -> Iterator[Breach]:
    """What its container mounts, and from where; read-only is not as declared either."""
    template = references.template_of(manifest)
    assert template, manifest["kind"]
    pod = template["spec"]
    sources = {volume["name"]: volume for volume in pod.get("volumes", ())}
    mounted = {
        (_source(sources.get(mount["name"], {})), mount["mountPath"] + (" read-only" if mount.get("readOnly") else ""))
        for container in references.containers(pod)
        for mount in container.get("volumeMounts", ())
    }
    declared = {(f"claim {agent.name}-{volume.name}", volume.path) for volume in agent.volumes}
    declared.add(("emptyDir", _TMP[1]))
    unused = {_source(volume) for volume in sources.values()} - {source for source, _ in mounted | declared}
    said = [f"does not mount {source} at {path}" for source, path in sorted(declared - mounted)]
    said += [f"mounts {source} at {path}, which nothing declares" for source, path in sorted(mounted - declared)]
    said += [f"has a volume of {source}, which nothing declares" for source in sorted(unused)]
    if said:
        path = of_agent(agent.name, environment, "volumes")
        yield _differs(path, f"{manifest['kind']} {manifest['metadata']['name']} {joined(said)}")


def _source(volume: Manifest) -> str:
    claim = volume.get("persistentVolumeClaim")
    if claim:
        return f"claim {claim['claimName']}" + (" read-only" if claim.get("readOnly") else "")
    return ", ".join(sorted(volume.keys() - {"name"})) or "nothing"
