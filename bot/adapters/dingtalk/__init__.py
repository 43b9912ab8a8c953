"""DingTalk: custom robots that send into one group each, and the enterprise robot that hears, answers and writes to persons."""
