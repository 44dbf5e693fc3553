"""What follows a stored message: the bot's turn, timers, and the worker that runs the late ones."""
