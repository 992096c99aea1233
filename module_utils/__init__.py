"""Code that Ansible ships to managed hosts together with the modules."""
