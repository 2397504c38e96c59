"""What the tests say in either dialect, and a check that a request is one that its provider's own SDK could send."""

import pydantic
from anthropic.types import message_create_params as messages
from openai.types.chat import completion_create_params as chat

HELLO = [{"role": "user", "content": "hello from the SDK"}]
WEATHER = [{"role": "user", "content": "What is the weather?"}]
TWO_CITIES = [{"role": "user", "content": "What is the weather in two cities?"}]

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
    "required": ["city"],
}
OPENAI_TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "description": "The weather now.", "parameters": SCHEMA},
}
ANTHROPIC_TOOL = {"name": "get_weather", "description": "The weather now.", "input_schema": SCHEMA}
PARIS = {"city": "Paris", "unit": "celsius"}
LIMA = {"city": "Lima", "unit": "celsius"}

# One red pixel.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="

# By endpoint, then by `stream`.
BODIES = {
    "/v1/chat/completions": {
        False: pydantic.TypeAdapter(chat.CompletionCreateParamsNonStreaming),
        True: pydantic.TypeAdapter(chat.CompletionCreateParamsStreaming),
    },
    "/v1/messages": {
        False: pydantic.TypeAdapter(messages.MessageCreateParamsNonStreaming),
        True: pydantic.TypeAdapter(messages.MessageCreateParamsStreaming),
    },
}


def only(upstream, path):
    """The one request that the provider saw, at `path`; its body has nothing but what the provider's SDK knows."""
    (request,) = upstream.seen()
    assert (request["method"], request["path"]) == ("POST", path)
    body = request["body"]
    understood = BODIES[path][body.get("stream", False)].validate_python(body)
    assert plain(understood) == body
    return body


def plain(value):
    """Reads pydantic's lazy lists to their end."""
    if isinstance(value, dict):
        return {name: plain(field) for name, field in value.items()}
    if value is None or isinstance(value, (str, int, float)):
        return value
    return [plain(item) for item in value]


def chat_text(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
