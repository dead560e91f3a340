"""Everything behind `./pwik`: standard library only, one module for each concern."""
