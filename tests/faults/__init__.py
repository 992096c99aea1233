"""What holds when things break: ``make faults``.

Each fault happens to a real sync on a real server, by its name, as often as the table says. Afterwards the sync is run
until it is done, every object is compared bit by bit, and uploads that nobody completed are looked for.
"""
