"""Refuses what looks like a credential. The spec names secrets; their values belong in the secret store.

Every text is judged once, however often it stands in the spec; comments are texts too. No value is ever repeated.
"""

from generator.spec.credentials.check import RULE, Found, check, without_values

__all__ = ["RULE", "Found", "check", "without_values"]
