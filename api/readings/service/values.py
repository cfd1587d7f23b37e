"""Values on a register: which can stand there, and which are refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from schemas import readings, sites
from schemas.errors import Refused
from schemas.rules import meter_reading


class TooManyDigits(Refused):
    """The meter cannot show this number: it has fewer digits. Look at the display again."""

    code = "reading-too-many-digits"
    status = 422
    en = "{value} has too many digits; this meter shows {digits}."
    zh = "{value} 位数过多；该电表只显示 {digits} 位。"


class TooManyDecimals(Refused):
    """The meter cannot show this number: it has fewer decimals. Look at the display again."""

    code = "reading-too-many-decimals"
    status = 422
    en = "{value} has too many decimals; this meter shows {decimals}."
    zh = "{value} 小数位过多；该电表只显示 {decimals} 位小数。"


class NotOnRegister(Refused):
    """A register shows no such number: it is negative, or none at all. Enter what it shows."""

    code = "reading-not-a-value"
    status = 422
    en = "{value} is not what a register can show."
    zh = "{value} 不是电表可能显示的数值。"


class UnknownRegister(Refused):
    """The meter has no such register. Use the names that its stop lists."""

    code = "reading-unknown-register"
    status = 422
    en = "This meter has no register {register}; it has {registers}."
    zh = "该电表没有 {register} 费率；现有：{registers}。"


_REFUSALS: Final = {
    meter_reading.Fault.too_many_digits: TooManyDigits,
    meter_reading.Fault.too_many_decimals: TooManyDecimals,
    meter_reading.Fault.negative: NotOnRegister,
    meter_reading.Fault.not_a_number: NotOnRegister,
}
_QUALITY: Final = {
    readings.Method.CUSTOMER: readings.Quality.CUSTOMER,
    readings.Method.ESTIMATED: readings.Quality.ESTIMATED,
}


def require_possible(
    total: Decimal,
    tariffs: Mapping[str, Decimal],
    *,
    register: meter_reading.Register,
    registers: Collection[str],
) -> None:
    """Let pass values that the meter can show.

    Raises:
        UnknownRegister: a tariff that the meter does not have.
        TooManyDigits: more digits than it shows.
        TooManyDecimals: more decimals than it shows.
        NotOnRegister: negative, or no number.
    """
    for name in tariffs:
        if name == sites.TOTAL or name not in registers:
            known = ", ".join(each for each in registers if each != sites.TOTAL)
            raise UnknownRegister(register=name, registers=known or "-")
    for value in (total, *tariffs.values()):
        fault = meter_reading.fault(value, register)
        if fault is not None:
            raise _REFUSALS[fault](
                value=str(value), digits=register.digits, decimals=register.decimals
            )


def quality_of(method: readings.Method) -> readings.Quality:
    """Tell what a value from the field is worth, by how it was got."""
    return _QUALITY.get(method, readings.Quality.ACTUAL)


def plain(tariffs: Mapping[str, Decimal]) -> dict[str, str]:
    """Write tariff values as exact text, as they are kept."""
    return {name: format(value, "f") for name, value in tariffs.items()}
