"""Whatever encoding a form says it is in, it is answered."""

import encodings.aliases

import pytest

pytestmark = pytest.mark.django_db

NAMES = sorted(
    {*encodings.aliases.aliases.values(), "undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "x"}
)
BODY = (
    b'--B\r\nContent-Disposition: form-data; name="seed"\r\n\r\n1\\x\xff\r\n'
    b'--B\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\nno photo\r\n--B--\r\n'
)


@pytest.mark.parametrize("address", ["/sketch/", "/api/v1/stylizations/"])
def test_a_form_in_any_encoding_is_refused_by_a_sentence(client, address):
    answers = {
        name: client.generic(
            "POST", address, BODY, content_type=f"multipart/form-data; boundary=B; charset={name}"
        ).status_code
        for name in NAMES
    }
    assert len(answers) > 90 and {name: status for name, status in answers.items() if status != 400} == {}


def test_an_encoding_that_reads_texts_is_used_and_another_is_taken_for_utf_8(rf):
    from mysite.charset import readable_charset

    form = 'form-data; name="a"'.join(("--B\r\nContent-Disposition: ", "\r\n\r\né\r\n--B--\r\n")).encode()
    for name, expected in (("latin-1", "Ã©"), ("hex", "é"), ("punycode", "é"), ("utf-8", "é")):
        request = rf.generic("POST", "/", form, content_type=f"multipart/form-data; boundary=B; charset={name}")
        assert readable_charset(lambda request: request.POST["a"])(request) == expected
