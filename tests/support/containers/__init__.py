"""Docker for the tests: a daemon of their own, images made here, and what molecule's driver takes."""
