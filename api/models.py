"""Every table, gathered for migrations and tests; nothing else imports this."""

from api.checkins import models as checkins
from api.crews import models as crews
from api.custody import models as custody
from api.evidence import models as evidence
from api.feed import models as feed
from api.notices import models as notices
from api.photos import models as photos
from api.promises import models as promises
from api.readings import models as readings
from api.repairs import models as repairs
from api.scheduler import models as scheduler
from api.sites import models as sites
from api.sync import models as sync
from api.tasks import models as tasks

__all__ = [
    "checkins",
    "crews",
    "custody",
    "evidence",
    "feed",
    "notices",
    "photos",
    "promises",
    "readings",
    "repairs",
    "scheduler",
    "sites",
    "sync",
    "tasks",
]
