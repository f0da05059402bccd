"""Hostile input for everything that reads the wire, guided by coverage (atheris).

``make fuzz`` gives every target of :mod:`fuzz.targets` its share of a million inputs and
prints how many each had; ``FUZZ_RUNS`` says how many per target instead. CI plays some
thousands of inputs that :mod:`fuzz.mutate` makes of the same seeds, always the same ones.
An input that breaks a target is kept in ``build/fuzz``; it becomes a test beside the parser.
"""
