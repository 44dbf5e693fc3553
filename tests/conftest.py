"""What the bot's tests share. Heavy parts load only where a test asks for them."""

import os

# Read by TensorFlow and Rasa when they are imported, which the first bot test does.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
