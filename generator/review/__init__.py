"""What a reviewer asks of a change and of a line: which lines of the spec wrote it, and what they overrode.

Works on values and on text that it is given; never prints, never reads or writes a file.
"""
