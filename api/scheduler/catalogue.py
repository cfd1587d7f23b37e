"""The one table of scheduled jobs: what each is called, when it runs, what a run does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from sqlalchemy.orm import Session

from api.acts import Act
from api.crews import jobs as crews
from api.custody import checkpoints, stamping
from api.custody import jobs as custody
from api.customer_promises import jobs as customer_promises
from api.db import Database
from api.evidence import jobs as evidence
from api.evidence import keeping, sweeping
from api.insight import jobs as insight
from api.notices import jobs as notices
from api.photos import jobs as photos
from api.promises import jobs as promises
from api.readings import jobs as readings
from api.readings.service import flagging
from api.scheduler import ledger, slots
from api.settings import Settings
from api.supervision import jobs as supervision
from api.sync import jobs as sync
from api.tasks import jobs as tasks
from schemas.errors import Words
from schemas.jobs import Family, Limit


class Run(Protocol):
    """What a job does for one district in one unit of work."""

    def __call__(self, session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        """Do the work as of `act.happened.at`.

        Returns:
            How many of what were done, for the ledger.
        """
        ...


class Survey(Protocol):
    """What a job looks at before its run, outside of any unit of work, because it takes long."""

    def __call__(self, database: Database, *, act: Act, settings: Settings) -> Run:
        """Look, and give the run that enters what was seen."""
        ...


class Wanted(Protocol):
    """Whether a job has anything to do, asked often and answered by one cheap question."""

    def __call__(self, session: Session, *, district_id: str, now: dt.datetime) -> bool:
        """Tell whether a slot of the district's is worth running at an instant."""
        ...


class RunAlone(Protocol):
    """A run that needs nothing but the database."""

    def __call__(self, session: Session, *, act: Act) -> dict[str, int]:
        """Do the work, as `Run` does."""
        ...


def alone(run: RunAlone) -> Run:
    """Make a run of one that needs nothing but the database."""

    @functools.wraps(run)
    def ran(session: Session, *, act: Act, settings: Settings) -> dict[str, int]:
        del settings
        return run(session, act=act)

    return ran


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of the schedule; it has a `run`, or a `survey` that gives one.

    `lease_s` is how long a run may take: after it, another worker may run the slot again, and only
    one of the two takes effect. `wanted` lets slots go by in which there is nothing to do.
    `limit` is how much one run does in a district.
    """

    name: str
    family: Family
    schedule: slots.Schedule
    run: Run | None = None
    survey: Survey | None = None
    wanted: Wanted | None = None
    lease_s: float
    limit: Limit
    about: Words

    @property
    def owner(self) -> str:
        """The slice whose job it is."""
        work = self.survey or self.run
        assert work is not None, "a job does something"
        return work.__module__.split(".")[1]

    def ready(self, database: Database, *, act: Act, settings: Settings) -> Run:
        """Give the run, after looking where the job looks first."""
        if self.survey is not None:
            return self.survey(database, act=act, settings=settings)
        assert self.run is not None, "a job does something"
        return self.run


def at_most(most: int, *, en: str, zh: str) -> Limit:
    """Say how much of what one run does."""
    return Limit(most=most, of=Words(en=en, zh=zh))


JOBS: Final = (
    Job(
        name="send_notices",
        family=Family.act_during,
        schedule=slots.EverySeconds(5),
        survey=notices.SendNotices,
        wanted=notices.is_wanted,
        lease_s=900,
        limit=at_most(notices.TURNS_PER_RUN, en="turns, each of one receiver", zh="个接收方轮次"),
        about=Words(
            en="Send what waits for phones, systems, mailboxes and customers; try again what could "
            "not be sent.",
            zh="向手机、对接系统、邮箱和客户发送待发通知，并重试未能送出的通知。",
        ),
    ),
    Job(
        name="flag_overdue",
        family=Family.act_during,
        schedule=slots.EveryMinutes(1),
        run=alone(promises.run),
        lease_s=300,
        limit=at_most(
            promises.CLOCKS_PER_BATCH * promises.BATCHES_MAX, en="promises looked at", zh="个时限"
        ),
        about=Words(
            en="Warn of promises at 50 % and 80 % of their time; settle what is overdue.",
            zh="承诺时限过半和达到 80% 时预警，对超时承诺定论并发起督办。",
        ),
    ),
    Job(
        name="climb_supervision",
        family=Family.act_during,
        schedule=slots.EveryMinutes(1),
        run=alone(supervision.run),
        lease_s=300,
        limit=at_most(
            supervision.CASES_PER_BATCH * supervision.BATCHES_MAX,
            en="cases looked at",
            zh="张督办单",
        ),
        about=Words(
            en="Let supervision cases climb that nobody has ended in the hours of their policy.",
            zh="将逾期未办结的督办单按标准逐级升级。",
        ),
    ),
    Job(
        name="foresee_late",
        family=Family.warn_before,
        schedule=slots.EveryMinutes(5),
        run=alone(tasks.foresee),
        lease_s=300,
        limit=at_most(tasks.FORESEEN_PER_RUN, en="clocks", zh="个时限"),
        about=Words(
            en="Warn of promises that a crew cannot meet by its way and the work before it.",
            zh="按路程和在手工单推算，对班组无法兑现的承诺提前预警。",
        ),
    ),
    Job(
        name="tell_customers",
        family=Family.warn_before,
        schedule=slots.EverySeconds(5),
        run=customer_promises.inform,
        wanted=customer_promises.is_wanted,
        lease_s=300,
        limit=at_most(customer_promises.NOTICES_PER_RUN, en="notices brought on", zh="条客户通知"),
        about=Words(
            en="Hand over text messages to customers whose time has come, of promises in danger "
            "first; write down who knows.",
            zh="到时发送客户短信，及时告知可能延迟的承诺，并登记告知情况。",
        ),
    ),
    Job(
        name="retry_held",
        family=Family.act_during,
        schedule=slots.EveryMinutes(1),
        run=alone(sync.run),
        lease_s=300,
        limit=at_most(sync.OPERATIONS_PER_RUN, en="operations tried", zh="条操作记录"),
        about=Words(
            en="Try held operations again that are due, and all of them after an update.",
            zh="重新处理到期的暂存操作记录；系统更新后全部重新处理。",
        ),
    ),
    Job(
        name="examine_photos",
        family=Family.audit_after,
        schedule=slots.EveryMinutes(1),
        survey=photos.Examine,
        lease_s=1_800,
        limit=at_most(photos.FILES_PER_RUN, en="files looked into", zh="个文件"),
        about=Words(
            en="Look into files that have arrived: what they are, say and look like.",
            zh="检视已到达的文件：识别类型、读取内容、生成缩略图并查找相似照片。",
        ),
    ),
    Job(
        name="pack_receipts",
        family=Family.housekeeping,
        schedule=slots.EveryMinutes(1),
        run=alone(sync.pack_receipts),
        lease_s=300,
        limit=at_most(sync.PACKS_PER_RUN, en="packs made", zh="个压缩包"),
        about=Words(
            en="Pack the bytes of applied operations that are older than 30 days.",
            zh="将 30 天以前已生效操作记录的原文压缩保存。",
        ),
    ),
    Job(
        name="sweep_uploads",
        family=Family.housekeeping,
        schedule=slots.EveryMinutes(10),
        run=evidence.sweep_uploads,
        lease_s=600,
        limit=at_most(sweeping.SWEPT_MAX, en="uploads forgotten", zh="个上传任务"),
        about=Words(
            en="Forget uploads that nobody goes on with, and discard their bytes.",
            zh="清理无人继续的上传任务，并删除其已接收的数据。",
        ),
    ),
    Job(
        name="scrub_files",
        family=Family.audit_after,
        schedule=slots.EveryMinutes(30),
        survey=evidence.ScrubFiles,
        lease_s=1_500,
        limit=at_most(keeping.SCRUBBED_MAX, en="files hashed", zh="个文件"),
        about=Words(
            en="Hash the evidence files that were looked at longest ago; report rot and loss.",
            zh="重新校验最久未检查的证据文件，并报告损坏与丢失。",
        ),
    ),
    Job(
        name="checkpoints",
        family=Family.audit_after,
        schedule=slots.EveryMinutes(60),
        survey=custody.MakeCheckpoint,
        lease_s=600,
        limit=at_most(checkpoints.LEAVES_MAX, en="chains signed", zh="条记录链"),
        about=Words(
            en="Sign how far every timeline and every device's receipts reach.",
            zh="对每条工单时间线和每台设备回执的当前末端做签名存证。",
        ),
    ),
    Job(
        name="stamp_checkpoints",
        family=Family.audit_after,
        schedule=slots.EveryMinutes(10),
        survey=custody.StampCheckpoints,
        lease_s=600,
        limit=at_most(stamping.STAMPS_PER_RUN, en="checkpoints stamped", zh="个存证点"),
        about=Words(
            en="Have new checkpoints stamped by a time-stamp authority, where one is named.",
            zh="在指定了时间戳服务机构时，为新的存证点申请时间戳。",
        ),
    ),
    Job(
        name="sweep_files",
        family=Family.housekeeping,
        schedule=slots.Daily(4, 0),
        survey=sync.SweepFiles,
        lease_s=3_600,
        limit=at_most(keeping.SWEPT_MAX, en="files deleted", zh="个文件"),
        about=Words(
            en="Delete the bytes of files that nobody declared, after a grace and a day more.",
            zh="宽限期满并再过一天后，删除无人登记的文件数据。",
        ),
    ),
    Job(
        name="flag_estimates",
        family=Family.audit_after,
        schedule=slots.Daily(1, 0),
        run=alone(readings.run),
        lease_s=3_600,
        limit=at_most(
            flagging.READINGS_PER_BATCH * flagging.BATCHES_MAX,
            en="readings judged",
            zh="条抄表数据",
        ),
        about=Words(
            en="Flag readings that were estimated or invented, and photos used again; "
            "take settled routes off the phones.",
            zh="标记估抄、编造以及照片重复使用的抄表数据，并将已办结的抄表路线从手机上撤下。",
        ),
    ),
    Job(
        name="issue_reports",
        family=Family.audit_after,
        schedule=slots.Daily(6, 0),
        survey=insight.IssueReports,
        lease_s=3_600,
        limit=at_most(insight.REPORTS_PER_RUN, en="reports issued", zh="份报表"),
        about=Words(
            en="Issue the report of each week and month that is over and has none yet.",
            zh="为已结束且尚未出具报表的周和月出具统计报表。",
        ),
    ),
    Job(
        name="forget_messages",
        family=Family.housekeeping,
        schedule=slots.Daily(2, 30),
        run=alone(tasks.run),
        lease_s=600,
        limit=at_most(tasks.MESSAGES_PER_RUN, en="messages taken off", zh="条班组消息"),
        about=Words(
            en="Take messages to crews that have stood a week off the phones.",
            zh="将发出满一周的班组消息从手机上撤下。",
        ),
    ),
    Job(
        name="forget_notices",
        family=Family.housekeeping,
        schedule=slots.Daily(2, 45),
        run=alone(notices.forget),
        lease_s=600,
        limit=at_most(notices.FORGOTTEN_MAX, en="notices deleted", zh="条通知"),
        about=Words(
            en="Delete notices that ended a month ago, and where revoked phones heard them.",
            zh="清理一个月前已办结的通知，以及已停用手机的推送订阅。",
        ),
    ),
    Job(
        name="forget_customer_notices",
        family=Family.housekeeping,
        schedule=slots.Daily(2, 50),
        run=alone(customer_promises.forget),
        lease_s=600,
        limit=at_most(customer_promises.FORGOTTEN_PER_RUN, en="notices deleted", zh="条客户通知"),
        about=Words(
            en="Delete what customers were told a month ago, with their numbers.",
            zh="清理一个月前的客户通知及其号码。",
        ),
    ),
    Job(
        name="forget_sign_ins",
        family=Family.housekeeping,
        schedule=slots.Daily(3, 0),
        run=alone(crews.run),
        lease_s=600,
        limit=at_most(crews.BUCKETS_FORGOTTEN_MAX, en="limits forgotten", zh="条限额记录"),
        about=Words(
            en="Forget expired refresh tokens; rotate a signing key that is too old.",
            zh="清理过期的刷新令牌，并轮换使用过久的签名密钥。",
        ),
    ),
    Job(
        name="forget_runs",
        family=Family.housekeeping,
        schedule=slots.Daily(3, 30),
        run=alone(ledger.forget_old),
        lease_s=600,
        limit=at_most(ledger.FORGOTTEN_PER_RUN_MAX, en="runs forgotten", zh="条运行记录"),
        about=Words(
            en=f"Delete ledger rows of runs older than {ledger.KEPT_DAYS} days.",
            zh=f"清理 {ledger.KEPT_DAYS} 天以前的任务运行记录。",
        ),
    ),
)
BY_NAME: Final[Mapping[str, Job]] = MappingProxyType({job.name: job for job in JOBS})
