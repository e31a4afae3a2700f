"""Refuses what looks like a credential. The spec names secrets; their values belong in the secret store.

Every text is judged once, however often it stands in the spec; comments are texts too. No value is ever repeated.

Own code, since a library judges lines: detect-secrets 1.5 takes 7 s for a thousand agents, which take 1 s to read; it
finds half of what tests/test_credentials.py lists, and refuses settings such as REQUIRE_API_KEY: "true".
"""

from generator.spec.credentials.check import RULE, Found, check, without_values

__all__ = ["RULE", "Found", "check", "without_values"]
