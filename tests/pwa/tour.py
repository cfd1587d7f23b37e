"""A walk past every screen of the app, in the states that people meet it in.

Whoever walks stops at each one, and has it looked at.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import pathlib
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page, expect

from api.promises.service import rulebook
from schemas import tasks
from tests.makers import sites
from tests.pwa import ground
from tests.pwa.books import Books
from tests.pwa.builds import build_anew
from tests.pwa.hand import SAFE_WITHIN_MS, Hand
from tests.pwa.office import Office
from tests.pwa.phone import Phone
from tests.pwa.photos import photo
from tests.pwa.words import LOCALES, Lang

Look = Callable[[Page, str], None]
NewPhone = Callable[..., Phone]
PIN: Final = "2468"
VAGUE: Final = "忙"


@dataclasses.dataclass(frozen=True, slots=True)
class Tour:
    """What a walk needs.

    Attributes:
        office: it serves a build of its own, and a basemap.
        app_folder: that build.
        new_phone: gives phones.
        lang: what their people speak.
        folder: for what is made on the way.
        look: looks at a screen and hears its name.
        theme: how the phones are set.
    """

    office: Office
    app_folder: pathlib.Path
    new_phone: NewPhone
    lang: Lang
    folder: pathlib.Path
    look: Look
    theme: str = "light"

    def walk(self) -> None:
        """See everything."""
        with self.office.books() as session:
            now = dt.datetime.now(tz=dt.UTC)
            ground.open_late(session, now=now)
            ground.ask_for_photos(session, now=now)
        self._reader()
        phone, hand = self._take("/app/#login=li")
        self._sign_in(phone, hand)
        self._order(phone, hand)
        self._deeds(hand)
        self._map(hand)
        self._without_signal(phone, hand)
        self._looks(phone, hand)
        self._settings(hand)
        self._thresholds(phone, hand)
        self._revoked(phone, hand)

    def _take(self, path: str = "/app/") -> tuple[Phone, Hand]:
        locale, scheme = LOCALES[self.lang], self.theme
        phone = self.new_phone(self.office, locale=locale, color_scheme=scheme)
        phone.open(path)
        return phone, Hand(phone, self.lang)

    def _sign_in(self, phone: Phone, hand: Hand) -> None:
        expect(hand.heading("signIn.title")).to_be_visible()
        self._see(hand, "sign-in")
        hand.write("signIn.password", "nothing that I know")
        hand.press("signIn.enter")
        expect(hand.page.locator("p.fault")).not_to_be_empty()
        self._see(hand, "sign-in-refused")
        phone.forgive("responded with a status of 401")
        hand.sign_in(ground.LINEMAN)
        hand.safe()
        self._see(hand, "today")

    def _order(self, phone: Phone, hand: Hand) -> None:
        hand.open_order(ground.ORDER)
        self._see(hand, "order")
        hand.accept()
        hand.set_out()
        hand.look_for_position("unsure")
        self._see(hand, "check-in-denied")
        self._staying(phone, hand)
        for verdict, north_m, accuracy_m in (("outside", 300, 12), ("inside", 10, 8)):
            lat_deg, lon_deg = sites.north_east(north_m=north_m)
            phone.stand_at(lat_deg=lat_deg, lon_deg=lon_deg, accuracy_m=accuracy_m)
            hand.back()
            hand.look_for_position(verdict)
            self._see(hand, f"check-in-{verdict}")
        hand.press("fix.checkIn")
        hand.keep_photo(photo(self.folder, seed=1))
        hand.safe()
        self._see(hand, "order-arrived")

    def _staying(self, phone: Phone, hand: Hand) -> None:
        lat_deg, lon_deg = sites.north_east(north_m=20)
        phone.stand_at(lat_deg=lat_deg, lon_deg=lon_deg, accuracy_m=60)
        hand.back()
        hand.look_for_position("unsure")
        staying = hand.page.locator(".staying")
        staying.get_by_role("button").click()
        expect(staying.locator("progress")).to_be_visible()
        staying.scroll_into_view_if_needed()
        self._see(hand, "check-in-staying")

    def _deeds(self, hand: Hand) -> None:
        self._deed(hand, "photo")
        self._deed(hand, "restore")
        self._deed(hand, "suspend")
        hand.pick(self._reason("customer_asked"))
        hand.press("doing.suspend")
        self._see(hand, "suspend-until")
        self._deed(hand, "note")
        self._deed(hand, "amend")
        self._open_deed(hand, "finish")
        hand.press("materials.add")
        self._see(hand, "finish")
        self._open_deed(hand, "return")
        hand.pick(hand.words("deeds.ownWords"))
        hand.write("deeds.reason", VAGUE)
        self._see(hand, "return-vague")
        self._open_deed(hand, "consent")
        hand.sign()
        self._see(hand, "consent")
        self._promises(hand)

    def _promises(self, hand: Hand) -> None:
        self._deed(hand, "promise")
        hand.open_order(ground.ORDER)
        by = dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=4)
        hand.promise(by=by, words="下午带吊车过来。", customer="李华")
        hand.look_up()
        self._see(hand, "order-promised")
        self._open_deed(hand, "reagree")
        hand.pick(hand.words("promises.hows.signed"))
        hand.press("promises.keepAgreed")
        self._see(hand, "reagree-unsigned")

    def _map(self, hand: Hand) -> None:
        hand.open_tab("map")
        expect(hand.page.locator(".leaflet-container")).to_be_visible()
        self._see(hand, "map")
        hand.page.evaluate("id => { location.hash = `#/map/${id}` }", ground.ORDER)
        expect(hand.page.locator(".chosen")).to_be_visible()
        self._see(hand, "map-order")
        hand.keep_streets()
        hand.has_streets()
        hand.open_tab("map")
        expect(hand.page.locator("img.leaflet-tile-loaded").first).to_be_visible()
        self._see(hand, "map-streets")

    def _without_signal(self, phone: Phone, hand: Hand) -> None:
        hand.open_tab("messages")
        self._see(hand, "messages-none")
        phone.wait_for_worker()
        hand.open_order(ground.FAR_ORDER)
        phone.context.set_offline(True)
        hand.accept()
        hand.write_note("没有信号")
        self._see(hand, "order-waiting")
        hand.suspend(self._reason("no_access"))
        hand.look_up()
        self._see(hand, "order-stands-still")
        hand.open_order(ground.LATE_ORDER)
        self._see(hand, "order-late")
        hand.accept()
        self._see(hand, "order-undecided")
        hand.open_today()
        self._see(hand, "today-waiting")
        hand.sync_now()
        expect(hand.page.get_by_text(hand.words("errors.NoSignal"))).to_be_visible()
        self._see(hand, "sync-waiting")
        hand.page.locator(".timeline .entry").first.click()
        expect(hand.page.get_by_text(hand.words("record.standing.waiting"))).to_be_visible()
        self._see(hand, "record-waiting")

    def _looks(self, phone: Phone, hand: Hand) -> None:
        """See what comes of an order that was called off meanwhile."""
        called_off = tasks.Cancelled(reason="客户来电，路灯已自行恢复")
        Books(self.office.desk()).send("POST", f"/v1/tasks/{ground.FAR_ORDER}/cancel", called_off)
        phone.context.set_offline(False)
        hand.open_tab("sync")
        expect(hand.heading("sync.allSafe")).to_be_visible(timeout=SAFE_WITHIN_MS)
        hand.page.locator(".timeline .entry").first.click()
        expect(hand.page.get_by_text(hand.words("record.standing.look"))).to_be_visible()
        self._see(hand, "record-look")
        hand.press("record.seen")
        hand.open_tab("sync")
        self._see(hand, "sync-look")
        hand.open_tab("messages")
        expect(hand.page.locator(".card").first).to_be_visible()
        self._see(hand, "messages")
        hand.page.evaluate("location.hash = '#/order/nobody-knows-it'")
        expect(hand.heading("gone.title")).to_be_visible()
        self._see(hand, "gone")

    def _settings(self, hand: Hand) -> None:
        hand.open_tab("settings")
        expect(hand.page.get_by_text(hand.words("settings.storage"))).to_be_visible()
        self._see(hand, "settings")
        hand.page.get_by_role("button", name=hand.words("settings.signOut")).click()
        self._see(hand, "sign-out")
        hand.sheet().get_by_role("button", name=hand.words("settings.signOut")).click()
        expect(hand.pill()).to_contain_text(hand.words("pill.signedOut"))
        hand.open_tab("sync")
        self._see(hand, "sync-signed-out")
        hand.follow("sync.signIn")
        self._see(hand, "sign-in-again")
        hand.sign_in(ground.LINEMAN)
        build_anew(self.app_folder)
        hand.look_for_update()
        expect(hand.offer()).to_be_visible()
        self._see(hand, "update")

    def _thresholds(self, phone: Phone, hand: Hand) -> None:
        other = Hand(phone, self.lang, tab=phone.context.new_page())
        other.page.goto(f"{self.office.url}/app/")
        expect(other.heading("thresholds.asleep")).to_be_visible()
        self._see(other, "asleep")
        other.page.close()
        hand.open_tab("settings")
        hand.press("pin.set")
        hand.write("pin.first", PIN)
        hand.press("pin.keep")
        self._see(hand, "pin")
        hand.write("pin.again", PIN)
        hand.press("pin.keep")
        expect(hand.page.get_by_role("button", name=hand.words("pin.off"))).to_be_visible()
        hand.page.reload()
        hand.write("pin.first", "1111")
        hand.press("pin.unlock")
        expect(hand.page.get_by_text(hand.words("pin.wrong"))).to_be_visible()
        self._see(hand, "lock")
        hand.write("pin.first", PIN)
        hand.press("pin.unlock")
        expect(hand.heading("settings.title")).to_be_visible()

    def _revoked(self, phone: Phone, hand: Hand) -> None:
        books = Books(self.office.desk(ground.ADMINISTRATOR))
        (device,) = [each for each in books.phones() if each.person_id == ground.LINEMAN]
        books.send("DELETE", f"/v1/devices/{device.id}")
        hand.sync_now()
        expect(hand.page.get_by_text(hand.words("sync.wiped"))).to_be_visible()
        self._see(hand, "sync-revoked")
        hand.open_today()
        self._see(hand, "today-revoked")
        phone.forgive("responded with a status of")

    def _reader(self) -> None:
        phone, hand = self._take()
        hand.sign_in(ground.READER)
        hand.safe()
        self._see(hand, "reader-today")
        hand.cards().first.click()
        expect(hand.state()).to_be_visible()
        self._see(hand, "reader-order")
        hand.go_on_with_route()
        self._see(hand, "meter")
        hand.type_value("10999")
        hand.press("meter.keep")
        expect(hand.sheet()).to_be_visible()
        self._see(hand, "meter-prompts")
        hand.press("prompts.confirm")
        expect(hand.warning()).to_be_visible()
        self._see(hand, "meter-photo-first")
        hand.press("prompts.lookAgain")
        self._see(hand, "meter-typed")
        hand.press("skip.short")
        self._see(hand, "meter-skip")
        before = hand.serial()
        hand.say_why("dog")
        hand.leave_meter(before)
        self._see(hand, "meter-gated")
        self._findings(hand)
        self._left(hand)
        phone.close()

    def _findings(self, hand: Hand) -> None:
        """See a meter that differs, from the meter on the screen; then one of another's."""
        hand.follow("findings.otherLink")
        expect(hand.heading("findings.other")).to_be_visible()
        self._see(hand, "meter-changed")
        hand.pick(hand.words("findings.whats.mismatch"))
        hand.press("findings.report")
        expect(hand.page.locator("p.fault").first).not_to_be_empty()
        self._see(hand, "meter-mismatch")
        hand.write("findings.serial", "SNM0777")
        hand.write("findings.totalIf", "11100")
        hand.press("findings.report")
        expect(hand.page.locator(".serial-big")).to_contain_text("SNM0777")
        self._see(hand, "meter-waits")
        hand.back()
        hand.follow("findings.foundLink")
        expect(hand.heading("findings.found")).to_be_visible()
        self._see(hand, "meter-found")
        hand.back()

    def _left(self, hand: Hand) -> None:
        """See the route's list, and what is left of it before it is ended."""
        expect(hand.page.locator("a.stop").first).to_be_visible()
        hand.page.get_by_role("radio", name=hand.words("route.sieves.all")).check()
        expect(hand.page.get_by_text(hand.words("findings.waitsShort"))).to_be_visible()
        self._see(hand, "route")
        hand.page.get_by_role("searchbox").fill("nobody")
        expect(hand.page.get_by_text(hand.words("route.notFound"))).to_be_visible()
        self._see(hand, "route-not-found")
        hand.open_today()
        hand.cards().first.click()
        hand.finish_route()
        self._see(hand, "route-left")

    def _reason(self, code: str) -> str:
        """Say a reason of the policy set in force as the phone shows it."""
        known = rulebook.get_set(rulebook.DEFAULT).reasons
        words = next(each.words for each in known if each.code == code)
        return words.zh if self.lang == "zh" else words.en

    def _deed(self, hand: Hand, deed: str) -> None:
        self._open_deed(hand, deed)
        self._see(hand, deed)

    def _open_deed(self, hand: Hand, deed: str) -> None:
        hand.page.evaluate("to => { location.hash = to }", f"#/order/{ground.ORDER}/{deed}")
        expect(hand.heading(f"deeds.{deed}")).to_be_visible()

    def _see(self, hand: Hand, name: str) -> None:
        self.look(hand.page, name)
