"""The commands, one file each: the name of the file is that of the command.

A file has the function `run`, whose docstring is the help and whose parameters are the options, and `EXAMPLE`, the
command line that the help ends with. `attendancectl.app` finds it; nothing else has to be changed.
"""
