"""The cluster, through kubectl: what a workload was given, and where it is reached."""
