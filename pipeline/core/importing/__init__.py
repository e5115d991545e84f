"""Turns keyword lists, tables of keywords and rules of ElastAlert 2 into alert rules."""
