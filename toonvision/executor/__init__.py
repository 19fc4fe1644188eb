"""Where trials run: adapters that make a `concurrent.futures.Executor` of an engine, one file an engine.

Beside an Executor's methods, each has `workers`, the number of trials that may run at once. A worker that dies makes
its own future, and no other, raise `BrokenExecutor`, and is replaced.
"""
