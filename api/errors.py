"""Refusals that belong to no single capability of the server."""

from __future__ import annotations

from schemas.errors import Refused


class NotFound(Refused):
    """It does not exist, or it is not yours: both look the same. Check the id and who you are."""

    code = "not-found"
    status = 404
    en = "There is no {what} {id} for you."
    zh = "没有您可以访问的{what} {id}。"


class NotSignedIn(Refused):
    """You are not signed in, or the token is not valid (any more). Refresh it or sign in again."""

    code = "not-signed-in"
    status = 401
    en = "Sign in first; the access token is missing or not valid."
    zh = "请先登录；访问令牌缺失或无效。"


class NotAllowed(Refused):
    """Your role does not open this door. Ask somebody who has one of the roles named."""

    code = "not-allowed"
    status = 403
    en = "This needs one of the roles: {roles}."
    zh = "此操作需要以下角色之一：{roles}。"


class Invalid(Refused):
    """The request does not have the shape it must have. Mend the fields named and send again."""

    code = "invalid"
    status = 422
    en = "The request is not valid: {reason}"
    zh = "请求无效：{reason}"


class Stale(Refused):
    """Somebody changed it since you looked. Fetch it again, look, and repeat your change."""

    code = "stale"
    status = 412
    en = "It has changed since you read it (you have {yours}, it is {current})."
    zh = "数据已被他人更改（您的版本为 {yours}，当前版本为 {current}）。"


class TooLarge(Refused):
    """The body is larger than this door takes. Send it in smaller parts."""

    code = "too-large"
    status = 413
    en = "The body is larger than {bytes_max} bytes."
    zh = "请求体超过 {bytes_max} 字节。"


class Unreadable(Refused):
    """The body is not what its headers say. Send valid JSON, UTF-8, compressed as declared."""

    code = "unreadable"
    status = 400
    en = "The body cannot be read: {reason}"
    zh = "请求体无法读取：{reason}"


class Busy(Refused):
    """The server is busy or its database is away. Wait as long as Retry-After says and repeat."""

    code = "busy"
    status = 503
    en = "The server cannot answer now; try again in {retry_after_s} s."
    zh = "服务器暂时无法响应，请在 {retry_after_s} 秒后重试。"


class TooMany(Refused):
    """You asked too often. Wait as long as Retry-After says and repeat."""

    code = "too-many"
    status = 429
    en = "Too many requests; try again in {retry_after_s} s."
    zh = "请求过于频繁，请在 {retry_after_s} 秒后重试。"


class HttpRefused(Refused):
    """The web server's own refusal: a wrong address, method or media type. See `reason`."""

    code = "http"
    status = 400
    en = "{reason}"
    zh = "请求无法处理：{reason}"
