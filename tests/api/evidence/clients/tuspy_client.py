"""Send a file with tuspy: `python tuspy_client.py '{"url": ..., "file": ..., "kept": ...}'`.

Each offset that the server has told is printed; the upload's place is kept in a file, so that the
next run goes on with it.
"""

from __future__ import annotations

import json
import sys

from tusclient import client
from tusclient.storage import filestorage


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    """Send what is left of the file."""
    asked = json.loads(sys.argv[1])
    uploader = client.TusClient(asked["url"], headers=asked["headers"]).uploader(
        asked["file"],
        chunk_size=asked["chunk_bytes"],
        metadata=asked["metadata"],
        store_url=True,
        url_storage=filestorage.FileStorage(asked["kept"]),
        upload_checksum=asked["checksum"],
        retries=asked["retries"],
        retry_delay=0,
    )
    _say(f"begins {uploader.offset}")
    size_bytes = uploader.get_file_size()
    if size_bytes == 0:
        uploader.upload()
    while uploader.offset < size_bytes:
        uploader.upload_chunk()
        _say(f"at {uploader.offset}")
    _say(f"done {uploader.url}")


main()
