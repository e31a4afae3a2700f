"""Network: who may reach whom, and on which port, from the compiled policies of all namespaces; and is it declared?

What is open must be what the spec declares, no more and no less. What cannot be seen from here: policies that others
bring into the cluster, addresses of pods (an address range is one outside the cluster), traffic of a pod with itself or
with its own node, which no policy closes, and whether anything listens.
"""

from generator.proofs.network.proof import prove

__all__ = ["prove"]
