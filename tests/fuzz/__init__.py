"""Coverage-guided fuzzing of every parser: `./pwik fuzz`. What it finds stays in regressions/."""
