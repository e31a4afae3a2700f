"""A fleet for each rule of the capacity proof that breaks it alone: a change to capacity.yaml, or to its objects."""

from tests.proof_support import Breach, Objects, Tamper, the


def service(**spec: object) -> Tamper:
    def tamper(objects: Objects) -> None:
        the(objects, "Service")["spec"] |= spec

    return tamper


def hard(**keys: str) -> Tamper:
    """More keys for the quota; `_` stands for a dot."""

    def tamper(objects: Objects) -> None:
        the(objects, "ResourceQuota")["spec"]["hard"] |= {key.replace("_", "."): value for key, value in keys.items()}

    return tamper


def forgotten(key: str) -> Tamper:
    def tamper(objects: Objects) -> None:
        del the(objects, "ResourceQuota")["spec"]["hard"][key]

    return tamper


def gone(kind: str) -> Tamper:
    def tamper(objects: Objects) -> None:
        for manifests in objects.values():
            manifests[:] = [manifest for manifest in manifests if manifest["kind"] != kind]

    return tamper


def spec_of(kind: str, **spec: object) -> Tamper:
    def tamper(objects: Objects) -> None:
        the(objects, kind)["spec"] |= spec

    return tamper


def job_of(**spec: object) -> Tamper:
    def tamper(objects: Objects) -> None:
        the(objects, "CronJob")["spec"]["jobTemplate"]["spec"] |= spec

    return tamper


def requests_of(kind: str, **requests: str) -> Tamper:
    def tamper(objects: Objects) -> None:
        the(objects, kind)["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"] |= requests

    return tamper


def another_budget(objects: Objects) -> None:
    objects["batch"].append({"kind": "PodDisruptionBudget", "metadata": {"name": "more"}, "spec": {}})


def limits(of_type: str, **edges: dict[str, str]) -> Tamper:
    """Edges for an item of the LimitRange, which is added where there is none of the type."""

    def tamper(objects: Objects) -> None:
        items = the(objects, "LimitRange")["spec"]["limits"]
        found = next((item for item in items if item["type"] == of_type), None)
        if not found:
            items.append(found := {"type": of_type})
        found |= edges

    return tamper


def without_limits(kind: str) -> Tamper:
    """A container sets no limit, and no LimitRange gives it one."""

    def tamper(objects: Objects) -> None:
        spec = the(objects, kind)["spec"]
        pod = (spec["jobTemplate"]["spec"] if kind == "CronJob" else spec)["template"]["spec"]
        del pod["containers"][0]["resources"]["limits"]["cpu"]
        without_default_limits(objects)

    return tamper


def without_default_limits(objects: Objects) -> None:
    """Every container sets its own limit, so that none needs the LimitRange's."""
    item = the(objects, "LimitRange")["spec"]["limits"][0]
    item["default"] = {"memory": "512Mi"}
    item["max"] = {"memory": "2Gi"}


def any_number_of_runs(objects: Objects) -> None:
    the(objects, "CronJob")["spec"]["concurrencyPolicy"] = "Allow"


def one_after_the_other(objects: Objects) -> None:
    the(objects, "CronJob")["spec"]["concurrencyPolicy"] = "Replace"


def scoped(objects: Objects) -> None:
    the(objects, "ResourceQuota")["spec"] |= {"hard": {"pods": "9"}, "scopes": ["BestEffort"]}


def request_above_the_default_limit(objects: Objects) -> None:
    """The limit that the LimitRange gives is less than the request that is given."""
    without_limits("CronJob")(objects)
    the(objects, "LimitRange")["spec"]["limits"][0]["default"]["cpu"] = "499m"
    the(objects, "LimitRange")["spec"]["limits"][0]["defaultRequest"]["cpu"] = "100m"


# For whoever breaks another rule than those about room.
ROOM = {
    "requests: {cpu: 3700m": "requests: {cpu: 9, memory: 9Gi}",
    "limits: {cpu: 7400m": "limits: {cpu: 18, memory: 18Gi}",
    "cluster:": "cluster: {nodes: 3, cpu: 9, memory: 9Gi, storage: 20Gi}",
}
QUOTA = "ResourceQuota quota has"
IN_PLACE = "agents.api.environments.dev.rollout to {maxSurge: 0, maxUnavailable: 1}"
FEWER = "agents.api.environments.dev.service.replicas.max to 1"

BREACHES = [
    # The quota
    Breach(
        rule="quota-exceeded",
        lines={"limits: {cpu: 7400m": "limits: {cpu: 7399m, memory: 7680Mi}  # E: quota-exceeded"},
        says=f"dev: {QUOTA} 7.399 of limits.cpu, but up to 7.4 may be asked for: 4 at full scale-out, 2 while all roll "
        f"out, 1 for jobs, 0.4 for hooks; set environments.dev.quota.limits.cpu to 7400m, or {IN_PLACE}, or {FEWER}",
    ),
    Breach(
        rule="quota-exceeded",
        lines={"limits: {cpu: 7400m": "limits: {cpu: 7400m, memory: 7679Mi}  # E: quota-exceeded"},
        says=f"dev: {QUOTA} 7.499Gi of limits.memory, but up to 7.5Gi may be asked for: 4Gi at full scale-out, 2Gi "
        "while all roll out, 1Gi for jobs, 512Mi for hooks; set environments.dev.quota.limits.memory to 7680Mi, or "
        f"{IN_PLACE}, or {FEWER}",
    ),
    Breach(
        rule="quota-exceeded",
        lines={"requests: {cpu: 3700m": "requests: {cpu: 2, memory: 3840Mi}  # E: quota-exceeded"},
        # No single change of api frees enough: its surge is 1, and it cannot run fewer than 1.
        says=f"dev: {QUOTA} 2 of requests.cpu, but up to 3.7 may be asked for: 2 at full scale-out, 1 while all roll "
        "out, 0.5 for jobs, 0.2 for hooks; set environments.dev.quota.requests.cpu to 4",
        fine={"requests: {cpu: 3700m": "requests: {cpu: 4, memory: 3840Mi}"},
    ),
    Breach(
        rule="quota-exceeded",
        lines={"requests: {cpu: 3700m": "requests: {cpu: 3700m, memory: 3839Mi}  # E: quota-exceeded"},
        says=f"dev: {QUOTA} 3.749Gi of requests.memory, but up to 3.75Gi may be asked for: 2Gi at full scale-out, 1Gi "
        "while all roll out, 512Mi for jobs, 256Mi for hooks; set environments.dev.quota.requests.memory to 3840Mi, "
        f"or {IN_PLACE}, or {FEWER}",
    ),
    Breach(
        rule="quota-exceeded",
        lines={
            "schedule:": "schedule: 0 2 * * *",
            "requests: {cpu: 500m": "gpu: 1\nrequests: {cpu: 500m, memory: 512Mi}",
            "quota:": "quota:  # E: quota-exceeded",
        },
        says=f"dev: {QUOTA} 0 of requests.nvidia.com/gpu, but up to 1 may be asked for: 1 for jobs; set "
        "environments.dev.quota.gpu to 1",
        fine={
            "requests: {cpu: 500m": "gpu: 1\nrequests: {cpu: 500m, memory: 512Mi}",
            "volumes: 1": "volumes: 1\ngpu: 1",
        },
    ),
    Breach(
        rule="quota-exceeded",
        lines={"volumes: 1": "volumes: 0  # E: quota-exceeded"},
        says=f"dev: {QUOTA} 0 of persistentvolumeclaims, but up to 1 may be asked for; set "
        "environments.dev.quota.volumes to 1",
    ),
    Breach(
        rule="quota-exceeded",
        lines={"volumes: 1": "volumes: 1\nloadBalancers: 0  # E: quota-exceeded"},
        tamper=service(type="LoadBalancer", allocateLoadBalancerNodePorts=False),
        says=f"dev: {QUOTA} 0 of services.loadbalancers, but up to 1 may be asked for; set "
        "environments.dev.quota.loadBalancers to 1",
        fine={"volumes: 1": "volumes: 1\nloadBalancers: 1"},
        fine_tamper=service(type="LoadBalancer"),
    ),
    Breach(
        rule="quota-exceeded",
        lines={"quota:": "quota:  # E: quota-exceeded"},
        tamper=service(type="NodePort"),
        says=f"dev: {QUOTA} 0 of services.nodeports, but up to 1 may be asked for; ask for less of it",
        fine_tamper=service(type="ClusterIP"),
    ),
    Breach(
        rule="quota-exceeded",
        lines={"quota:": "quota:  # E: quota-exceeded"},
        tamper=hard(pods="5"),
        says=f"dev: {QUOTA} 5 of pods, but up to 6 may be asked for: 2 at full scale-out, 1 while all roll out, 1 for "
        f"jobs, 2 for hooks; set {IN_PLACE}, or {FEWER}",
        fine_tamper=hard(pods="6"),
    ),
    Breach(
        rule="quota-not-counted",
        lines={"quota:": "quota:  # E: quota-not-counted"},
        tamper=hard(**{"count/secrets": "9"}),
        says="dev: ResourceQuota quota limits count/secrets in a way that is not counted here; take it out, or count "
        "it by hand",
        fine_tamper=hard(**{"count/pods": "9"}),
    ),
    Breach(
        rule="quota-not-counted",
        lines={"quota:": "quota:  # E: quota-not-counted"},
        tamper=scoped,
        says="dev: ResourceQuota quota limits pods in a way that is not counted here; take it out, or count it by hand",
        fine_tamper=hard(pods="9"),
    ),
    Breach(
        rule="quota-needs-limits",
        lines={"limits: {cpu: 2, memory: 2Gi}": "limits: {cpu: 2, memory: 2Gi}  # E: quota-needs-limits"},
        tamper=without_limits("Deployment"),
        says="dev: the container api of api sets no limits.cpu, which ResourceQuota quota demands; set "
        "agents.api.environments.dev.resources.limits.cpu",
        fine_tamper=without_default_limits,
    ),
    Breach(
        rule="quota-needs-limits",
        lines={"limits: {cpu: 1, memory: 1Gi}": "limits: {cpu: 1, memory: 1Gi}  # E: quota-needs-limits"},
        tamper=without_limits("CronJob"),
        says="dev: the container batch of batch-scan sets no limits.cpu, which ResourceQuota quota demands; set "
        "agents.batch.environments.dev.jobs.scan.resources.limits.cpu",
        fine_tamper=without_default_limits,
    ),
    Breach(
        rule="runs-unbounded",
        lines={"scan:": "scan:  # E: runs-unbounded"},
        tamper=any_number_of_runs,
        says="dev: any number of runs of batch-scan may go on at once, which no quota can hold; its concurrencyPolicy "
        "must be Forbid or Replace",
        fine_tamper=one_after_the_other,
    ),
    # The cluster
    Breach(
        rule="cluster-full",
        lines={"cluster:": "cluster: {nodes: 3, cpu: 3699m, memory: 3840Mi, storage: 10Gi}  # E: cluster-full"},
        says="dev: the cluster has 3.699 of cpu, but up to 3.7 may be asked for: 2 at full scale-out, 1 while all roll "
        f"out, 0.5 for jobs, 0.2 for hooks; set environments.dev.cluster.cpu to 3700m, or {IN_PLACE}, or {FEWER}",
        fine={"cluster:": "cluster: {nodes: 3, cpu: 3700m, memory: 3840Mi, storage: 10Gi}"},
    ),
    Breach(
        rule="cluster-full",
        lines={"cluster:": "cluster: {nodes: 3, cpu: 3700m, memory: 3839Mi, storage: 10Gi}  # E: cluster-full"},
        says="dev: the cluster has 3.749Gi of memory, but up to 3.75Gi may be asked for: 2Gi at full scale-out, 1Gi "
        "while all roll out, 512Mi for jobs, 256Mi for hooks; set environments.dev.cluster.memory to 3840Mi, or "
        f"{IN_PLACE}, or {FEWER}",
        fine={"cluster:": "cluster: {nodes: 3, cpu: 3700m, memory: 3840Mi, storage: 10Gi}"},
    ),
    Breach(
        rule="cluster-full",
        lines={"cluster:": "cluster: {nodes: 3, cpu: 3700m, memory: 3840Mi, storage: 9Gi}  # E: cluster-full"},
        says="dev: the cluster has 9Gi of storage, but up to 10Gi may be asked for: 10Gi at full scale-out; set "
        "environments.dev.cluster.storage to 10Gi",
        fine={"cluster:": "cluster: {nodes: 3, cpu: 3700m, memory: 3840Mi, storage: 10Gi}"},
    ),
    Breach(
        rule="node-too-small",
        lines={
            "cluster:": "cluster: {nodes: 4, cpu: 3900m, memory: 8Gi, storage: 10Gi}",
            "requests: {cpu: 1,": "requests: {cpu: 1, memory: 1Gi}  # E: node-too-small",
        },
        says="dev: a pod of api requests 1 of cpu, but one of the cluster's 4 nodes has 0.975; set "
        "agents.api.environments.dev.resources.requests.cpu to 975m, or environments.dev.cluster.cpu to 4",
        fine={"cluster:": "cluster: {nodes: 4, cpu: 4, memory: 8Gi, storage: 10Gi}"},
    ),
    Breach(
        rule="node-too-small",
        lines={
            "cluster:": "cluster: {nodes: 4, cpu: 8, memory: 3999Mi, storage: 10Gi}",
            "requests: {cpu: 1,": "requests: {cpu: 1, memory: 1Gi}  # E: node-too-small",
        },
        says="dev: a pod of api requests 1Gi of memory, but one of the cluster's 4 nodes has 999.75Mi; set "
        "agents.api.environments.dev.resources.requests.memory to 999Mi, or environments.dev.cluster.memory to 4Gi",
        fine={"cluster:": "cluster: {nodes: 4, cpu: 8, memory: 4Gi, storage: 10Gi}"},
    ),
    # The LimitRange
    Breach(
        rule="limit-range",
        lines={
            "max: {cpu: 2": "max: {cpu: 1999m, memory: 2Gi}",
            "limits: {cpu: 2, memory: 2Gi}": "limits: {cpu: 2, memory: 2Gi}  # E: limit-range",
        },
        says="dev: a container of api has limits of 2 of cpu, but its LimitRange allows 1.999; set "
        "agents.api.environments.dev.resources.limits.cpu to 1999m, or environments.dev.containerLimits.max.cpu to "
        "2",
    ),
    Breach(
        rule="limit-range",
        # A limit that is lowered to this would be less than the request.
        lines={
            "max: {cpu: 2": "max: {cpu: 999m, memory: 2Gi}",
            "limits: {cpu: 2, memory: 2Gi}": "limits: {cpu: 2, memory: 2Gi}  # E: limit-range",
            "limits: {cpu: 1, memory: 1Gi}": "limits: {cpu: 500m, memory: 1Gi}",
        },
        says="dev: a container of api has limits of 2 of cpu, but its LimitRange allows 0.999; set "
        "environments.dev.containerLimits.max.cpu to 2",
    ),
    Breach(
        rule="limit-range",
        # The job takes what its agent has, so that the service and the job are one fault.
        lines={
            **ROOM,
            "max: {cpu: 2": "max: {cpu: 2, memory: 1Gi}",
            "requests: {cpu: 1,": "requests: {cpu: 500m, memory: 512Mi}",
            "limits: {cpu: 2, memory: 2Gi}": "limits: {cpu: 1, memory: 2Gi}  # E: limit-range",
            "service:": "jobs: {tidy: {schedule: 0 3 * * *}}\nservice:",
        },
        says="dev: a container of api has limits of 2Gi of memory, but its LimitRange allows 1Gi; set "
        "agents.api.environments.dev.resources.limits.memory to 1Gi and "
        "agents.api.environments.dev.jobs.tidy.resources.limits.memory to 1Gi, or "
        "environments.dev.containerLimits.max.memory to 2Gi",
        fine={
            **ROOM,
            "max: {cpu: 2": "max: {cpu: 2, memory: 1Gi}",
            "requests: {cpu: 1,": "requests: {cpu: 500m, memory: 512Mi}",
            "limits: {cpu: 2, memory: 2Gi}": "limits: {cpu: 1, memory: 1Gi}",
            "service:": "jobs: {tidy: {schedule: 0 3 * * *}}\nservice:",
        },
    ),
    Breach(
        rule="limit-range",
        lines={
            "data: {path": "data: {path: /data, shared: true, size: 10Gi}  # E: limit-range",
            "maxV": "maxVolume: 9Gi",
        },
        says="dev: the volume data of api has 10Gi, but its LimitRange allows 9Gi; set "
        "environments.dev.containerLimits.maxVolume to 10Gi",
    ),
    Breach(
        rule="limit-range",
        lines=ROOM
        | {
            "data: {path": "data: {path: /data, shared: true, size: 10Gi}  # E: limit-range",
            "maxVolume": "maxVolume: 20Gi",
        },
        tamper=limits("PersistentVolumeClaim", min={"storage": "10241Mi"}),
        says="dev: the volume data of api has 10Gi, but its LimitRange demands 10.001Gi; set "
        "agents.api.environments.dev.volumes.data.size to 10241Mi",
        fine_tamper=limits("PersistentVolumeClaim", min={"storage": "10Gi"}),
    ),
    Breach(
        rule="limit-range",
        lines=ROOM | {"requests: {cpu: 500m": "requests: {cpu: 500m, memory: 512Mi}  # E: limit-range"},
        tamper=limits("Container", min={"cpu": "501m"}, defaultRequest={"cpu": "501m"}, default={"cpu": "501m"}),
        says="dev: a container of batch has requests of 0.5 of cpu, but its LimitRange demands 0.501; set "
        "agents.batch.environments.dev.jobs.scan.resources.requests.cpu to 501m",
        fine_tamper=limits("Container", min={"cpu": "500m"}),
    ),
    Breach(
        rule="limit-range",
        lines={
            **ROOM,
            "requests: {cpu: 1,": "requests: {cpu: 999m, memory: 1Gi}  # E: limit-range",
        },
        tamper=limits("Container", maxLimitRequestRatio={"cpu": "2"}),
        says="dev: a container of api has requests of 0.999 of cpu, but the ratio that its LimitRange allows demands "
        "1; set agents.api.environments.dev.resources.requests.cpu to 1",
        fine_tamper=limits("Container", maxLimitRequestRatio={"cpu": "2"}),
    ),
    Breach(
        rule="limit-range",
        lines=ROOM | {"requests: {cpu: 500m": "requests: {cpu: 500m, memory: 512Mi}  # E: limit-range"},
        tamper=limits("Pod", min={"memory": "513Mi"}, max={"memory": "2Gi"}),
        says="dev: a pod of batch has requests of 512Mi of memory, but its LimitRange demands 513Mi; set "
        "agents.batch.environments.dev.jobs.scan.resources.requests.memory to 513Mi",
        fine_tamper=limits("Pod", min={"memory": "512Mi"}, max={"memory": "2Gi"}),
    ),
    Breach(
        rule="limit-range",
        # The API server would give the container a limit that is less than what it requests.
        lines=ROOM | {"requests: {cpu: 500m": "requests: {cpu: 500m, memory: 512Mi}  # E: limit-range"},
        tamper=request_above_the_default_limit,
        says="dev: a container of batch has requests of 0.5 of cpu, but its limit is 0.499; set "
        "agents.batch.environments.dev.jobs.scan.resources.requests.cpu to 499m",
    ),
    Breach(
        rule="limit-range-invalid",
        lines={"max: {cpu: 2": "max: {cpu: 2, memory: 2Gi}\ndefault: {cpu: 2001m}  # E: limit-range-invalid"},
        says="dev: LimitRange limits has a default of 2.001 of cpu, which is more than 2, the most that it allows; set "
        "environments.dev.containerLimits.default.cpu to 2",
        fine={"max: {cpu: 2": "max: {cpu: 2, memory: 2Gi}\ndefault: {cpu: 2}"},
    ),
    Breach(
        rule="limit-range-invalid",
        # The default that is built in is 500m.
        lines={"max: {cpu: 2": "max: {cpu: 2, memory: 2Gi}\ndefaultRequest: {cpu: 501m}  # E: limit-range-invalid"},
        says="dev: LimitRange limits has a defaultRequest of 0.501 of cpu, which is more than 0.5, the most that it "
        "allows; set environments.dev.containerLimits.defaultRequest.cpu to 500m",
        fine={"max: {cpu: 2": "max: {cpu: 2, memory: 2Gi}\ndefaultRequest: {cpu: 500m}"},
    ),
    # What the spec declares
    Breach(
        rule="quota-differs",
        lines={"quota:": "quota:  # E: quota-differs"},
        tamper=forgotten("limits.cpu"),
        says="dev: ResourceQuota quota has limits.cpu none, where 7.4 is declared; report a bug",
    ),
    Breach(
        rule="quota-differs",
        lines={"quota:": "quota:  # E: quota-differs"},
        tamper=hard(requests_cpu="1000"),
        says="dev: ResourceQuota quota has requests.cpu 1000, where 3.7 is declared; report a bug",
        fine_tamper=hard(requests_cpu="3.7"),
    ),
    Breach(
        rule="quota-differs",
        lines={"quota:": "quota:  # E: quota-differs"},
        tamper=gone("ResourceQuota"),
        says="dev: ResourceQuota quota is declared, and is not there; report a bug",
    ),
    Breach(
        rule="quota-differs",
        lines={"containerLimits:": "containerLimits:  # E: quota-differs"},
        tamper=gone("LimitRange"),
        says="dev: LimitRange limits is declared, and is not there; report a bug",
    ),
    Breach(
        rule="quota-differs",
        lines={"containerLimits:": "containerLimits:  # E: quota-differs"},
        tamper=limits("Container", max={"cpu": "2"}),
        says="dev: LimitRange limits has Container max.memory none, where 2147483648 is declared; report a bug",
        fine_tamper=limits("Container", max={"cpu": "2000m", "memory": "2048Mi"}),
    ),
    Breach(
        rule="workload-differs",
        lines={"replicas: {min: 1": "replicas: {min: 1, max: 2}  # E: workload-differs"},
        tamper=spec_of("HorizontalPodAutoscaler", minReplicas=2),
        says="dev: HorizontalPodAutoscaler api has minReplicas 2, where 1 is declared; report a bug",
        fine_tamper=spec_of("HorizontalPodAutoscaler", minReplicas=1),
    ),
    Breach(
        rule="workload-differs",
        lines={"replicas: {min: 1": "replicas: {min: 1, max: 2}  # E: workload-differs"},
        tamper=gone("HorizontalPodAutoscaler"),
        says="dev: HorizontalPodAutoscaler api is declared, and is not there; report a bug",
    ),
    Breach(
        rule="workload-differs",
        lines={"scan:": "scan:  # E: workload-differs"},
        tamper=spec_of("CronJob", schedule="* * * * *", suspend=True),
        says="dev: CronJob batch-scan has schedule * * * * *, where 0 2 * * * is declared and suspend true, where "
        "false is declared; report a bug",
    ),
    Breach(
        rule="workload-differs",
        lines={"scan:": "scan:  # E: workload-differs"},
        tamper=job_of(activeDeadlineSeconds=1),
        says="dev: CronJob batch-scan has activeDeadlineSeconds 1, where 14400 is declared; report a bug",
        fine_tamper=job_of(activeDeadlineSeconds=14400),
    ),
    Breach(
        rule="workload-differs",
        lines={"service:": "service:  # E: workload-differs"},
        tamper=requests_of("Deployment", cpu="999m"),
        says="dev: Deployment api has requests.cpu 0.999, where 1 is declared; report a bug",
        fine_tamper=requests_of("Deployment", cpu="1000m"),
    ),
    Breach(
        rule="workload-differs",
        lines={"batch:": "batch:  # E: workload-differs"},
        tamper=another_budget,
        says="dev: nothing declares the PodDisruptionBudget more; report a bug",
    ),
]
