"""The console's pages. They parse, fetch through access, call one service and answer."""
