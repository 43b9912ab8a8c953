"""The framework: chats, people, time, storage. It knows no fault and no duty."""
