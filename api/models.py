"""Every table, gathered for migrations and tests; nothing else imports this."""

from api.evidence import models as evidence
from api.feed import models as feed
from api.readings import models as readings
from api.sites import models as sites
from api.tasks import models as tasks

__all__ = ["evidence", "feed", "readings", "sites", "tasks"]
