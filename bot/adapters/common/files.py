"""What is in a file of a post."""

import asyncio
from pathlib import Path

from bot.core.content import Attachment
from bot.core.errors import Rejected


async def contents(state_dir: Path, file: Attachment) -> bytes:
    """The file's bytes; ``Rejected`` when it is gone, because trying again would only hold up what waits behind it."""
    try:
        return await asyncio.to_thread((state_dir / file.path).read_bytes)
    except OSError as error:
        raise Rejected(f"a file that is not there any more: {error.strerror}") from None
