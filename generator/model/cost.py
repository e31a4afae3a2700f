"""What the cluster's parts cost, and which breaches of a budget are put up with for a time."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """Prices in USD a month, on what is requested.

    The defaults are OpenCost's generic ones unless said otherwise: its configs/default.json at commit 0d1f69c (GCP
    us-central1; read in November 2026), an hour's price for 730 hours, to the cent.
    """

    cpu: Fraction = Fraction("23.08")  # a core; 0.031611 an hour
    memory_gi: Fraction = Fraction("3.09")  # a GiB; 0.004237 an hour
    gpu: Fraction = Fraction("693.5")  # a GPU; 0.95 an hour
    storage_gi: Fraction = Fraction("0.04")  # a GiB of a single volume; 0.00005479452 an hour
    # A GiB of a shared volume: Amazon EFS, Standard, us-east-1. aws.amazon.com/efs/pricing, read in November 2026;
    # OpenCost has no price for it.
    shared_storage_gi: Fraction = Fraction("0.3")
    # OpenCost's 0.025 an hour for one forwarding rule, the same in its code for AWS, Azure and GCP
    # (LoadBalancerPricing in pkg/cloud/*/provider.go, read in November 2026); its default.json says 0.
    load_balancer: Fraction = Fraction("18.25")


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """Puts up with a finding about one agent, tier or team until a day has passed; in one environment, or in all."""

    rule: str
    reason: str
    owner: str
    until: str  # the last day on which it holds, as 2026-12-31
    agent: str | None = None
    tier: str | None = None
    team: str | None = None
    environment: str | None = None

    @property
    def subject(self) -> str | None:
        """Whom the finding is about."""
        return self.agent or self.tier or self.team
