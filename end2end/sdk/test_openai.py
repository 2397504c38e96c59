"""The OpenAI SDK, unmodified but for its base URL and key: against the echo model and a foreign upstream."""

import json
import threading

import openai
import pytest
from dialects import HELLO, LIMA, OPENAI_TOOL, PARIS, TWO_CITIES, WEATHER, chat_text

WITH_USAGE = {"stream": True, "stream_options": {"include_usage": True}}


class TestEcho:
    """What a newcomer's first call meets, offline."""

    def ask(self, client, **options):
        return client.chat.completions.create(model="echo", messages=HELLO, **options)

    def test_a_plain_answer_has_usage(self, strict_oai):
        answer = self.ask(strict_oai)
        assert answer.choices[0].message.content == "hello from the SDK"
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens

    def test_a_stream_comes_word_by_word(self, strict_oai):
        with self.ask(strict_oai, stream=True) as stream:
            parts = [chunk.choices[0].delta.content or "" for chunk in stream]
        assert "".join(parts) == "hello from the SDK"
        assert len([part for part in parts if part]) > 1

    def test_usage_of_a_stream_comes_only_when_asked_for(self, strict_oai):
        with self.ask(strict_oai, stream=True) as stream:
            assert all(chunk.usage is None for chunk in stream)
        with self.ask(strict_oai, **WITH_USAGE) as stream:
            assert list(stream)[-1].usage.total_tokens > 0

    def test_embeddings(self, oai):
        ask = lambda **options: oai.embeddings.create(model="echo", input=["one", "two"], dimensions=8, **options)
        # The SDK asks for base64 by itself and decodes it.
        by_default, floats = ask(), ask(encoding_format="float")
        assert [len(item.embedding) for item in by_default.data] == [8, 8]
        for got, expected in zip(by_default.data, floats.data, strict=True):
            assert got.embedding == pytest.approx(expected.embedding, abs=1e-6)
        assert by_default.data[0].embedding != by_default.data[1].embedding

    def test_responses(self, strict_oai):
        assert strict_oai.responses.create(model="echo", input="hello there").output_text == "hello there"
        with strict_oai.responses.stream(model="echo", input="hello there") as stream:
            kinds = [event.type for event in stream]
            assert stream.get_final_response().output_text == "hello there"
        assert kinds[0] == "response.created" and kinds[-1] == "response.completed"

    def test_completions_and_moderations(self, strict_oai):
        assert strict_oai.completions.create(model="echo", prompt="hello there").choices[0].text == "hello there"
        assert not strict_oai.moderations.create(model="echo", input="hello there").results[0].flagged


class TestModels:
    def test_the_list_holds_what_the_key_may_call(self, gateway, strict_oai):
        assert [model.id for model in strict_oai.models.list()] == ["claude", "compatible", "down", "echo", "gpt", "vectors"]
        key = gateway.create_key(allowed_models=["c*", "echo"], denied_models=["compat*"])
        with gateway.openai(key["secret"]) as client:
            assert [model.id for model in client.models.list()] == ["claude", "echo"]
            assert client.models.retrieve("claude").id == "claude"
            with pytest.raises(openai.NotFoundError):
                client.models.retrieve("gpt")

    def test_a_sandbox_key_reaches_the_sandbox(self, gateway):
        key = gateway.create_key(environment="sandbox")
        with gateway.openai(key["secret"]) as client:
            assert [model.id for model in client.models.list()] == ["echo"]
            assert client.chat.completions.create(model="echo", messages=HELLO).choices
            with pytest.raises(openai.PermissionDeniedError) as refused:
                client.chat.completions.create(model="gpt", messages=HELLO)
        assert refused.value.code == "sandbox_only"


class TestAForeignUpstream:
    """The same question with and without the gateway between: same text, same usage."""

    @pytest.fixture
    def direct(self, upstream):
        with upstream.openai() as client:
            yield client

    def both(self, direct, oai, ask):
        return ask(direct, "gpt-4o-mini"), ask(oai, "gpt")

    def test_plain(self, direct, oai):
        ask = lambda client, model: client.chat.completions.create(model=model, messages=HELLO)
        expected, got = self.both(direct, oai, ask)
        assert got.choices == expected.choices
        assert got.usage == expected.usage
        assert got.usage.total_tokens == 34

    def test_streamed_with_usage(self, direct, oai):
        ask = lambda client, model: list(client.chat.completions.create(model=model, messages=HELLO, **WITH_USAGE))
        expected, got = self.both(direct, oai, ask)
        assert chat_text(got) == "Hello from upstream."
        assert [chunk.choices for chunk in got] == [chunk.choices for chunk in expected]
        assert got[-1].usage == expected[-1].usage

    def test_streamed_without_usage(self, direct, oai):
        ask = lambda client, model: list(client.chat.completions.create(model=model, messages=HELLO, stream=True))
        expected, got = self.both(direct, oai, ask)
        assert [chunk.choices for chunk in got] == [chunk.choices for chunk in expected]
        assert all(chunk.usage is None for chunk in got)

    def test_tool_calls(self, direct, oai):
        ask = lambda client, model: client.chat.completions.create(
            model=model, messages=TWO_CITIES, tools=[OPENAI_TOOL]
        )
        expected, got = self.both(direct, oai, ask)
        assert got.choices == expected.choices
        assert [call.id for call in got.choices[0].message.tool_calls] == ["call_paris", "call_lima"]

    @pytest.mark.parametrize("model", ["gpt", "compatible"])
    def test_tool_calls_streamed(self, oai, model):
        options = {"model": model, "messages": TWO_CITIES, "tools": [OPENAI_TOOL]}
        with oai.chat.completions.stream(**options) as stream:
            done = [event.arguments for event in stream if event.type == "tool_calls.function.arguments.done"]
            calls = stream.get_final_completion().choices[0].message.tool_calls
        assert [json.loads(arguments) for arguments in done] == [PARIS, LIMA]
        assert [(call.id, json.loads(call.function.arguments)) for call in calls] == [
            ("call_paris", PARIS),
            ("call_lima", LIMA),
        ]

    def test_a_tool_s_result_goes_back(self, oai, upstream):
        ask = lambda messages: oai.chat.completions.create(model="gpt", messages=messages, tools=[OPENAI_TOOL])
        message = ask(WEATHER).choices[0].message
        result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "21 degrees"}
        answer = ask([*WEATHER, message, result])
        assert answer.choices[0].message.content == "It is 21 degrees and sunny."
        assert answer.choices[0].finish_reason == "stop"
        assert upstream.seen()[-1]["body"]["messages"][-1] == result

    def test_embeddings(self, direct, oai):
        def ask(client, model, **options):
            return client.embeddings.create(model=model, input=["one", "two"], **options)

        for options in ({}, {"encoding_format": "float"}):
            expected = ask(direct, "text-embedding-3-small", **options)
            got = ask(oai, "vectors", **options)
            assert got.data == expected.data
            assert got.usage == expected.usage
            assert got.data[0].embedding == pytest.approx([0.1, 0.2, 0.3])

    def test_responses(self, direct, oai):
        ask = lambda client, model: client.responses.create(model=model, input="hello")
        expected, got = self.both(direct, oai, ask)
        assert got.output_text == expected.output_text == "Hello from upstream."
        assert got.usage == expected.usage

    def test_responses_streamed(self, direct, oai):
        def ask(client, model):
            with client.responses.stream(model=model, input="hello") as stream:
                return [event.type for event in stream], stream.get_final_response()

        (expected_kinds, expected), (kinds, got) = self.both(direct, oai, ask)
        assert kinds == expected_kinds
        assert got.output_text == expected.output_text
        assert got.usage == expected.usage

    def test_responses_call_tools(self, oai):
        tool = {"type": "function", **OPENAI_TOOL["function"], "strict": False}
        with oai.responses.stream(model="gpt", input="What is the weather?", tools=[tool]) as stream:
            for _ in stream:
                pass
            call = next(item for item in stream.get_final_response().output if item.type == "function_call")
        assert (call.name, call.call_id, json.loads(call.arguments)) == ("get_weather", "call_paris", PARIS)
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "21 degrees"}
        question = {"role": "user", "content": "What is the weather?"}
        answer = oai.responses.create(model="gpt", input=[question, call, result], tools=[tool])
        assert answer.output_text == "It is 21 degrees and sunny."


class TestWhatTheProviderSees:
    def test_the_body_as_it_came_and_never_the_key(self, oai, upstream, secret):
        messages = [{"role": "user", "content": "Grüße 🎉", "name": "somebody"}]
        options = {"seed": 7, "logit_bias": {"50256": -100}, "temperature": 0.5}
        answer = oai.chat.completions.with_raw_response.create(
            model="gpt", messages=messages, **options, extra_body={"new_field": [None, {"deep": True}]}
        )
        (request,) = upstream.seen()
        assert request["body"] == {
            "model": "gpt-4o-mini",
            "messages": messages,
            **options,
            "new_field": [None, {"deep": True}],
        }
        assert request["headers"]["authorization"] == "Bearer the key for openai"
        assert secret not in json.dumps(request)
        assert request["headers"]["x-request-id"] == answer.headers["x-request-id"]

    def test_the_sdk_finds_the_request_id(self, oai):
        answer = oai.chat.completions.create(model="gpt", messages=HELLO)
        assert answer._request_id.startswith("req_")


def test_a_revoked_key_cuts_its_running_stream(gateway):
    key = gateway.create_key(name="sdk-cut")
    client = gateway.openai(key["secret"])
    messages = [{"role": "user", "content": "slowly"}]
    with client.chat.completions.create(model="gpt", messages=messages, stream=True) as stream:
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
