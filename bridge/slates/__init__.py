"""Slates: the still with a site's name that stands for its picture while there is none.

Drawn and encoded once, by a process of its own that ends when it is done (``python -m
bridge.slates``): what draws and encodes needs more memory than all slates together. The server
reads the results from its cache; ``media.slate`` sends them.
"""
