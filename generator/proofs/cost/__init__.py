"""Cost: what each agent, tier, team and cost centre may come to in a month, and whether that is within its budget.

Infrastructure is priced by what the compiled objects request. What model providers charge cannot be read off them: an
agent's AI budget counts in full. Over budget is a finding, unless a waiver says otherwise until a day that has not
passed.
"""

from generator.proofs.cost.proof import prove

__all__ = ["prove"]
