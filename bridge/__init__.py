"""Điểm Cầu: hybrid forums between a hall and its provincial bridge points."""

__version__ = "0.1.0"
