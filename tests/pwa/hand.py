"""What a person does with the app: taps and words, so that a story reads like one.

Things are found as a person finds them: by their role and by what stands on them. Each deed ends
when the screen shows that it was kept.
"""

from __future__ import annotations

import datetime as dt
import pathlib
import re
import zoneinfo
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.pwa import ground
from tests.pwa.phone import Phone
from tests.pwa.words import Lang, Words

ZONE: Final = zoneinfo.ZoneInfo("Asia/Shanghai")
SAFE_WITHIN_MS: Final = 60_000
"""Everything is at the office by then, on a busy machine too."""


class Hand:
    """Somebody's hand, and their eyes, on a phone.

    Attributes:
        words: what the app shows, in the language of its person.
    """

    def __init__(self, phone: Phone, lang: Lang = "zh", *, tab: Page | None = None) -> None:
        """Take a phone in hand; with a tab, that one of its browser."""
        self.words = Words(lang)
        self._phone = phone
        self._tab = tab

    @property
    def page(self) -> Page:
        """The app as it runs now."""
        return self._tab or self._phone.page

    # ------------------------------------------------------------------------- to see

    def heading(self, key: str) -> Locator:
        """Find a screen's name."""
        return self.page.get_by_role("heading", name=self.words(key), exact=True)

    def cards(self) -> Locator:
        """Find the work on Today."""
        return self.page.locator("a.card")

    def pill(self) -> Locator:
        """Find the state of sync at the head of every screen."""
        return self.page.locator("a.pill")

    def state(self) -> Locator:
        """Find the state that the order on the screen is in."""
        return self.page.get_by_label(self.words("order.state"), exact=True).locator("strong")

    def acts(self) -> Locator:
        """Find the lines of what was done by this crew on the order on the screen."""
        return self.page.locator(".timeline .entry")

    def photos(self) -> Locator:
        """Find the photos on the screen."""
        return self.page.locator(".photos li")

    def warning(self) -> Locator:
        """Find what the app says of a deed that it refused."""
        return self.page.locator(".toast.bad")

    def clocks(self, seen: str) -> Locator:
        """Find the clocks on the screen that stand so, as `near` or `still`."""
        return self.page.locator(f".due.{seen}")

    def verdict(self) -> Locator:
        """Find what the app says of a position."""
        return self.page.locator("p.verdict")

    def display(self) -> Locator:
        """Find the number pad's display."""
        return self.page.locator("output.display")

    def offer(self) -> Locator:
        """Find the bar that offers a new build."""
        return self.page.get_by_role("complementary", name=self.words("update.label"), exact=True)

    def sheet(self) -> Locator:
        """Find a question that must be answered before anything goes on."""
        return self.page.get_by_role("dialog")

    # ------------------------------------------------------------------------- to move

    def press(self, key: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=self.words(key), exact=True).click()

    def follow(self, key: str) -> None:
        """Follow a line that leads on."""
        self.page.get_by_role("link", name=self.words(key), exact=True).click()

    def write(self, key: str, text: str) -> None:
        """Fill in a field."""
        self.page.get_by_label(self.words(key), exact=True).last.fill(text)

    def open_tab(self, name: str) -> None:
        """Go to one of the five places, from wherever one is."""
        self.page.evaluate("name => { location.hash = name }", f"#/{name}")
        expect(self.heading(f"{name}.title")).to_be_visible()

    def open_today(self) -> None:
        """Look at the day's work."""
        self.page.evaluate("location.hash = '#/'")
        expect(self.heading("today.title")).to_be_visible()

    def open_order(self, order_id: str) -> None:
        """Tap an order's card."""
        self.open_today()
        self.page.locator(f"a.card[href='#/order/{order_id}']").click()
        expect(self.state()).to_be_visible()

    def back(self) -> None:
        """Go up."""
        self.follow("back")

    def look_up(self) -> None:
        """Look at the head of the order on the screen."""
        self.state().scroll_into_view_if_needed()

    # ------------------------------------------------------------------------- the session

    def sign_in(self, login: str, password: str = ground.PASSWORD) -> None:
        """Make this phone somebody's, or open their session again; it waits for their work."""
        self.write("signIn.login", login)
        self.write("signIn.password", password)
        self.press("signIn.enter")
        expect(self.heading("today.title")).to_be_visible()
        expect(self.cards().first).to_be_visible()

    def safe(self) -> None:
        """Wait until everything is at the office, photos too."""
        expect(self.pill()).to_contain_text(self.words("pill.allSafe"), timeout=SAFE_WITHIN_MS)

    def sync_now(self) -> None:
        """Ask for a round by hand; one that is under way is a round as well."""
        self.open_tab("sync")
        now = self.page.get_by_role("button", name=self.words("sync.now"), exact=True)
        expect(now).to_be_enabled(timeout=SAFE_WITHIN_MS)
        now.click()

    def look_for_update(self) -> None:
        """Let the app ask for a newer build, as it does by itself every hour."""
        look = "navigator.serviceWorker.getRegistration().then(found => found.update())"
        self.page.evaluate(look)

    # ------------------------------------------------------------------------- the map

    def keep_streets(self) -> None:
        """Choose to keep the basemap, whose size is said before."""
        self.open_tab("settings")
        self.page.get_by_role("button", name=re.compile("MB")).click()

    def has_streets(self) -> None:
        """Wait until all of it is here."""
        remove = self.page.get_by_role("button", name=self.words("basemap.forget"), exact=True)
        expect(remove).to_be_visible(timeout=SAFE_WITHIN_MS)
        expect(self.page.locator("progress")).to_have_count(0)

    # ------------------------------------------------------------------------- an order

    def accept(self) -> None:
        """Take the order on the screen."""
        self._step("accept", "accepted")

    def set_out(self) -> None:
        """Leave for the site."""
        self._step("set_out", "en_route")

    def start(self) -> None:
        """Begin the work."""
        self._step("start", "working")

    def look_for_position(self, verdict: str) -> None:
        """Open the check-in, and wait until the screen says so of the position."""
        self.press("doing.arrive")
        expect(self.verdict()).to_contain_text(self.words(f"verdicts.{verdict}"))

    def check_in(self, verdict: str = "inside") -> None:
        """Check in with the position that the phone has, or with none."""
        self.look_for_position(verdict)
        self.press("fix.checkIn" if verdict == "inside" else "fix.checkInAnyway")
        self._is_now("arrived")

    def restore(self) -> None:
        """Say that the lights are on."""
        self.press("doing.restore")
        self.press("deeds.restoreNow")
        self._is_now("restored")

    def finish(self, *, cause: str, work_done: str, material: str = "", quantity: int = 1) -> None:
        """End the work."""
        self.press("doing.finish")
        self.write("deeds.cause", cause)
        self.write("deeds.workDone", work_done)
        if material:
            self.press("materials.add")
            self.write("materials.name", material)
            self.write("materials.quantity", str(quantity))
        self.press("deeds.finishNow")
        self._is_now("finished")

    def begin_return(self, reason: str) -> None:
        """Begin to give the order back, in words of one's own that are judged as they are typed."""
        self.follow("doing.return")
        self.pick(self.words("deeds.ownWords"))
        self.write("deeds.reason", reason)

    def suspend(self, reason: str) -> None:
        """Let the order on the screen wait, for a reason of the policy set."""
        self.follow("doing.suspend")
        self.pick(reason)
        self.press("doing.suspend")
        self._is_now("suspended")

    def promise(
        self,
        *,
        by: dt.datetime,
        words: str,
        customer: str,
        opens: dt.datetime | None = None,
    ) -> None:
        """Promise the customer of the order on the screen a window, and see it there."""
        self.follow("deeds.promise")
        if opens is not None:
            self.write("promises.from", local(opens))
        self.write("promises.by", local(by))
        self.write("promises.words", words)
        self.write("promises.customer", customer)
        self.press("promises.keepMade")
        expect(self.page.locator(".promise")).to_contain_text(words)

    def agree_anew(self, *, by: dt.datetime, words: str, why: str, name: str) -> None:
        """Agree on another window by a signature; what is missing, the screen says."""
        self.follow("deeds.reagree")
        self.write("promises.by", local(by))
        self.write("promises.words", words)
        self.write("promises.why", why)
        self.write("promises.consent", name)
        self.pick(self.words("promises.hows.signed"))
        self.press("promises.keepAgreed")
        expect(self.page.get_by_text(self.words("consent.signFirst"))).to_be_visible()
        self.sign()
        self.press("promises.keepAgreed")
        expect(self.page.locator(".promise")).to_contain_text(words)

    def pick(self, word: str) -> None:
        """Pick one of several lines by what stands on it."""
        self.page.get_by_role("radio", name=word).check()

    def sign(self) -> None:
        """Write a name on the pad."""
        pad = self.page.locator("canvas.pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None, "it is on the screen"
        mouse = self.page.mouse
        mouse.move(box["x"] + 20, box["y"] + 20)
        mouse.down()
        mouse.move(box["x"] + 120, box["y"] + 60, steps=5)
        mouse.up()

    def write_note(self, text: str) -> None:
        """Keep words for the order's timeline."""
        done = self.acts().count()
        self.follow("deeds.note")
        self.write("deeds.noteText", text)
        self.press("deeds.save")
        expect(self.acts()).to_have_count(done + 1)

    def keep_photo(self, path: pathlib.Path) -> None:
        """Take a photo of the order on the screen, and come back to it."""
        self.follow("deeds.photo")
        expect(self.heading("deeds.photo")).to_be_visible()
        kept = self.photos().count()
        self.page.locator("input[type=file]").set_input_files(path)
        expect(self.photos()).to_have_count(kept + 1, timeout=SAFE_WITHIN_MS)
        self.back()
        expect(self.state()).to_be_visible()

    # ------------------------------------------------------------------------- a route

    def go_on_with_route(self) -> None:
        """Open the next meter of the route on the screen."""
        self.press("route.goOn")
        following = re.compile(re.escape(self.words("route.nextMeter")))
        self.page.get_by_role("button", name=following).click()
        expect(self.display()).to_be_visible()

    def type_value(self, value: str) -> None:
        """Type a value on the number pad."""
        for key in value:
            self.page.locator(".keys").get_by_role("button", name=key, exact=True).click()
        expect(self.display()).to_contain_text(value)

    def clear_value(self, keys: int) -> None:
        """Take what was typed back."""
        for _ in range(keys):
            self.press("meter.erase")

    def read_meter(self, value: str) -> None:
        """Read the meter on the screen, which goes on to the next."""
        before = self.serial()
        self.type_value(value)
        self.press("meter.keep")
        self.leave_meter(before)

    def serial(self) -> str:
        """Read the serial of the meter on the screen."""
        return self.page.locator(".serial-big").inner_text()

    def leave_meter(self, serial: str) -> None:
        """Wait until the meter is kept and another one is on the screen."""
        expect(self.page.locator(".serial-big")).not_to_have_text(serial)

    def skip_meter(self, code: str) -> None:
        """Say why the meter on the screen cannot be read."""
        before = self.serial()
        self.press("skip.short")
        self.say_why(code)
        self.leave_meter(before)

    def say_why(self, code: str) -> None:
        """Press one of the reasons why a meter cannot be read; it may say what it asks for."""
        why = re.compile(rf"^{re.escape(self.words(f'skips.{code}'))}")
        self.sheet().get_by_role("button", name=why).click()

    def take_photo(self, path: pathlib.Path) -> None:
        """Take a photo on the sheet that is open, or else on the screen; its button counts it."""
        button = self.page.locator("label.photo").last
        button.locator("input").set_input_files(path)
        expect(button).to_contain_text("1", timeout=SAFE_WITHIN_MS)

    def finish_route(self) -> None:
        """Open the end of the route whose order is on the screen."""
        self.follow("doing.finish")
        expect(self.heading("deeds.finish")).to_be_visible()

    def _step(self, event: str, state: str) -> None:
        self.press(f"doing.{event}")
        self._is_now(state)

    def _is_now(self, state: str) -> None:
        expect(self.state()).to_have_text(self.words(f"states.{state}"))


def local(at: dt.datetime) -> str:
    """Write an instant as a field takes it, to the minute: phones of stories are in China."""
    return at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
