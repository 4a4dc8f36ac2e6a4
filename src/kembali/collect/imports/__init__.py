"""What files mean for the log. How a file is read is `files`."""
