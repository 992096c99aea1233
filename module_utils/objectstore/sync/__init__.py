"""A sync over two trees: compare, plan, carry out, report."""
