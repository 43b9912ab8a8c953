"""WeCom (企业微信): group robots send, the self-built app talks to one person, the AI bot hears groups."""
