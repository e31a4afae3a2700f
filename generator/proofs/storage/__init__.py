"""Storage: whether every pod can get its volumes, and every rollout can end.

A ReadWriteOnce volume attaches to one node, so two pods that may run on two nodes cannot both have it; a
ReadWriteOncePod volume is for one pod anywhere. Counted are the pods that are wanted at once, as `pods` has it. A
rollout that stops nothing before a new pod is ready never ends if that pod can never start: for want of a volume that
an old pod holds, or of room in a quota that is full at full scale-out.
"""

from generator.proofs.storage.proof import prove

__all__ = ["prove"]
