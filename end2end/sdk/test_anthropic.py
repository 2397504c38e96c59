"""The Anthropic SDK, unmodified but for its base URL and key: against the echo model and a foreign upstream."""

import json
import threading

import anthropic
import pytest
from dialects import ANTHROPIC_TOOL, HELLO, LIMA, PARIS, TWO_CITIES, WEATHER

MOST = {"max_tokens": 100}


def ask(client, model, **options):
    return client.messages.create(model=model, **{"messages": HELLO, **MOST, **options})


def stream(client, model, **options):
    """The kinds of the events, and the message that the SDK makes of them."""
    with client.messages.stream(model=model, **{"messages": HELLO, **MOST, **options}) as events:
        return [event.type for event in events], events.get_final_message()


class TestEcho:
    def test_plain_and_streamed(self, strict_claude):
        answer = ask(strict_claude, "echo")
        assert answer.content[0].text == "hello from the SDK"
        assert answer.stop_reason == "end_turn"
        kinds, streamed = stream(strict_claude, "echo")
        assert streamed.content[0].text == "hello from the SDK"
        assert kinds.count("text") > 1
        assert streamed.usage.output_tokens == answer.usage.output_tokens > 0

    def test_count_tokens(self, strict_claude):
        assert strict_claude.messages.count_tokens(model="echo", messages=HELLO).input_tokens == 4


class TestModels:
    def test_the_list_holds_what_the_key_may_call(self, gateway, strict_claude):
        assert [model.id for model in strict_claude.models.list()] == [
            "claude",
            "compatible",
            "down",
            "echo",
            "gpt",
            "vectors",
        ]
        key = gateway.create_key(allowed_models=["claude"])
        with gateway.anthropic(key["secret"]) as client:
            assert [model.id for model in client.models.list()] == ["claude"]
            assert client.models.retrieve("claude").display_name == "claude"
            with pytest.raises(anthropic.NotFoundError):
                client.models.retrieve("gpt")


class TestAForeignUpstream:
    """The same question with and without the gateway between: same text, same usage."""

    @pytest.fixture
    def direct(self, upstream):
        with upstream.anthropic() as client:
            yield client

    def both(self, direct, claude, question, **options):
        return question(direct, "claude-sonnet-5-5", **options), question(claude, "claude", **options)

    def test_plain(self, direct, claude):
        expected, got = self.both(direct, claude, ask)
        assert got.content == expected.content
        assert got.usage == expected.usage
        assert (got.usage.input_tokens, got.usage.output_tokens) == (21, 13)

    def test_streamed(self, direct, claude):
        (expected_kinds, expected), (kinds, got) = self.both(direct, claude, stream)
        assert kinds == expected_kinds
        assert got.content == expected.content
        assert got.content[0].text == "Hello from upstream."
        assert got.usage == expected.usage

    @pytest.mark.parametrize("question", [ask, lambda *args, **options: stream(*args, **options)[1]])
    def test_tool_calls(self, direct, claude, question):
        options = {"messages": TWO_CITIES, "tools": [ANTHROPIC_TOOL]}
        expected, got = self.both(direct, claude, question, **options)
        assert got.content == expected.content
        assert [block.input for block in got.content if block.type == "tool_use"] == [PARIS, LIMA]
        assert got.stop_reason == "tool_use"

    def test_a_tool_s_result_goes_back(self, claude, upstream):
        asked = ask(claude, "claude", messages=WEATHER, tools=[ANTHROPIC_TOOL])
        result = {"type": "tool_result", "tool_use_id": asked.content[0].id, "content": "21 degrees"}
        messages = [*WEATHER, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
        answer = ask(claude, "claude", messages=messages, tools=[ANTHROPIC_TOOL])
        assert answer.content[0].text == "It is 21 degrees and sunny."
        assert upstream.seen()[-1]["body"]["messages"][-1]["content"] == [result]

    def test_thinking(self, direct, claude):
        options = {
            "messages": [{"role": "user", "content": "think"}],
            "max_tokens": 4096,
            "thinking": {"type": "enabled", "budget_tokens": 1024},
        }
        (_, expected), (_, got) = self.both(direct, claude, stream, **options)
        assert got.content == expected.content
        assert [block.type for block in got.content] == ["thinking", "text"]

    def test_count_tokens(self, direct, claude):
        count = lambda client, model: client.messages.count_tokens(model=model, messages=HELLO, system="Be brief.")
        expected, got = self.both(direct, claude, count)
        assert got == expected
        assert got.input_tokens == 6

    def test_beta(self, claude, upstream):
        """What coding agents call: `?beta=true`, with the names of betas in a header."""
        options = {"model": "claude", "messages": HELLO, "betas": ["context-1m-2025-08-07"]}
        answer = claude.beta.messages.create(**options, **MOST)
        assert answer.content[0].text == "Hello from upstream."
        assert claude.beta.messages.count_tokens(**options).input_tokens == 4
        assert [request["headers"]["anthropic-beta"] for request in upstream.seen()] == [
            "context-1m-2025-08-07",
            "context-1m-2025-08-07,token-counting-2024-11-01",
        ]


class TestWhatTheProviderSees:
    @pytest.mark.parametrize("credential", ["api_key", "auth_token"])
    def test_the_body_as_it_came_and_never_the_key(self, gateway, upstream, secret, credential):
        client = anthropic.Anthropic(base_url=gateway.url, max_retries=0, **{credential: secret})
        system = [{"type": "text", "text": "Grüße 🎉", "cache_control": {"type": "ephemeral"}}]
        answer = ask(client, "claude", system=system, extra_body={"top_k": 3, "new_field": [None]})
        (request,) = upstream.seen()
        assert request["body"] == {
            "model": "claude-sonnet-5-5",
            "messages": HELLO,
            "max_tokens": 100,
            "system": system,
            "top_k": 3,
            "new_field": [None],
        }
        assert request["headers"]["x-api-key"] == "the key for anthropic"
        assert request["headers"]["anthropic-version"] == "2026-10-21"
        assert secret not in json.dumps(request)
        assert answer._request_id == request["headers"]["x-request-id"]
        assert answer._request_id.startswith("req_")


def test_a_revoked_key_cuts_its_running_stream(gateway):
    key = gateway.create_key(name="sdk-cut")
    client = gateway.anthropic(key["secret"])
    messages = [{"role": "user", "content": "slowly"}]
    with client.messages.create(model="claude", messages=messages, stream=True, **MOST) as events:
        next(events)
        receipts = []
        revoke = threading.Thread(target=lambda: receipts.append(gateway.revoke_key(key)))
        revoke.start()
        with pytest.raises(anthropic.APIStatusError) as cut:
            for _ in events:
                pass
        revoke.join()
    assert cut.value.type == "authentication_error"
    assert cut.value.error_code == "key_revoked"
    assert receipts[0]["receipt"]["requests_cut"] == 1
