"""What everything is made of: values, names, sizes, errors, plans.

The standard library only, and nothing that touches a disk or a network.
"""
