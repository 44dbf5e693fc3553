"""The public face of the desk: REST, event streams and the widget's files."""
