"""Secrets: which remote keys must exist, which Secret each becomes, who reads it, and whether that sees a new value.

Names only; no value gets here, or anywhere near. Pods read secrets as variables, which change in no running pod: so
Stakater Reloader restarts a Deployment when a Secret named in its annotation changes, and a CronJob reads its secrets
anew at each run.
"""

from generator.proofs.secrets.proof import prove

__all__ = ["prove"]
