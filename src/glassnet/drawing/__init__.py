"""Drawing of findings: on paper, on the screen and in the terminal."""
