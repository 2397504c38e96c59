"""The OpenAI SDK against the echo model."""

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
