"""CronJob: one for each job. Never two runs at once; a run that is late, long or lost ends as a failure."""

from generator import names
from generator.model import Agent, Job, KubernetesVersion
from generator.resources import Manifest, pods

POD_REPLACEMENT_POLICY = KubernetesVersion(1, 29)


def build(agent: Agent) -> list[Manifest]:
    return [_cron_job(agent, job) for job in agent.jobs]


def _cron_job(agent: Agent, job: Job) -> Manifest:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {
            "name": names.cron_job(agent.name, job.name),
            "annotations": {"kubernetes.io/description": f"{job.name}: {agent.description}"},
        },
        "spec": {
            "schedule": job.schedule,
            "timeZone": job.time_zone,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": job.starting_deadline,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "suspend": job.suspend,
            "jobTemplate": {"spec": _job_spec(agent, job)},
        },
    }


def _job_spec(agent: Agent, job: Job) -> Manifest:
    spec: Manifest = {
        "backoffLimit": job.retries,
        "activeDeadlineSeconds": job.deadline,
        "ttlSecondsAfterFinished": job.keep_finished,
        # A drained node is not the run's fault and does not count as a try.
        "podFailurePolicy": {
            "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]
        },
    }
    if agent.kubernetes.version >= POD_REPLACEMENT_POLICY:
        # Otherwise a new pod starts beside one that is still stopping, twice the quota and twice the volume.
        spec["podReplacementPolicy"] = "Failed"
    container: Manifest = {}
    if job.command:
        container["command"] = list(job.command)
    if job.args:
        container["args"] = list(job.args)
    if job.metrics_port:
        container["ports"] = [{"name": "metrics", "containerPort": job.metrics_port, "protocol": "TCP"}]
    pod = pods.spec(agent, job.resources, container, restartPolicy="Never")
    return spec | {"template": pods.template(agent, names.job_labels(agent.name, job.name), pod)}
