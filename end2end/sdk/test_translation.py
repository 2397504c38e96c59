"""Either SDK on the other's provider: an OpenAI client on a Claude model, an Anthropic client on a GPT one.

What the provider gets is checked against the types of the provider's own SDK, and what the client gets against those
of its own.
"""

import json

import anthropic
import openai
import pytest
from dialects import ANTHROPIC_TOOL, HELLO, LIMA, OPENAI_TOOL, PARIS, PNG, TWO_CITIES, WEATHER, chat_text, only


class TestOpenAiOnClaude:
    @pytest.fixture
    def ask(self, strict_oai):
        def ask(**options):
            return strict_oai.chat.completions.create(**{"model": "claude", "messages": HELLO, **options})

        return ask

    @pytest.fixture
    def stream(self, strict_oai):
        """What the SDK makes of a stream: its events and the completion."""

        def stream(**options):
            options = {"model": "claude", "messages": HELLO, "stream_options": {"include_usage": True}, **options}
            with strict_oai.chat.completions.stream(**options) as events:
                return list(events), events.get_final_completion()

        return stream

    def test_plain(self, ask, upstream):
        answer = ask(max_completion_tokens=50)
        assert answer.choices[0].message.content == "Hello from upstream."
        assert answer.choices[0].finish_reason == "stop"
        assert answer.model == "claude"
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (21, 13, 34)
        body = only(upstream, "/v1/messages")
        assert body["max_tokens"] == 50
        assert body["model"] == "claude-sonnet-5-5"

    def test_what_the_provider_is_told_of_the_client(self, ask, upstream, secret):
        ask(extra_headers={"anthropic-version": "2026-10-21", "openai-beta": "x"})
        (request,) = upstream.seen()
        headers = request["headers"]
        # The version in which translations are written, whatever the client sends.
        assert headers["anthropic-version"] == "2023-06-01"
        assert headers["x-api-key"] == "the key for anthropic"
        assert "authorization" not in headers and "openai-beta" not in headers
        assert secret not in json.dumps(request)

    def test_streamed(self, ask, upstream):
        chunks = list(ask(stream=True, stream_options={"include_usage": True}))
        assert chat_text(chunks) == "Hello from upstream."
        assert len(chunks) > 4
        assert {chunk.model for chunk in chunks} == {"claude"}
        assert len({chunk.id for chunk in chunks}) == 1
        assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
        assert chunks[-1].choices == []
        assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (21, 13)
        assert only(upstream, "/v1/messages")["stream"] is True

    def test_usage_of_a_stream_comes_only_when_asked_for(self, ask):
        chunks = list(ask(stream=True))
        assert chat_text(chunks) == "Hello from upstream."
        assert all(chunk.usage is None for chunk in chunks)

    def test_an_answer_that_is_cut_off(self, ask, stream):
        messages = [{"role": "user", "content": "be cut off"}]
        assert ask(messages=messages).choices[0].finish_reason == "length"
        (*_, last) = [chunk for chunk in ask(messages=messages, stream=True) if chunk.choices]
        assert last.choices[0].finish_reason == "length"

    def test_system_and_stop(self, ask, upstream):
        messages = [
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "And kind."}]},
            *HELLO,
        ]
        ask(messages=messages, stop=["END", "STOP"], user="u-1", metadata={"team": "a"})
        body = only(upstream, "/v1/messages")
        assert [block["text"] for block in body["system"]] == ["Be brief.", "And kind."]
        assert [turn["role"] for turn in body["messages"]] == ["user"]
        assert body["stop_sequences"] == ["END", "STOP"]
        assert body["metadata"] == {"user_id": "u-1"}

    def test_images(self, ask, upstream):
        parts = [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            {"type": "image_url", "image_url": {"url": "https://example.com/cat.jpg"}},
        ]
        ask(messages=[{"role": "user", "content": parts}])
        assert only(upstream, "/v1/messages")["messages"][0]["content"] == [
            {"type": "text", "text": "What is this?"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/cat.jpg"}},
        ]

    @pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
    def test_tool_calls(self, ask, stream, upstream, streamed):
        options = {"messages": TWO_CITIES, "tools": [OPENAI_TOOL], "tool_choice": "required"}
        if streamed:
            events, answer = stream(**options)
            done = [event.arguments for event in events if event.type == "tool_calls.function.arguments.done"]
            assert [json.loads(arguments) for arguments in done] == [PARIS, LIMA]
        else:
            answer = ask(**options)
        message = answer.choices[0].message
        assert answer.choices[0].finish_reason == "tool_calls"
        assert message.content == "I look that up."
        assert [(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls] == [
            ("call_paris", "get_weather", PARIS),
            ("call_lima", "get_weather", LIMA),
        ]
        assert answer.usage.total_tokens == 34
        body = only(upstream, "/v1/messages")
        assert body["tools"] == [ANTHROPIC_TOOL]
        assert body["tool_choice"] == {"type": "any"}

    @pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
    def test_tools_results_go_back(self, ask, stream, upstream, streamed):
        question = {"role": "user", "content": "What is the weather in two cities?"}
        message = ask(messages=[question], tools=[OPENAI_TOOL]).choices[0].message
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": f"{degrees} degrees"}
            for call, degrees in zip(message.tool_calls, (21, 22), strict=True)
        ]
        upstream.seen()
        options = {"messages": [question, message, *results], "tools": [OPENAI_TOOL]}
        answer = stream(**options)[1] if streamed else ask(**options)
        assert answer.choices[0].message.content == "It is 21 degrees and sunny."
        turns = only(upstream, "/v1/messages")["messages"]
        assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
        assert turns[1]["content"] == [
            {"type": "text", "text": "I look that up."},
            {"type": "tool_use", "id": "call_paris", "name": "get_weather", "input": PARIS},
            {"type": "tool_use", "id": "call_lima", "name": "get_weather", "input": LIMA},
        ]
        # Results of parallel calls are one turn.
        assert [(block["tool_use_id"], block["content"]) for block in turns[2]["content"]] == [
            ("call_paris", [{"type": "text", "text": "21 degrees"}]),
            ("call_lima", [{"type": "text", "text": "22 degrees"}]),
        ]

    def test_structured_output(self, ask, upstream):
        schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
        ask(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": True}})
        assert only(upstream, "/v1/messages")["output_config"] == {"format": {"type": "json_schema", "schema": schema}}

    def test_reasoning(self, ask, upstream):
        messages = [{"role": "user", "content": "think"}]
        answer = ask(messages=messages, reasoning_effort="low", max_completion_tokens=4096)
        assert answer.choices[0].message.content == "Therefore: yes."
        assert answer.choices[0].message.reasoning_content == "Let me see what speaks for it."
        assert only(upstream, "/v1/messages")["thinking"]["type"] == "enabled"

    @pytest.mark.parametrize(
        ("field", "options"),
        [
            ("n", {"n": 2}),
            ("seed", {"seed": 1}),
            ("logprobs", {"logprobs": True}),
            ("logit_bias", {"logit_bias": {"50256": -100}}),
            ("temperature", {"temperature": 1.5}),
            ("response_format.type", {"response_format": {"type": "json_object"}}),
            ("messages[0].name", {"messages": [{"role": "user", "content": "x", "name": "y"}]}),
            ("not_invented_yet", {"extra_body": {"not_invented_yet": 1}}),
        ],
    )
    @pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
    def test_what_can_t_be_said_is_named(self, ask, upstream, field, options, streamed):
        with pytest.raises(openai.BadRequestError) as refused:
            ask(stream=streamed, **options)
        assert refused.value.code == "unsupported_translation"
        assert refused.value.type == "invalid_request_error"
        assert refused.value.param == field
        assert upstream.seen() == []

    def test_other_endpoints_have_no_translation(self, strict_oai):
        for ask in (
            lambda: strict_oai.responses.create(model="claude", input="hello"),
            lambda: strict_oai.embeddings.create(model="claude", input="hello"),
        ):
            with pytest.raises(openai.BadRequestError) as refused:
                ask()
            assert refused.value.code == "unsupported_translation"


@pytest.mark.parametrize("model", ["gpt", "compatible"])
class TestAnthropicOnGpt:
    @pytest.fixture
    def ask(self, strict_claude, model):
        def ask(**options):
            return strict_claude.messages.create(**{"model": model, "messages": HELLO, "max_tokens": 50, **options})

        return ask

    @pytest.fixture
    def stream(self, strict_claude, model):
        """What the SDK makes of a stream: its events and the message."""

        def stream(**options):
            options = {"model": model, "messages": HELLO, "max_tokens": 50, **options}
            with strict_claude.messages.stream(**options) as events:
                return list(events), events.get_final_message()

        return stream

    def test_plain(self, ask, upstream, model):
        answer = ask()
        assert [block.text for block in answer.content] == ["Hello from upstream."]
        assert answer.stop_reason == "end_turn"
        assert answer.model == model
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (21, 13)
        body = only(upstream, "/v1/chat/completions")
        # Servers that are merely compatible often know the older word alone.
        assert body["max_completion_tokens" if model == "gpt" else "max_tokens"] == 50

    def test_what_the_provider_is_told_of_the_client(self, ask, upstream, secret, model):
        ask(extra_headers={"anthropic-beta": "x"})
        (request,) = upstream.seen()
        headers = request["headers"]
        assert headers.get("authorization") == ("Bearer the key for openai" if model == "gpt" else None)
        assert not [name for name in headers if name.startswith("anthropic")]
        assert secret not in json.dumps(request)

    def test_streamed(self, stream, upstream):
        events, answer = stream()
        assert [block.text for block in answer.content] == ["Hello from upstream."]
        kinds = [event.type for event in events]
        assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
        assert kinds.count("text") > 1
        assert answer.stop_reason == "end_turn"
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (21, 13)
        body = only(upstream, "/v1/chat/completions")
        assert body["stream_options"] == {"include_usage": True}

    def test_an_answer_that_is_cut_off(self, ask, stream):
        messages = [{"role": "user", "content": "be cut off"}]
        assert ask(messages=messages).stop_reason == "max_tokens"
        assert stream(messages=messages)[1].stop_reason == "max_tokens"

    def test_system_and_stop(self, ask, upstream):
        system = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
        ask(system=system, stop_sequences=["END", "STOP"], metadata={"user_id": "u-1"})
        body = only(upstream, "/v1/chat/completions")
        assert body["messages"][0]["role"] in ("system", "developer")
        assert "Be brief." in json.dumps(body["messages"][0]["content"])
        assert body["stop"] == ["END", "STOP"]
        assert body["user"] == "u-1"

    def test_images(self, ask, upstream):
        blocks = [
            {"type": "text", "text": "What is this?"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/cat.jpg"}},
        ]
        ask(messages=[{"role": "user", "content": blocks}])
        assert only(upstream, "/v1/chat/completions")["messages"][-1]["content"] == [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            {"type": "image_url", "image_url": {"url": "https://example.com/cat.jpg"}},
        ]

    @pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
    def test_tool_calls(self, ask, stream, upstream, streamed):
        options = {"messages": TWO_CITIES, "tools": [ANTHROPIC_TOOL], "tool_choice": {"type": "any"}}
        if streamed:
            events, answer = stream(**options)
            assert sum(event.type == "input_json" for event in events) > 2
        else:
            answer = ask(**options)
        assert answer.stop_reason == "tool_use"
        assert answer.content[0].text == "I look that up."
        assert [(block.id, block.name, block.input) for block in answer.content[1:]] == [
            ("call_paris", "get_weather", PARIS),
            ("call_lima", "get_weather", LIMA),
        ]
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (21, 13)
        body = only(upstream, "/v1/chat/completions")
        assert body["tools"] == [OPENAI_TOOL]
        assert body["tool_choice"] == "required"

    @pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
    def test_a_tool_s_result_goes_back(self, ask, stream, upstream, streamed):
        asked = ask(messages=WEATHER, tools=[ANTHROPIC_TOOL])
        result = {"type": "tool_result", "tool_use_id": asked.content[0].id, "content": "21 degrees"}
        messages = [*WEATHER, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
        upstream.seen()
        options = {"messages": messages, "tools": [ANTHROPIC_TOOL]}
        answer = stream(**options)[1] if streamed else ask(**options)
        assert answer.content[0].text == "It is 21 degrees and sunny."
        _, assistant, tool = only(upstream, "/v1/chat/completions")["messages"]
        (call,) = assistant["tool_calls"]
        assert (call["id"], call["function"]["name"]) == ("call_paris", "get_weather")
        assert json.loads(call["function"]["arguments"]) == PARIS
        assert (tool["role"], tool["tool_call_id"]) == ("tool", "call_paris")
        assert "21 degrees" in json.dumps(tool["content"])

    @pytest.mark.parametrize(
        ("field", "options"),
        [
            ("top_k", {"extra_body": {"top_k": 3}}),
            ("container", {"container": "c"}),
            ("stop_sequences", {"stop_sequences": ["1", "2", "3", "4", "5"]}),
            ("tools[0].type", {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
            ("not_invented_yet", {"extra_body": {"not_invented_yet": 1}}),
        ],
    )
    @pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
    def test_what_can_t_be_said_is_named(self, ask, upstream, field, options, streamed):
        with pytest.raises(anthropic.BadRequestError) as refused:
            ask(stream=streamed, **options)
        assert refused.value.error_code == "unsupported_translation"
        assert refused.value.type == "invalid_request_error"
        assert refused.value.api_message.startswith(f"{field}: ")
        assert upstream.seen() == []

    def test_tokens_can_t_be_counted(self, strict_claude, model):
        with pytest.raises(anthropic.BadRequestError) as refused:
            strict_claude.messages.count_tokens(model=model, messages=HELLO)
        assert refused.value.error_code == "unsupported_translation"
