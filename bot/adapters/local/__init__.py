"""The local chat: group chats on a web page that Zhiban serves itself; the default, the demo, the tests' real browser."""
