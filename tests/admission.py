"""A small namespace that runs by itself: controllers ask for pods one by one, and a quota admits or refuses each.

Written from Kubernetes' own rules and from no line of ours: the Deployment controller's rolling update (the new and the
old ReplicaSets against replicas + maxSurge and replicas - maxUnavailable), Recreate, CronJobs that forbid a second run,
and a quota that charges every pod until it is gone. A refused pod is asked for again later. A refusal is `lasting` if
the pod would not fit either were all pods gone that are being stopped.
"""

from dataclasses import dataclass, field
from random import Random

Size = tuple[int, int]  # millicores, MiB


@dataclass(eq=False)
class Pod:
    size: Size
    ready: bool = False
    stopping: bool = False


@dataclass
class Quota:
    hard: Size
    pods: list[Pod] = field(default_factory=list)
    refused: int = 0
    lasting: int = 0

    def admit(self, size: Size) -> Pod | None:
        if self._has_room(size, self.pods):
            self.pods.append(Pod(size))
            return self.pods[-1]
        self.refused += 1
        self.lasting += not self._has_room(size, [pod for pod in self.pods if not pod.stopping])
        return None

    def _has_room(self, size: Size, pods: list[Pod]) -> bool:
        return all(size[i] + sum(pod.size[i] for pod in pods) <= self.hard[i] for i in (0, 1))

    def gone(self, pod: Pod) -> None:
        self.pods.remove(pod)


@dataclass
class Deployment:
    """`sets` are its ReplicaSets, the newest last: how many pods each shall have, and those that it has."""

    size: Size
    least: int
    most: int
    surge: int
    unavailable: int
    recreate: bool = False
    replicas: int = 0
    sets: list[tuple[list[int], list[Pod]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.replicas = self.least
        self.sets = [([self.least], [])]

    def roll_out(self) -> None:
        self.sets.append(([0], []))

    def active(self, pods: list[Pod]) -> list[Pod]:
        return [pod for pod in pods if not pod.stopping]

    def sync(self) -> None:
        """One round of the Deployment controller, which only sets how many pods each ReplicaSet shall have."""
        *old, new = self.sets
        wanted = sum(count[0] for count, _ in self.sets)
        if self.recreate:
            for count, _ in old:
                count[0] = 0
            if not any(pods for _, pods in old):
                new[0][0] = self.replicas
            return
        if new[0][0] > self.replicas or not old:
            new[0][0] = self.replicas
            return
        room = self.replicas + self.surge - wanted
        if room > 0 and new[0][0] < self.replicas:
            new[0][0] = min(self.replicas, new[0][0] + room)
            return
        ready = sum(pod.ready for _, pods in self.sets for pod in self.active(pods))
        waiting = new[0][0] - sum(pod.ready for pod in self.active(new[1]))
        may_go = wanted - (self.replicas - self.unavailable) - waiting
        for count, pods in old:
            dead = min(may_go, count[0] - sum(pod.ready for pod in self.active(pods)))
            if dead > 0:  # those that are not ready are no loss
                count[0] -= dead
                may_go -= dead
        spare = ready - (self.replicas - self.unavailable)
        for count, _ in old:
            step = max(0, min(count[0], spare, may_go))
            count[0] -= step
            spare, may_go = spare - step, may_go - step

    def sync_sets(self, quota: Quota) -> None:
        """Every ReplicaSet asks for one pod, or stops one."""
        for count, pods in self.sets:
            active = self.active(pods)
            if len(active) < count[0]:
                pod = quota.admit(self.size)
                if pod:
                    pods.append(pod)
            elif len(active) > count[0]:
                min(active, key=lambda pod: pod.ready).stopping = True

    def forget(self, pod: Pod) -> None:
        for _, pods in self.sets:
            if pod in pods:
                pods.remove(pod)
        self.sets = [each for each in self.sets[:-1] if each[0][0] or each[1]] + self.sets[-1:]


@dataclass
class Job:
    """A CronJob that forbids a second run, or a hook: it has a pod, or wants one, or is at rest."""

    size: Size
    wants: bool = False
    pod: Pod | None = None

    def sync(self, quota: Quota) -> None:
        if self.wants and not self.pod:
            self.pod = quota.admit(self.size)


@dataclass
class World:
    quota: Quota
    deployments: list[Deployment]
    jobs: list[Job]

    def run(self, chance: Random, steps: int) -> None:
        """Whatever may happen, in any order."""
        for _ in range(steps):
            chance.choice((self.scale, self.roll_out, self.work, self.work, self.start, self.pass_time))(chance)

    def run_into_the_worst(self) -> None:
        """Everything at its most; then every job and every rollout begins, and nothing ends.

        One rollout never makes more new pods than there are replicas; what is left of the surge is for the next one.
        """
        for deployment in self.deployments:
            deployment.replicas = deployment.most
        self.settle()
        for job in self.jobs:
            job.wants = True
            job.sync(self.quota)
        for deployment in self.deployments:
            most = deployment.most + (0 if deployment.recreate else deployment.surge)
            while sum(count[0] for count, _ in deployment.sets) < most:
                deployment.roll_out()
                deployment.sync()
            for _ in range(most):
                deployment.sync_sets(self.quota)

    def can_roll_out(self, deployment: Deployment) -> bool:
        """Whether a rollout ends, where everything is at its most and no job runs."""
        for each in self.deployments:
            each.replicas = each.most
        self.settle()
        deployment.roll_out()
        self.settle()
        return sum(pod.ready for pod in deployment.sets[-1][1]) == deployment.replicas and len(deployment.sets) == 1

    def settle(self) -> None:
        for _ in range(80):
            for deployment in self.deployments:
                deployment.sync()
                deployment.sync_sets(self.quota)
            for pod in list(self.quota.pods):
                self._advance(pod)

    def _advance(self, pod: Pod) -> None:
        if pod.stopping:
            self.quota.gone(pod)
            for deployment in self.deployments:
                deployment.forget(pod)
        pod.ready = True

    def scale(self, chance: Random) -> None:
        deployment = chance.choice(self.deployments)
        deployment.replicas = chance.randint(deployment.least, deployment.most)

    def roll_out(self, chance: Random) -> None:
        chance.choice(self.deployments).roll_out()

    def work(self, chance: Random) -> None:
        for deployment in chance.sample(self.deployments, len(self.deployments)):
            if chance.random() < 0.7:
                deployment.sync()
            deployment.sync_sets(self.quota)
        for job in self.jobs:
            job.sync(self.quota)

    def start(self, chance: Random) -> None:
        job = chance.choice(self.jobs)
        if job.pod and chance.random() < 0.5:
            self.quota.gone(job.pod)  # it has ended; what is left of it is not charged
            job.pod, job.wants = None, False
        else:
            job.wants = True

    def pass_time(self, chance: Random) -> None:
        for pod in list(self.quota.pods):
            if chance.random() < 0.5 and not any(pod is job.pod for job in self.jobs):
                self._advance(pod)
