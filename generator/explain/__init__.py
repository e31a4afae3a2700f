"""What is asked of a line: which values of the spec it comes from, and what they overrode.

Works on values and on text that it is given; never prints, never reads or writes a file.
"""
