"""The spec: read with positions, check its shape and its meaning, resolve its layers, build the model.

    text -> reader.Document -> shape (the schema) -> layers + build (the model) -> rules (cross-field)

Never builds a manifest; never prints.
"""
