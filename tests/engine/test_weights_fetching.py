"""Against a small server in this process that breaks, refuses and lies on demand."""

import dataclasses
import errno
import hashlib
import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from workers.engine import catalogue, weights_fetching
from workers.engine.errors import InputError
from workers.engine.weights_fetching import fetch, statuses, to_fetch

STEM = catalogue.FULL_INCEPTION


def file_of_weights():
    buffer = io.BytesIO()
    torch.save({"some.weight": torch.arange(50_000, dtype=torch.float32)}, buffer)
    return buffer.getvalue()


CONTENT = file_of_weights()


class Server(ThreadingHTTPServer):
    """`breaks`: how many bytes each of the next answers sends before the line is cut."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.content, self.ranges, self.breaks, self.asked = CONTENT, True, [], []
        self.status, self.redirect = 200, ""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/file.pth"


class Answer(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        wanted = self.headers.get("Range", "")
        self.server.asked.append(wanted)
        if self.server.redirect and self.path != "/moved":
            self.send_response(302)
            self.send_header("Location", self.server.redirect)
            self.end_headers()
            return
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        content, start = self.server.content, 0
        if wanted and self.server.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        rest = content[start:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: self.server.breaks.pop(0)] if self.server.breaks else rest)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(weights_fetching, "PAUSE", 0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def entry(server, monkeypatch):
    made = dataclasses.replace(
        catalogue.WEIGHTS[STEM], url=server.url, sha256=hashlib.sha256(CONTENT).hexdigest(), contents=""
    )
    monkeypatch.setitem(catalogue.WEIGHTS, STEM, made)
    return made


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_arrives_whole_under_its_name_with_progress(server, entry, tmp_path):
    told = []
    file = fetch(entry, tmp_path / "weights", lambda *counts: told.append(counts))
    assert file.path.read_bytes() == CONTENT
    assert file.sha256 == entry.sha256
    assert names(tmp_path / "weights") == [entry.filename]
    assert file.path.stat().st_mode & 0o777 == 0o644
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_cut_connection_is_taken_up_where_it_broke(server, entry, tmp_path):
    server.breaks = [1000, 500]
    assert fetch(entry, tmp_path).path.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=1000-", "bytes=1500-"]


def test_a_stopped_download_goes_on_in_the_next_run(server, entry, tmp_path):
    server.breaks = [1000]

    def stop(done, total):
        if done >= 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(entry, tmp_path, stop)
    assert names(tmp_path) == [f".{entry.filename}.part"]
    assert fetch(entry, tmp_path).path.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=1000-"]
    assert names(tmp_path) == [entry.filename]


def test_a_server_without_ranges_starts_again(server, entry, tmp_path):
    server.ranges, server.breaks = False, [1000]
    assert fetch(entry, tmp_path).path.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=1000-"]


def test_a_part_that_is_whole_already_needs_no_more_bytes(server, entry, tmp_path):
    (tmp_path / f".{entry.filename}.part").write_bytes(CONTENT)
    assert fetch(entry, tmp_path).path.read_bytes() == CONTENT


def test_it_gives_up_after_several_tries_without_a_byte_and_keeps_what_came(server, entry, tmp_path):
    server.breaks = [1000, *[0] * weights_fetching.TRIES]
    with pytest.raises(InputError, match="1,000 bytes are kept; run the command again"):
        fetch(entry, tmp_path)
    assert names(tmp_path) == [f".{entry.filename}.part"]


def test_another_file_is_refused_and_thrown_away(server, entry, tmp_path):
    server.content = CONTENT[:-1] + b"?"
    with pytest.raises(InputError, match=f"begins with .*, not with {entry.sha256[:8]}"):
        fetch(entry, tmp_path)
    assert names(tmp_path) == []


def test_a_file_without_a_published_digest_must_fit_the_network(server, entry, tmp_path):
    unknown = dataclasses.replace(entry, sha256="", contents="workers.engine.networks.squeezenet.shapes")
    with pytest.raises(InputError, match=r"lacks features\.0\.bias"):
        fetch(unknown, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(("status", "said"), [(404, r"is gone \(404\)"), (403, "the server answers 403 Forbidden")])
def test_a_refusal_is_told_and_leaves_nothing(status, said, server, entry, tmp_path):
    server.status = status
    with pytest.raises(InputError, match=said):
        fetch(entry, tmp_path)
    assert names(tmp_path) == []


def test_no_network_is_told(entry, tmp_path, monkeypatch):
    monkeypatch.setattr(weights_fetching, "PAUSE", 0)
    with pytest.raises(InputError, match="could not be read: Connection refused"):
        fetch(dataclasses.replace(entry, url="http://127.0.0.1:9/file.pth"), tmp_path)


def test_redirects_are_followed_on_the_web_alone(server, entry, tmp_path):
    for address, said in (("file:///etc/hostname", "is not allowed"), ("ftp://127.0.0.1/x", "unknown url type: ftp")):
        server.redirect = address
        with pytest.raises(InputError, match=said):
            fetch(entry, tmp_path)
        assert names(tmp_path) == []
    server.redirect = "/moved"
    assert fetch(entry, tmp_path).path.read_bytes() == CONTENT


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/file", "data:,text"])
def test_nothing_but_the_web_is_opened(address, entry, tmp_path, monkeypatch):
    monkeypatch.setattr(weights_fetching, "PAUSE", 0)
    with pytest.raises(InputError, match="could not be read"):
        fetch(dataclasses.replace(entry, url=address), tmp_path)
    assert names(tmp_path) == []


def test_a_full_disk_is_told_and_what_came_is_kept(server, entry, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / f".{entry.filename}.part").write_bytes(CONTENT[:1000])
    monkeypatch.setattr(weights_fetching, "_download", full)
    with pytest.raises(InputError, match=r"is full: .* needs .* bytes"):
        fetch(entry, tmp_path)
    assert names(tmp_path) == [f".{entry.filename}.part"]


def test_two_that_fetch_one_file_do_not_spoil_it(server, entry, tmp_path):
    refused = []

    def second(done, total):
        if not refused:
            with pytest.raises(InputError, match="by another process already") as error:
                fetch(entry, tmp_path)
            refused.append(error)

    assert fetch(entry, tmp_path, second).path.read_bytes() == CONTENT
    assert refused


def test_only_what_is_missing_is_fetched(entry, tmp_path):
    assert [each.stem for each in to_fetch("inception.pool3", tmp_path)] == [STEM]
    assert [each.stem for each in to_fetch("inception.mixed6e", tmp_path)] == [STEM]  # the other file has no address
    (tmp_path / entry.filename).write_bytes(CONTENT)
    assert to_fetch("inception.pool3", tmp_path) == []
    with pytest.raises(InputError, match=r"edgeface_xs_fp32 cannot be fetched\. .*add_weights"):
        to_fetch("edgeface.xs512", tmp_path)
    with pytest.raises(InputError, match="no weights named 'nonsense'"):
        to_fetch("nonsense", tmp_path)


def test_the_list_tells_present_missing_and_damaged(entry, tmp_path):
    (tmp_path / entry.filename).write_bytes(CONTENT)
    (tmp_path / catalogue.WEIGHTS[catalogue.PARTIAL_INCEPTION].filename).write_bytes(b"something else")
    states = {status.entry.stem: status for status in statuses(tmp_path)}
    assert states[STEM].state == "present"
    assert states[catalogue.PARTIAL_INCEPTION].state == "damaged"
    assert states["edgeface_xs_fp32"].state == "missing"
    assert states[catalogue.DLIB_LANDMARKS].state == "present"  # in its package
    assert "inception.pool3" in states[STEM].serves
    assert statuses(None)[0].state == "missing"
