"""How long things are kept, and who erases what."""

from retention.registry import ErasureSubject, register_eraser, register_forgetter

__all__ = ["ErasureSubject", "register_eraser", "register_forgetter"]
