"""The demo: what is played on a fresh database so that every page has something to show."""
