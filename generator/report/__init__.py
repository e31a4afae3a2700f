"""The fleet as one page for people: for an engineering manager, an SRE and an auditor.

Gathers what the spec declares and what the proofs have worked out into plain frozen values, and fills a template with
them. Judges nothing, reads no clock, prints and writes nothing: the same spec gives the same page.
"""
