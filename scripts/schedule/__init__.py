"""A month of virtual time for many made-up feeds, to compare ways of scheduling their polls."""
