"""What must hold under load, faults and attack: a program for each target of docs/trust.md, run by `./pwik prove`."""
