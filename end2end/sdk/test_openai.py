"""The OpenAI SDK, unmodified but for its base URL and key: against the echo model and a foreign upstream."""

import threading

import openai
import pytest


@pytest.fixture
def key(gateway):
    return gateway.create_key(name="sdk-tests", environment="sandbox")


@pytest.fixture
def client(gateway, key):
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key["secret"], max_retries=0) as client:
        yield client


def ask(client, **options):
    messages = [{"role": "user", "content": "hello from the SDK"}]
    return client.chat.completions.create(model="echo", messages=messages, **options)


def test_a_stranger_is_refused(gateway):
    client = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="sk_prod_nothing", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(client)
    assert refused.value.code == "invalid_api_key"


def test_the_model_list_holds_what_the_key_may_call(client):
    assert [model.id for model in client.models.list()] == ["echo"]


def test_a_plain_answer_has_usage(client):
    answer = ask(client)
    assert answer.choices[0].message.content == "hello from the SDK"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_comes_word_by_word(client):
    with ask(client, stream=True) as stream:
        parts = [chunk.choices[0].delta.content or "" for chunk in stream]
    assert "".join(parts) == "hello from the SDK"
    assert len([part for part in parts if part]) > 1


def test_usage_of_a_stream_comes_only_when_asked_for(client):
    with ask(client, stream=True) as stream:
        assert all(chunk.usage is None for chunk in stream)
    with ask(client, stream=True, stream_options={"include_usage": True}) as stream:
        assert list(stream)[-1].usage.total_tokens > 0


def test_an_unknown_model_is_not_found(client):
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(model="no-such-model", messages=[])
    assert refused.value.code == "model_not_found"


def test_a_revoked_key_is_refused_at_once(gateway, key, client):
    ask(client)
    gateway.revoke_key(key)
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(client)
    assert refused.value.code == "key_revoked"


def test_a_revoked_key_cuts_its_running_stream(gateway):
    key = gateway.create_key(name="sdk-cut")
    client = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key["secret"], max_retries=0)
    messages = [{"role": "user", "content": "slowly"}]
    with client.chat.completions.create(model="mocked", messages=messages, stream=True) as stream:
        next(stream)
        receipts = []
        revoke = threading.Thread(target=lambda: receipts.append(gateway.revoke_key(key)))
        revoke.start()
        with pytest.raises(openai.APIError) as cut:
            for _ in stream:
                pass
        revoke.join()
    assert cut.value.code == "key_revoked"
    assert receipts[0]["receipt"]["requests_cut"] == 1


class TestAForeignUpstream:
    """The same question with and without the gateway between: same text, same usage."""

    MESSAGES = [{"role": "user", "content": "hello from the SDK"}]

    @pytest.fixture
    def direct(self, gateway):
        with openai.OpenAI(base_url=gateway.upstream, api_key="x", max_retries=0) as client:
            yield client

    @pytest.fixture
    def through(self, gateway):
        key = gateway.create_key(name="sdk-foreign", allowed_providers=["mock"])
        with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key["secret"], max_retries=0) as client:
            yield client

    def ask(self, client, model, **options):
        return client.chat.completions.create(model=model, messages=self.MESSAGES, **options)

    def test_plain(self, direct, through):
        expected, got = self.ask(direct, "gpt-4o-mini"), self.ask(through, "mocked")
        assert got.choices[0].message.content == expected.choices[0].message.content
        assert got.usage == expected.usage

    def test_streamed_with_usage(self, direct, through):
        options = {"stream": True, "stream_options": {"include_usage": True}}
        expected, got = list(self.ask(direct, "gpt-4o-mini", **options)), list(self.ask(through, "mocked", **options))
        text = lambda chunks: [c.choices[0].delta.content for c in chunks if c.choices]
        assert text(got) == text(expected)
        assert got[-1].usage == expected[-1].usage

    def test_streamed_without_usage(self, direct, through):
        expected, got = list(self.ask(direct, "gpt-4o-mini", stream=True)), list(self.ask(through, "mocked", stream=True))
        assert [c.choices for c in got] == [c.choices for c in expected]
        assert all(c.usage is None for c in got)

    def test_a_provider_that_the_key_may_not_reach_is_forbidden(self, through):
        with pytest.raises(openai.PermissionDeniedError) as refused:
            self.ask(through, "echo")
        assert refused.value.code == "provider_not_allowed"
