"""Capacity: whether everything that a namespace may run at once fits its ResourceQuota, its LimitRange and its cluster.

What counts as the worst is said in `demand`, what a pod takes in `pods`. The cluster is held against the worst as well:
the pod of a rollout that no node has room for waits as long as one that a quota refuses. It is not seen what else runs
on the cluster, what its nodes keep for themselves, or how pods of several sizes fill them.
"""

from generator.proofs.capacity.proof import prove

__all__ = ["prove"]
