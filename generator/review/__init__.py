"""What a merge would change in the clusters: two sets of built objects in, every difference with its risks out.

Plain data in, plain data out: never reads the disk, git or the spec, never runs a tool, prints or judges whether a
change is wanted.
"""
