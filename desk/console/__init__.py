"""The specialists' pages: queue, live conversation, callbacks, withdrawing an answer."""
