"""A fleet for each rule of the storage proof that breaks it alone: a change to storage.yaml, or to its objects.

The spec's own rules and the builders leave few ways to break one, so that most faults are put into the objects.
"""

from tests.proof_support import Breach, Manifest, Objects, Tamper, the


def access(owner: str, *modes: str) -> Tamper:
    def tamper(objects: Objects) -> None:
        the(objects, "PersistentVolumeClaim", owner)["spec"]["accessModes"] = list(modes)

    return tamper


def rolling(owner: str, surge: int, unavailable: int) -> Tamper:
    def tamper(objects: Objects) -> None:
        counts = {"maxSurge": surge, "maxUnavailable": unavailable}
        the(objects, "Deployment", owner)["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": counts}

    return tamper


def pinned(*modes: str) -> Tamper:
    """All pods of the pool on one node."""

    def tamper(objects: Objects) -> None:
        access("pool", *modes)(objects)
        pod_of(the(objects, "Deployment", "pool"))["nodeSelector"] = {"kubernetes.io/hostname": "node-1"}

    return tamper


def mounts(kind: str, owner: str, *claims: str) -> Tamper:
    """The first workload of this kind mounts these claims and no others."""

    def tamper(objects: Objects) -> None:
        pod_of(the(objects, kind, owner))["volumes"] = [
            {"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims
        ]

    return tamper


def pod_of(manifest: Manifest) -> Manifest:
    spec = manifest["spec"]
    pod: Manifest = (spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec)["template"]["spec"]
    return pod


def parallel(pods: int) -> Tamper:
    def tamper(objects: Objects) -> None:
        the(objects, "CronJob", "batch")["spec"]["jobTemplate"]["spec"]["parallelism"] = pods

    return tamper


def claimed(owner: str, **spec: object) -> Tamper:
    def tamper(objects: Objects) -> None:
        the(objects, "PersistentVolumeClaim", owner)["spec"] |= spec

    return tamper


def mount_at(path: str) -> Tamper:
    def tamper(objects: Objects) -> None:
        container = pod_of(the(objects, "Deployment", "single"))["containers"][0]
        (mount,) = (mount for mount in container["volumeMounts"] if mount["name"] == "state")
        mount["mountPath"] = path

    return tamper


def with_volume(**source: object) -> Tamper:
    def tamper(objects: Objects) -> None:
        pod_of(the(objects, "Deployment", "single"))["volumes"].append({"name": "more", **source})

    return tamper


def both(*tampers: Tamper) -> Tamper:
    def tamper(objects: Objects) -> None:
        for one in tampers:
            one(objects)

    return tamper


SHARE = "add `shared: true`, or keep one pod that mounts it and replace it in place"
POOL = {"files:": "files: {size: 10Gi, path: /files, shared: true}  # E: volume-attached-twice"}
IN_PLACE = "{maxSurge: 0, maxUnavailable: 1}"

BREACHES = [
    # Two pods and one volume
    Breach(
        rule="volume-attached-twice",
        lines=POOL,
        tamper=access("pool", "ReadWriteOnce"),
        says="dev: 3 pods may want the volume files of pool at once, and it is ReadWriteOnce: pool (3 pods); " + SHARE,
        fine_tamper=access("pool", "ReadWriteMany", "ReadWriteOnce"),
    ),
    Breach(
        rule="volume-attached-twice",
        lines=POOL,
        tamper=pinned("ReadWriteOncePod"),
        says="dev: 3 pods may want the volume files of pool at once, and it is ReadWriteOncePod: pool (3 pods); "
        + SHARE,
        fine_tamper=pinned("ReadWriteOnce"),
    ),
    Breach(
        rule="volume-attached-twice",
        lines={"cache:": "cache: {size: 1Gi, path: /cache}  # E: volume-attached-twice"},
        tamper=parallel(2),
        says="dev: 2 pods may want the volume cache of batch at once, and it is ReadWriteOnce: batch-scan (2 pods); "
        + SHARE,
        fine_tamper=parallel(1),
    ),
    Breach(
        rule="volume-attached-twice",
        # A workload of another agent mounts it too.
        lines={"volumes: {state": "volumes: {state: {size: 1Gi, path: /state}}  # E: volume-attached-twice"},
        tamper=mounts("CronJob", "batch", "batch-cache", "single-state"),
        says="dev: 2 pods may want the volume state of single at once, and it is ReadWriteOnce: single (1 pod) and "
        "batch-scan (1 pod); " + SHARE,
    ),
    Breach(
        rule="volume-attached-twice",
        # The old pod may go before the new one is ready, so it ends; yet both want the volume for a while.
        lines={"volumes: {state": "volumes: {state: {size: 1Gi, path: /state}}  # E: volume-attached-twice"},
        tamper=rolling("single", 1, 1),
        says="dev: 2 pods may want the volume state of single at once, and it is ReadWriteOnce: single (2 pods); "
        + SHARE,
        fine_tamper=rolling("single", 0, 1),
    ),
    # Rollouts that never end
    Breach(
        rule="rollout-deadlock",
        lines={"single:": "single:  # E: rollout-deadlock"},
        tamper=rolling("single", 1, 0),
        says="dev: a rollout of single could never end: the new pod waits for the volume state, which the old one "
        f"keeps until the new one is ready; set agents.single.environments.dev.rollout to {IN_PLACE}",
        fine_tamper=rolling("single", 0, 1),
    ),
    Breach(
        rule="rollout-deadlock",
        lines={"single:": "single:  # E: rollout-deadlock"},
        tamper=both(rolling("single", 1, 0), access("single", "ReadWriteOncePod")),
        says="dev: a rollout of single could never end: the new pod waits for the volume state, which the old one "
        f"keeps until the new one is ready; set agents.single.environments.dev.rollout to {IN_PLACE}",
        fine_tamper=both(rolling("single", 0, 1), access("single", "ReadWriteOncePod")),
    ),
    Breach(
        rule="rollout-deadlock",
        # 2 pods of pool and 1 of single take 3 CPU; the next one of pool takes the fourth.
        lines={
            "limits: {cpu: 4": "limits: {cpu: 3999m, memory: 16Gi}",
            "maxSurge: 1": "maxSurge: 1  # E: rollout-deadlock",
        },
        says="dev: a rollout of pool could never end: at full scale-out 3 of 3.999 of limits.cpu are taken, and the "
        f"new pod needs 1 before an old one goes; set agents.pool.environments.dev.rollout to {IN_PLACE}",
        fine={"limits: {cpu: 4": "limits: {cpu: 3999m, memory: 16Gi}", "maxSurge: 1": "maxUnavailable: 1"},
    ),
    # Mounts and claims
    Breach(
        rule="volume-missing",
        lines={"volumes: {state": "volumes: {state: {size: 1Gi, path: /state}}  # E: volume-missing"},
        tamper=mounts("Deployment", "single", "single-state", "single-stale"),
        says="dev: single mounts the claim single-stale, which is not there; add the volume, or do not mount it",
        fine_tamper=mounts("Deployment", "single", "single-state"),
    ),
    Breach(
        rule="volume-unused",
        lines={"cache:": "cache: {size: 1Gi, path: /cache}  # E: volume-unused"},
        tamper=mounts("CronJob", "batch"),
        says="dev: nothing mounts the volume cache of batch; delete it, or mount it",
        fine_tamper=mounts("CronJob", "batch", "batch-cache"),
    ),
    # What the spec declares
    Breach(
        rule="volume-differs",
        lines={"cache:": "cache: {size: 1Gi, path: /cache}  # E: volume-differs"},
        tamper=claimed("batch", resources={"requests": {"storage": "2Gi"}}),
        says="dev: the claim batch-cache has the size 2Gi, where 1Gi is declared; report a bug",
        fine_tamper=claimed("batch", resources={"requests": {"storage": "1024Mi"}}),
    ),
    Breach(
        rule="volume-differs",
        lines={"files:": "files: {size: 10Gi, path: /files, shared: true}  # E: volume-differs"},
        tamper=access("pool", "ReadOnlyMany"),
        says="dev: the claim pool-files has the access ReadOnlyMany, where ReadWriteMany is declared; report a bug",
    ),
    Breach(
        rule="volume-differs",
        lines={"files:": "files: {size: 10Gi, path: /files, shared: true}  # E: volume-differs"},
        tamper=claimed("pool", storageClassName="other", volumeName="pv-1"),
        says="dev: the claim pool-files has the class other, where efs-sc is declared and has volumeName, which this "
        "proof cannot judge; report a bug",
    ),
    Breach(
        rule="volume-differs",
        lines={"volumes: {state": "volumes: {state: {size: 1Gi, path: /state}}  # E: volume-differs"},
        tamper=mount_at("/elsewhere"),
        says="dev: Deployment single does not mount claim single-state at /state and mounts claim single-state at "
        "/elsewhere, which nothing declares; report a bug",
        fine_tamper=mount_at("/state"),
    ),
    Breach(
        rule="volume-differs",
        # A volume that the pod makes for itself is a claim like any other, and is in no sum.
        lines={"volumes: {state": "volumes: {state: {size: 1Gi, path: /state}}  # E: volume-differs"},
        tamper=with_volume(ephemeral={"volumeClaimTemplate": {}}),
        says="dev: Deployment single has a volume of ephemeral, which nothing declares; report a bug",
    ),
    Breach(
        rule="class-not-shared",
        lines={
            "files:": "files: {size: 10Gi, path: /files, shared: true, storageClass: gp3}  # E: class-not-shared",
        },
        says="dev: the volume files of pool is shared, and disks of the class gp3 attach to one node; name a class of "
        "shared storage, or leave `shared` out",
        fine={"files:": "files: {size: 10Gi, path: /files, shared: true, storageClass: efs-sc}"},
    ),
]
