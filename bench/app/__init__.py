"""The phone app in the real browser, on a phone's screen, against the real server and none."""
