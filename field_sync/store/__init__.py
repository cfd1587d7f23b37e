"""The handheld's memory: what the server said, what the crew did, and the files.

`connection` opens it; each other module is one noun of it, asked through named questions.
"""
