"""Every table, gathered for migrations and tests; nothing else imports this."""

from api.appointments import models as appointments
from api.checkins import models as checkins
from api.crews import models as crews
from api.custody import models as custody
from api.customer_notices import models as customer_notices
from api.customer_promises import models as customer_promises
from api.evidence import models as evidence
from api.feed import models as feed
from api.insight import models as insight
from api.meter_findings import models as meter_findings
from api.notices import models as notices
from api.photos import models as photos
from api.promises import models as promises
from api.readings import brought as readings_brought
from api.readings import models as readings
from api.readings import standing as readings_standing
from api.repairs import models as repairs
from api.requests import models as requests
from api.scheduler import models as scheduler
from api.sites import models as sites
from api.supervision import models as supervision
from api.sync import models as sync
from api.tasks import models as tasks

__all__ = [
    "appointments",
    "checkins",
    "crews",
    "custody",
    "customer_notices",
    "customer_promises",
    "evidence",
    "feed",
    "insight",
    "meter_findings",
    "notices",
    "photos",
    "promises",
    "readings",
    "readings_brought",
    "readings_standing",
    "repairs",
    "requests",
    "scheduler",
    "sites",
    "supervision",
    "sync",
    "tasks",
]
