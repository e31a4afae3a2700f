"""All proofs, by the name of their command. A new proof is one module and one line."""

from generator.proofs import access, capacity, cost, network, order, secrets, storage
from generator.proofs.evidence import Proof

PROOFS: dict[str, Proof] = {
    "cost": cost,
    "capacity": capacity,
    "network": network,
    "storage": storage,
    "access": access,
    "secrets": secrets,
    "order": order,
}
