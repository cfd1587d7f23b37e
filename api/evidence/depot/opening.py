"""The one place that chooses where evidence bytes lie."""

from __future__ import annotations

import functools
import urllib.parse
from typing import Final

from api.evidence.depot.contract import Depot
from api.evidence.depot.disk import DiskDepot
from api.settings import Settings

FOLDER: Final = "evidence"
"""The depot's folder in the data folder."""
_CONNECT_S: Final = 3
_READ_S: Final = 20
_ATTEMPTS: Final = 3
_OPEN_MAX: Final = 8


@functools.lru_cache(maxsize=_OPEN_MAX)
def opened(settings: Settings) -> Depot:
    """Open the depot that the settings choose; the same settings give the same depot."""
    folder = settings.data_dir / FOLDER
    return _in_bucket(settings) if settings.evidence_url else DiskDepot(folder)


def _in_bucket(settings: Settings) -> Depot:
    """Reach the bucket; who we are there, the client reads from `AWS_...` of the environment."""
    # Imported here, because the embedded default needs neither.
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415 - see above

    from api.evidence.depot.bucket import Bucket  # noqa: PLC0415 - see above
    from api.evidence.depot.s3 import S3Depot  # noqa: PLC0415 - see above

    place = urllib.parse.urlsplit(settings.evidence_url)
    prefix = place.path.strip("/")
    client = boto3.client(
        "s3",
        endpoint_url=settings.evidence_endpoint or None,
        config=Config(
            connect_timeout=_CONNECT_S,
            read_timeout=_READ_S,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=settings.threads,
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={
                "addressing_style": "path" if settings.evidence_endpoint else "auto",
                "payload_signing_enabled": True,
            },
        ),
    )
    return S3Depot(
        settings.data_dir / FOLDER,
        bucket=Bucket(client, name=place.netloc),
        prefix=f"{prefix}/" if prefix else "",
    )
