"""The face of work: what every other capability, the doors and the phones call."""

from api.tasks.service.access import (
    get_for_field,
    get_task,
    get_to_change,
    holds,
    load,
    sees_district,
)
from api.tasks.service.closing import (
    EvidenceMissing,
    NotCalledBack,
    archive,
    call_back,
    cancel,
    reopen,
)
from api.tasks.service.evidence import evidence_arrived, expect_evidence
from api.tasks.service.fieldwork import (
    accept,
    done,
    finish,
    note,
    resume,
    return_,
    set_out,
    start,
    suspend,
)
from api.tasks.service.holding import (
    NobodyNamed,
    assign,
    list_holders,
    reassign,
    release,
)
from api.tasks.service.moves import (
    IllegalMove,
    NoLongerYours,
    Overtaken,
    arrive,
    move,
)
from api.tasks.service.office import (
    HandsGone,
    bring_back,
    call_off,
    dispatch,
    enter_call_back,
    hand_on,
    put_away,
)
from api.tasks.service.opening import TaskDraft, open_task
from api.tasks.service.reasons import ReasonNotConcrete, require_concrete
from api.tasks.service.timeline import (
    Verification,
    list_broken,
    list_moments,
    verify_timeline,
    write,
)
from api.tasks.service.worklist import Place, count_open_by_crew, list_live_routes, list_worklist

__all__ = [
    "EvidenceMissing",
    "HandsGone",
    "IllegalMove",
    "NoLongerYours",
    "NobodyNamed",
    "NotCalledBack",
    "Overtaken",
    "Place",
    "ReasonNotConcrete",
    "TaskDraft",
    "Verification",
    "accept",
    "archive",
    "arrive",
    "assign",
    "bring_back",
    "call_back",
    "call_off",
    "cancel",
    "count_open_by_crew",
    "dispatch",
    "done",
    "enter_call_back",
    "evidence_arrived",
    "expect_evidence",
    "finish",
    "get_for_field",
    "get_task",
    "get_to_change",
    "hand_on",
    "holds",
    "list_broken",
    "list_holders",
    "list_live_routes",
    "list_moments",
    "list_worklist",
    "load",
    "move",
    "note",
    "open_task",
    "put_away",
    "reassign",
    "release",
    "reopen",
    "require_concrete",
    "resume",
    "return_",
    "sees_district",
    "set_out",
    "start",
    "suspend",
    "verify_timeline",
    "write",
]
