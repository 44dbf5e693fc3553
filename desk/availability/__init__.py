"""When a person can be reached: one function, obeyed by bot, widget, greeting and queue."""
