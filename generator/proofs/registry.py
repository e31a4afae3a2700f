"""All proofs, by the name of their command. A new proof is one module and one line."""

from generator.proofs.evidence import Proof

PROOFS: dict[str, Proof] = {}
