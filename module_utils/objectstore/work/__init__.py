"""What a module does for the options of one step, where a process can do the steps of several.

Each file has the ``ARGUMENTS`` of the module of its name, and its ``work``: a step becomes a report.
"""
