"""Access: what every ServiceAccount, and every team, may do with the Kubernetes API, and what nobody should.

Computed from the Roles and bindings as the API server adds them up. What an agent may do must be what the spec
declares; what would let it read secrets, become another or reach beyond its namespace is a finding even where the spec
declares it, unless a waiver says otherwise until a day that has not passed.
"""

from generator.proofs.access.proof import prove

__all__ = ["prove"]
