"""Proofs: what a reviewer would have to work out, computed from the compiled objects. One proof a folder.

A proof reads plain manifests and, of the model, what the spec declares about them; never the spec's text. It returns a
report with its findings; it prints nothing and ends nothing.
"""
