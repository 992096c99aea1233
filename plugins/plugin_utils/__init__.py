"""What the plugins share; it runs on the workstation. They reach it by relative imports, since Ansible renames them."""
