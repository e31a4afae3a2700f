"""Order: when Argo CD applies what, and whether anything needs what comes later.

Argo CD goes on to the next wave when everything of one is well. What needs something of a later wave is never well, so
the later wave never comes. Within a wave it applies kinds in an order of its own, without waiting.
"""

from generator.proofs.order.proof import prove

__all__ = ["prove"]
