"""What can be wrong with a bundle: one sentence each, which names the first thing that is."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.errors import FieldValue, Words


class Fault(enum.StrEnum):
    """What is not as it was handed over."""

    no_bundle = "no-bundle"
    too_large = "too-large"
    foreign = "foreign"
    damaged = "damaged"
    missing = "missing"
    extra = "extra"
    unreadable = "unreadable"
    newer = "newer"
    seal = "seal"
    stranger = "stranger"
    altered = "altered"
    moment = "moment"
    timeline_end = "timeline-end"
    another_order = "another-order"
    checkpoint_signature = "checkpoint-signature"
    checkpoint_path = "checkpoint-path"
    checkpoint_cut = "checkpoint-cut"
    checkpoint_differs = "checkpoint-differs"
    operation = "operation"
    operation_parted = "operation-parted"
    operation_signature = "operation-signature"
    file_altered = "file-altered"
    file_not_declared = "file-not-declared"
    file_not_listed = "file-not-listed"


class Altered(Exception):  # noqa: N818 - it is what was found, and no error of the checker
    """The first thing of a bundle that is not as it was handed over."""

    def __init__(self, fault: Fault, **fields: FieldValue) -> None:
        """Keep what is wrong, and the fields that its sentence names."""
        self.fault = fault
        self.fields = fields
        super().__init__(self.words.en)

    @property
    def words(self) -> Words:
        """The sentence in both languages."""
        said = SENTENCES[self.fault]
        return Words(en=said.en.format_map(self.fields), zh=said.zh.format_map(self.fields))


SENTENCES: Final[Mapping[Fault, Words]] = MappingProxyType(
    {
        Fault.no_bundle: Words(
            en="This file is no bundle as Lamplighter writes it: {why}.",
            zh="该文件不是 Lamplighter 生成的证据包：{why}。",
        ),
        Fault.too_large: Words(
            en="{path} is larger than a bundle may hold ({bytes_max} bytes).",
            zh="{path} 超出证据包允许的大小（{bytes_max} 字节）。",
        ),
        Fault.foreign: Words(
            en="{path} does not stand in the bundle as Lamplighter writes it: {why}.",
            zh="{path} 不符合 Lamplighter 的写入方式：{why}。",
        ),
        Fault.damaged: Words(
            en="{path} was altered: its bytes are not those that were packed.",
            zh="{path} 已被改动：其数据与打包时不符。",
        ),
        Fault.missing: Words(
            en="{path} was taken away: the manifest names it and it is not there.",
            zh="{path} 已被移除：清单中有，包内没有。",
        ),
        Fault.extra: Words(
            en="{path} was added: it is in the bundle and not in its manifest.",
            zh="{path} 为后加文件：包内有，清单中没有。",
        ),
        Fault.unreadable: Words(en="{path} cannot be read: {why}.", zh="{path} 无法读取：{why}。"),
        Fault.newer: Words(
            en="The bundle has format {format}; this version checks format {known}.",
            zh="证据包格式为 {format}，本版本只能校验格式 {known}。",
        ),
        Fault.seal: Words(
            en="manifest.json is not what manifest.sig signs; one of the two was altered.",
            zh="manifest.json 与 manifest.sig 的签名不符；其中之一已被改动。",
        ),
        Fault.stranger: Words(
            en="The bundle is signed by key {kid}, and no key that you gave vouches for it.",
            zh="证据包由密钥 {kid} 签名，而您给出的密钥均不能为其担保。",
        ),
        Fault.altered: Words(
            en="{path} was altered: it is not the file that the manifest names. {closer}",
            zh="{path} 已被改动：与清单所列文件不符。{closer}",
        ),
        Fault.moment: Words(
            en="Moment {number} of the timeline is not the one that was written there.",
            zh="时间线第 {number} 条与当时写入的不符。",
        ),
        Fault.timeline_end: Words(
            en="{path} says that the timeline ends otherwise than it does, with moment {count}.",
            zh="{path} 所载的时间线结尾与实际不符（实际止于第 {count} 条）。",
        ),
        Fault.another_order: Words(
            en="{path} is about order {found}, and the bundle about order {order_id}.",
            zh="{path} 属于工单 {found}，而证据包属于工单 {order_id}。",
        ),
        Fault.checkpoint_signature: Words(
            en="checkpoint.json is not signed by the key that it names.",
            zh="checkpoint.json 不是由其所载密钥签名。",
        ),
        Fault.checkpoint_path: Words(
            en="checkpoint.json does not lead from this timeline to what was signed.",
            zh="checkpoint.json 不能由该时间线推导至已签名的内容。",
        ),
        Fault.checkpoint_cut: Words(
            en="Checkpoint {checkpoint} knows {count} moments, and the timeline ends with {have}: "
            "its end was cut off.",
            zh="存证点 {checkpoint} 载有 {count} 条，而时间线仅有 {have} 条：结尾已被截去。",
        ),
        Fault.checkpoint_differs: Words(
            en="Moment {number}, or one before it, is not the one that checkpoint {checkpoint} "
            "signed.",
            zh="时间线第 {number} 条或其之前的内容与存证点 {checkpoint} 所签不符。",
        ),
        Fault.operation: Words(
            en="Operation {n} of device {device_id} ({path}) is not the one that was received.",
            zh="终端 {device_id} 的第 {n} 条操作记录（{path}）与当时收到的不符。",
        ),
        Fault.operation_parted: Words(
            en="Operation {n} of device {device_id} does not follow the one before it.",
            zh="终端 {device_id} 的第 {n} 条操作记录与前一条不相衔接。",
        ),
        Fault.operation_signature: Words(
            en="The signature over operation {n} of device {device_id} is not by the device's key.",
            zh="终端 {device_id} 第 {n} 条操作记录的签名不是该终端密钥所签。",
        ),
        Fault.file_altered: Words(
            en="{path} is not the file that was declared as {sha256}.",
            zh="{path} 不是登记为 {sha256} 的文件。",
        ),
        Fault.file_not_declared: Words(
            en="evidence.json tells of file {file_id} otherwise than the operation that declared "
            "it.",
            zh="evidence.json 中文件 {file_id} 的内容与登记它的操作记录不符。",
        ),
        Fault.file_not_listed: Words(
            en="{path} is in the bundle, and nothing in it tells what it is.",
            zh="包内有 {path}，但没有任何记录说明其用途。",
        ),
    }
)
