"""No secret shows in any text about a call, whoever put it there."""

import copy
import html
import json
import pickle
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytona_facade import ACTIONS, Daytona
from daytona_facade._engine.calls import Call
from daytona_facade._responses.redaction import REDACTED, Redactor
from hostile.answers import mirror
from hostile.canaries import CALLS, CARRIERS, ENV_VALUE, KEY, SECRETS, URL_PASSWORD, leaks, shown, spellings
from support.callers import Caller, MockServer

_API = "http://api.invalid/api"


@pytest.mark.parametrize("action", CALLS)
def test_a_server_that_mirrors_the_request(action: str, caller_class: type[Caller]) -> None:
    """An error that echoes the request's headers and body shows no secret."""
    options = {"api_url": _API, "toolbox_url": _API, "transport": MockServer(mirror).transport}
    with caller_class(KEY, **options) as call:
        output = call(action, **CALLS[action])

    assert output.failure.kind == "server"
    assert REDACTED in output.error
    assert leaks(*shown(output)) == []


def test_reprs() -> None:
    """No repr of a client, its session, its settings or a call shows a secret."""
    client = Daytona(KEY, api_url=_API)
    session = client.session
    steps = ACTIONS["git_clone"].steps(**{**CALLS["git_clone"], "branch": None, "commit_id": None})
    call = next(steps)
    steps.close()

    assert isinstance(call, Call)
    texts = [repr(each) for each in (client, session, session.settings, session.addresses, call, client.__dict__)]
    assert leaks(*texts) == []


@pytest.mark.parametrize(
    "wrong", [{"timeout": "soon"}, {"colour": ENV_VALUE}, {"sandbox_id": ".."}, {"env": ENV_VALUE}]
)
def test_refused_arguments(wrong: dict[str, Any], caller_class: type[Caller]) -> None:
    """The failure of a rejected call shows no secret, whichever argument held it."""
    with caller_class(KEY, api_url=_API) as call:
        output = call("execute_command", **{**CALLS["execute_command"], **wrong})

    assert output.failure.kind == "invalid_input"
    assert leaks(*shown(output)) == []


def test_a_key_in_the_place_of_an_id(caller_class: type[Caller]) -> None:
    """A key passed as an ID is not shown, nor a part that truncation would leave."""
    server = MockServer(httpx.Response(404))
    with caller_class(KEY, api_url=_API, transport=server.transport) as call:
        outputs = [call("get_sandbox", "x" * before + KEY) for before in (0, 180, 190, 199)]

    assert leaks(*(text for output in outputs for text in shown(output))) == []


def test_transports_that_quote_the_request(caller_class: type[Caller]) -> None:
    """Secrets are removed from the messages of transports."""

    def quote(request: httpx.Request) -> httpx.Response:
        raise RuntimeError(f"cannot send {request.headers['authorization']} {request.read()!r}")

    with caller_class(KEY, api_url=_API, toolbox_url=_API, transport=MockServer(quote).transport) as call:
        outputs = [call(action, **CALLS[action]) for action in CALLS]

    assert {output.failure.kind for output in outputs} == {"protocol"}
    assert leaks(*(text for output in outputs for text in shown(output))) == []


def test_the_output_of_a_clone_has_no_credentials(caller_class: type[Caller]) -> None:
    """The clone's output has the URL without credentials of any form."""
    urls = (
        "https://{0}@h.invalid/x.git",
        "https://u:{0}@h.invalid/x.git",
        "https://{0}:@h.invalid/x",
        "https://u:a/{0}@h/x",
    )
    with caller_class(KEY, api_url=_API, toolbox_url=_API, transport=MockServer(httpx.Response(200)).transport) as call:
        for url in urls:
            output = call("git_clone", "x", url.format("Bluthaenfling42"), "x")
            assert "Bluthaenfling" not in repr(output) + str(output.to_dict()), url


def test_a_copied_failure_stays_clean(caller_class: type[Caller]) -> None:
    """A pickled or copied failure holds its text and no secret."""
    with caller_class(KEY, api_url=_API, transport=MockServer(mirror).transport) as call:
        output = call("get_sandbox", "x")

    assert output.failure == pickle.loads(pickle.dumps(output.failure)) == copy.deepcopy(output.failure)
    assert KEY.encode() not in pickle.dumps(output)


_SECRET = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=6, max_size=40).filter(
    lambda text: text.strip() == text and len(set(text)) > 3 and text not in REDACTED
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(secret=_SECRET, before=st.text(max_size=30), after=st.text(max_size=30), data=st.data())
def test_any_secret_in_any_spelling(secret: str, before: str, after: str, data: st.DataObject) -> None:
    """Any secret is hidden in any of the spellings."""
    kind, spelled = data.draw(st.sampled_from(sorted(spellings(secret).items())))

    hidden = Redactor(lambda: [secret]).hide(f"{before} {spelled} {after}")

    assert spelled not in hidden, kind
    assert secret not in hidden


@pytest.mark.slow
@pytest.mark.parametrize("secret", SECRETS)
def test_no_cut_leaves_a_beginning(secret: str) -> None:
    """A truncated text never ends with the beginning of a secret."""
    redactor = Redactor(lambda: [secret])
    left = [
        (spelled[:end], limit, cut)
        for spelled in spellings(secret).values()
        for end in range(len(spelled) + 1)
        for filler in (0, 1, 12, 190, 595)
        for limit in (20, 200, 600)
        for cut in (False, True)
        if leaks(redactor.quoted("y" * filler + spelled[:end], limit, cut=cut))
    ]

    assert left == []


def test_a_long_secret_cut_where_its_first_piece_ends() -> None:
    """The beginning of a long secret is hidden up to the last character that is looked for, escapes included."""
    secret = "Zeisig&" * 60

    hidden = {Redactor(lambda: [secret]).hide(html.escape(secret[:end])) for end in range(8, 257)}

    assert {REDACTED} == hidden


@pytest.mark.parametrize("kind", sorted(set(spellings("")) - {"latin-1", "python bytes", "quoted in lower case"}))
def test_a_long_secret_in_a_usual_spelling(kind: str) -> None:
    """Of a secret too long for a pattern no part is left where all its characters are written alike."""
    secret = '{"type":"service","key":"<Zeisig>&Gimpel/+ü~\'%","n":' + "".join(f'"{n:04}",' for n in range(300))
    redactor = Redactor(lambda: [secret])
    spelled = spellings(secret)[kind]

    for start, end, cut in ((0, len(spelled), False), (301, 350, False), (300, -300, False), (300, -300, True)):
        text = f"said {spelled[start:end]}"
        hidden = redactor.quoted(text, 500, cut=cut)
        assert [at for at in range(5, len(text) - 8) if text[at : at + 8] in hidden] == [], (start, end, cut)


@pytest.mark.parametrize("secret", ["a", "no", "1"])
def test_words_stay_readable(secret: str, caller_class: type[Caller]) -> None:
    """A short password is hidden where it stands alone, and the words and numbers that hold it stay."""
    told = "11 notes, one day at noon: {}, nothing in bank 21"
    answer = MockServer(httpx.Response(400, json={"message": told.format(secret)}))
    with caller_class(KEY, api_url=_API, toolbox_url=_API, transport=answer.transport) as call:
        hidden = call("git_clone", "x", "https://h.invalid/x", "x", username="git", password=secret)
        plain = call("execute_command", "x", "true", env={"LEVEL": secret})

    assert told.format(REDACTED) in hidden.error
    assert told.format(secret) in plain.error


def test_a_message_without_secrets_is_whole(caller_class: type[Caller]) -> None:
    """Where no secret is in a server's message, the caller reads all of it."""
    told = "not found: open /home/daytona/key/password.txt (see https://docs.example/mail/me@home?b=c#d)"
    answer = MockServer(httpx.Response(404, json={"message": told}))
    with caller_class(KEY, api_url=_API, toolbox_url=_API, transport=answer.transport) as call:
        outputs = [call(action, **CALLS[action]) for action in CALLS]

    assert [output.error for output in outputs if told not in output.error] == []


@pytest.mark.parametrize("action", CALLS)
def test_secrets_travel_where_they_are_expected(action: str, caller_class: type[Caller]) -> None:
    """Each action sends exactly the secrets that other tests look for in its outputs."""
    server = MockServer(httpx.Response(500))
    with caller_class(KEY, api_url=_API, toolbox_url=_API, transport=server.transport) as call:
        call(action, **CALLS[action])

    (request,) = server.requests
    sent = " ".join([str(request.url), *request.headers.values(), request.read().decode()])
    found = {secret for secret in SECRETS if secret in sent or json.dumps(secret, ensure_ascii=False)[1:-1] in sent}
    # The credentials in a clone's URL are taken out of it before it is sent.
    assert found == {secret for secret in SECRETS if action in CARRIERS[secret]} - {URL_PASSWORD}
