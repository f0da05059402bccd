"""Measures a real server against the budget of the design, with real clients, in CPU time.

``python -m bench`` starts ``diemcau serve`` on free ports of 127.0.0.1, one publisher,
viewers and pages in processes of their own, and prints each figure beside its bar.
Nothing here is a test: figures of a busy machine are printed with its load, not judged.
"""
