"""Measures the house beside others and beside itself, on this machine: `make bench`.

The figures hold for this machine as it is just now; with other work beside it they are worse.
Every server listens on loopback, gets a bounded number of messages and is ended with its part.
"""
