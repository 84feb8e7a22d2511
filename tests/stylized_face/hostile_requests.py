"""Whole HTTP requests, byte by byte, that bring a file to the sketch page or the REST API in ways no browser would."""

from __future__ import annotations

import random
from dataclasses import dataclass

PAGE, REST = "/sketch/", "/api/v1/stylizations/"
BOUNDARY = b"----a-boundary-0123456789"
SECRET = "s" * 32  # cookie and header of the CSRF check
CHARSETS = (b"x", b"utf-16", b"utf-7", b"hex", b"idna", b"punycode", b"undefined")
FILE_NAMES = (
    "me.jpg", "", "../../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow.png", "C:\\face.png", "a\x00b.jpg",
    "x" * 5000 + ".jpg", "con.jpg",
    "照片.jpg", "\u202egpj.exe", "a\"; name=\"model", "%00.jpg", "%2e%2e%2fup.jpg", "<script>.jpg", "{{7*7}}.png",
    "' OR 1=1 --.png", "a/b/c.jpg",
    ".", "..", " ", "a;b.jpg", "\udcff.jpg", "\x7f\x1b[31m.jpg", "e\u0301" * 200, "face.jpg.zip", "face.zip", "face.heic",
    "nul\x00",
)  # fmt: skip
TYPES = (
    "image/jpeg", "image/png", "image/webp", "image/heic", "image/svg+xml", "text/html", "application/zip",
    "application/x-sharedlib", "",
    "image/jpeg; charset=nonsense", "x", "multipart/mixed; boundary=a", "application/json", "\xff\xfe", "image/" + "j" * 3000,
)  # fmt: skip
VALUES = {
    "model": ("pencil", "line", "", "nonsense", "checkpoint:", "checkpoint:1", "checkpoint:../../x",
              "checkpoint:99999999999999999999", "a" * 900, "\0",
              "workers.engine.images", "__class__", "pencil\0", "家", "checkpoint:1e9", "checkpoint:\0"),
    "seed": ("0", "-1", "99999999999999999999", "1e3", "x", "", "\0", "0x10", "١٢", "2147483647", "1" * 5000, "nan", "True"),
    "strength": ("1.0", "0", "-1", "nan", "inf", "1e999", "1,0", "", "\0", "0.2", "2.0", "1" * 400),
    "points": ("[]", "[[1,2]]", "{", "[[1e400,0],[0,0],[0,0],[0,0],[0,0]]", "[" * 3000, "null",
               "[[NaN,1],[1,1],[1,1],[1,1],[1,1]]", "1",
               "[[1,1],[1,1],[1,1],[1,1],[1,1]]", "[[9,9],[20,9],[14,15],[10,20],[19,20]]", '["a","b","c","d","e"]',
               "[[-1e9,0],[1e9,0],[0,1],[0,2],[1,2]]"),
    "face_index": ("0", "1", "-1", "99", "x", "", "9" * 40, "\0"), "face": ("0", "-1", "x", "9" * 40),
    "together": ("x", "", "00000000-0000-0000-0000-000000000000"), "id": ("1",), "owner": ("1",), "visitor": ("x",),
    "next": ("//evil.example/",),
    "crop": ("0,0,1,1", "-1,-1,-1,-1", "nan,nan,nan,nan", "x", "[0,0,1e9,1e9]"),
    "models": ("pencil", "all", "", "x,y", "pencil,pencil,pencil"),
    "background": ("white", "keep", "x", "\0"), "style": ("0", "x", "-1", "9" * 30), "view": ("face", "photo", "x"),
    "photo": ("a text",),
    "url": ("http://127.0.0.1:1/x.jpg", "file:///etc/passwd"), "csrfmiddlewaretoken": ("", "x", "s" * 64),
}  # fmt: skip
HEADERS = {
    "Idempotency-Key": ("", "x", "k" * 300, "é", "a b", "k" * 255),
    "Accept-Language": ("zh-Hans", "x" * 3000, "*;q=nan", "../../etc", "en;q=1e999"),
    "Cookie": ("sessionid=../../../x", "sessionid=" + "a" * 4000, "csrftoken=x; sessionid=\xff", "django_language=../x",
    "=;=;;", "messages=x"),
    "Authorization": ("Bearer x", "Bearer", "Basic Og==", "Bearer " + "x" * 4000, "Token \xff", "Bearer a b c"),
    "Range": ("bytes=0-1",),
    "Host": ("evil.example", "", "127.0.0.1:99999", "a" * 300, "127.0.0.1\x00"),
    "X-Forwarded-For": ("x", "1.2.3.4, " * 300, "::1", "\xff"),
    "Accept": ("text/html", "image/png", "x", "application/xml;q=nonsense", "*/*;q=9e99"),
    "Content-Encoding": ("gzip", "br", "x"),
    "X-HTTP-Method-Override": ("DELETE", "TRACE"), "Origin": ("null", "https://evil.example", "x"), "Referer": ("x" * 4000,),
    "Expect": ("100-continue", "200-ok"), "X-Forwarded-Proto": ("https", "x"), "Upgrade": ("websocket", "h2c"),
    "Connection": ("close", "Upgrade"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """`kind` is for counting; `request` goes over the wire as it is; `whole` is false when less comes than was announced."""

    kind: str
    address: str
    request: bytes
    whole: bool = True


def text(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def part(name: str, content: bytes, *, filename: str | None = None, kind: str = "", more: bytes = b"") -> bytes:
    """One part of a form as it stands between two boundaries; nothing is escaped."""
    head = b'Content-Disposition: form-data; name="' + text(name) + b'"'
    if filename is not None:
        head += b'; filename="' + text(filename) + b'"'
    return head + (b"\r\nContent-Type: " + kind.encode("latin-1") if kind else b"") + more + b"\r\n\r\n" + content


def joined(parts: list[bytes], boundary: bytes = BOUNDARY) -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + boundary + b"--\r\n"


def request(
    address: str,
    body: bytes,
    *,
    kind: bytes = b"multipart/form-data; boundary=" + BOUNDARY,
    length: bytes | None = None,
    headers: dict[str, str] | None = None,
    method: str = "POST",
) -> bytes:
    """The bytes of a request; `headers` replace those of their name."""
    given = {"Host": "127.0.0.1", "Connection": "close"}
    if address == PAGE:
        given |= {"Cookie": f"csrftoken={SECRET}", "X-CSRFToken": SECRET}
    given |= headers or {}
    lines = [f"{method} {address} HTTP/1.1".encode()] + [f"{name}: {value}".encode() for name, value in given.items()]
    if kind:
        lines.append(b"Content-Type: " + kind)
    if length != b"none":
        lines.append(b"Content-Length: " + (str(len(body)).encode() if length is None else length))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def draw(rng: random.Random, arsenal) -> Case:
    """A request by chance: mostly a plain form with a hostile file, else a hostile form around it."""
    address = rng.choice((PAGE, REST))
    sort, content = arsenal.draw(rng)
    photo = part("photo", content, filename="me.jpg", kind="image/jpeg")
    chance = rng.random()
    if chance < 0.62:
        return Case(sort, address, request(address, joined([photo])))
    if chance < 0.70:
        named = part("photo", content, filename=rng.choice(FILE_NAMES), kind=rng.choice(TYPES).replace("\xff\xfe", "?"))
        return Case("file name", address, request(address, joined([named])))
    if chance < 0.80:
        given = rng.sample(list(VALUES), rng.randint(1, 4))
        content = content if rng.random() < 0.5 else arsenal.small["jpeg"]
        parts = [part(name, text(rng.choice(VALUES[name]))) for name in given]
        parts.insert(rng.randrange(len(parts) + 1), part("photo", content, filename="me.jpg"))
        return Case("field values", address, request(address, joined(parts)))
    if chance < 0.87:
        return Case("form", address, request(address, joined(_parts(rng, content, arsenal.small["png"]))))
    if chance < 0.93:
        name = rng.choice(list(HEADERS))
        value = rng.choice(HEADERS[name])
        if name == "Cookie" and address == PAGE:
            value = f"csrftoken={SECRET}; {value}"
        return Case("header", address, request(address, joined([photo]), headers={name: value}))
    return _frame(rng, address, photo)


def _parts(rng: random.Random, content: bytes, picture: bytes) -> list[bytes]:
    """The parts of a form that is large, doubled, nested, or written by somebody who had not read how."""
    photo = part("photo", content, filename="me.jpg")
    return rng.choice((
        lambda: [part(f"field{n}", b"x") for n in range(rng.choice((900, 1500, 5000)))] + [photo],
        lambda: [part(f"file{n}", picture[:1400], filename=f"{n}.png") for n in range(rng.choice((99, 990, 1200)))] + [photo],
        lambda: [part("photo", picture, filename=f"{n}.png") for n in range(rng.choice((2, 9, 90)))],
        lambda: [part("photos", picture, filename=f"{n}.png") for n in range(rng.choice((2, 9, 90)))],
        lambda: [photo, photo, part("photo", content)], lambda: [part("photo", content)], lambda: [],
        lambda: [part("model", b"pencil" * 400_000), photo], lambda: [part("x" * 100_000, b"", filename="x"), photo],
        lambda: [part("photo", b"/9j/4AAQ" * 40, filename="a.jpg", more=b"\r\nContent-Transfer-Encoding: base64")],
        lambda: [part("photo", content, filename="a.jpg",
        more=b"\r\nContent-Transfer-Encoding: " + rng.choice((b"base64", b"quoted-printable", b"x")))],
        lambda: [part("photo", content, filename="a.jpg", more=b"\r\nX: " + b"y" * rng.choice((900, 9000, 90_000)))],
        lambda: [part("photo", content, filename="a.jpg", more=b"\r\nX%d: y" % n * 1) for n in range(3)],
        lambda: [b"Content-Disposition: form-data; name=photo; filename*=nonsense''%ff.jpg\r\n\r\n" + content],
        lambda: [b"Content-Disposition: form-data; name=photo; filename*=UTF-8''%00%ff%2e%2e%2f.jpg\r\n\r\n" + content],
        lambda: [b'Content-Disposition: form-data; name="photo"; filename="a"; filename="b"; name="model"\r\n\r\n' + content],
        lambda: [b"Content-Disposition: attachment; filename=a.jpg\r\n\r\n" + content], lambda: [b"\r\n\r\n" + content],
        lambda: [content],
        lambda: [b'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Length: -5\r\n\r\n' + content],
        lambda: [b'Content-Disposition: form-data; name="photo"; filename="a"\r\nContent-Length: 9999999999\r\n\r\n' + content],
        lambda: [part("p", joined([photo], b"inner"), kind="multipart/mixed; boundary=inner")],
        lambda: [part("photo", content, filename="me.jpg",
        kind="text/plain; charset=" + rng.choice(("utf-7", "x", "punycode", "hex")))],
        lambda: [part("photo[]", content, filename="me.jpg")], lambda: [part("photo\0", content, filename="me.jpg")],
    ))()  # fmt: skip


def _frame(rng: random.Random, address: str, photo: bytes) -> Case:
    """A request whose outside does not fit its inside."""
    form = joined([photo])
    cut = form[: rng.randrange(len(form))]
    kind = b"multipart/form-data; boundary="
    junk = rng.choice(("A" * 9000, "B" * 70_000))
    many = {f"X-{n}": "y" for n in range(rng.choice((50, 150)))}
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(form), form)
    method = rng.choice(("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "GET", "FOO", "post"))
    made, whole = rng.choice((
        lambda: (request(address, form, kind=b"multipart/form-data"), True), lambda: (request(address, form, kind=kind), True),
        lambda: (request(address, form, kind=kind + b"other"), True),
        lambda: (request(address, form, kind=kind + b"x" * 300), True),
        lambda: (request(address, form, kind=kind + b'"\xff"'), True), lambda: (request(address, form, kind=b""), True),
        lambda: (request(address, form,
        kind=rng.choice((b"application/json", b"text/plain", b"image/jpeg", b"x/y/z", b";;", b"\xff"))), True),
        lambda: (request(address, form, kind=b"application/x-www-form-urlencoded"), True),
        lambda: (request(address, b"photo=" + b"%ff" * 9000, kind=b"application/x-www-form-urlencoded"), True),
        lambda: (request(address, b"&a=b" * 3000, kind=b"application/x-www-form-urlencoded"), True),
        lambda: (request(address, form,
        kind=kind + BOUNDARY + b"; charset=" + rng.choice(CHARSETS)), True),
        lambda: (request(address, cut), True), lambda: (request(address, cut, length=str(len(form)).encode()), False),
        lambda: (request(address, form, length=rng.choice((b"0", b"5", b"%d" % (len(form) // 2)))), True),
        lambda: (request(address, form, length=b"%d" % (len(form) + 999)), False),
        lambda: (request(address, form, length=b"9" * 15), False),
        lambda: (request(address, form,
        length=rng.choice((b"-1", b"x", b"1e3", b"+5", b"0x10", b"9" * 400, b"5, 6", b"5\r\nContent-Length: 6"))), False),
        lambda: (request(address, form, length=b"none"), True),
        lambda: (request(address, chunks, length=b"none", headers={"Transfer-Encoding": "chunked"}), True),
        lambda: (request(address, chunks, headers={"Transfer-Encoding": "chunked"}), True),
        lambda: (request(address, b"fffffffff\r\n" + form, length=b"none", headers={"Transfer-Encoding": "chunked"}), False),
        lambda: (request(address, form, headers={"Transfer-Encoding": rng.choice(("gzip", "x", "chunked, gzip"))}), True),
        lambda: (request(address, form, headers={"X-Junk": junk}), True), lambda: (request(address, form, headers=many), True),
        lambda: (request(address + "?" + "q" * rng.choice((3000, 9000)), form), True),
        lambda: (request(address + "%00%ff", form), True),
        lambda: (request(address, form, method=method), True), lambda: (request(address, b""), True),
        lambda: (request(address, form, headers={"X-CSRFToken": "", "Cookie": "x=y"}), True),
        lambda: (rng.randbytes(300) + b"\r\n\r\n", False),
    ))()  # fmt: skip
    return Case("frame", address, made, whole)
