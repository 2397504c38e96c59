"""What goes wrong, as each SDK's own exceptions, with the code that the documentation names."""

import anthropic
import openai
import pytest
from dialects import HELLO


class OpenAi:
    """How the OpenAI SDK asks, and what its exceptions say."""

    sdk = openai
    types = {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "invalid_request_error",
        429: "rate_limit_error",
        502: "api_error",
    }

    def client(self, gateway, secret, **options):
        return gateway.openai(secret, **options)

    def ask(self, client, model="gpt", **options):
        return client.chat.completions.create(**{"model": model, "messages": HELLO, **options})

    def ask_raw(self, client):
        return client.chat.completions.with_raw_response.create(model="gpt", messages=HELLO)

    def code(self, error):
        return error.code

    def message(self, error):
        return error.body["message"]


class Anthropic:
    """How the Anthropic SDK asks, and what its exceptions say."""

    sdk = anthropic
    types = {**OpenAi.types, 404: "not_found_error"}

    def client(self, gateway, secret, **options):
        return gateway.anthropic(secret, **options)

    def ask(self, client, model="claude", **options):
        return client.messages.create(**{"model": model, "messages": HELLO, "max_tokens": 10, **options})

    def ask_raw(self, client):
        return client.messages.with_raw_response.create(model="claude", messages=HELLO, max_tokens=10)

    def code(self, error):
        # For those who come from OpenAI, too.
        assert error.body["error"]["code"] == error.error_code
        return error.error_code

    def message(self, error):
        return error.api_message


@pytest.fixture(params=[OpenAi(), Anthropic()], ids=["openai", "anthropic"])
def api(request):
    return request.param


@pytest.fixture(params=[False, True], ids=["plain", "streamed"])
def streamed(request):
    return {"stream": True} if request.param else {}


@pytest.fixture
def refused(gateway, api, streamed):
    """Asks with a key and gives the exception, which has the dialect's type for its status and a message."""

    def ask(secret, exception, status, *args, **options):
        with api.client(gateway, secret) as client, pytest.raises(getattr(api.sdk, exception)) as caught:
            api.ask(client, *args, **streamed, **options)
        error = caught.value
        assert error.status_code == status
        assert error.type == api.types[status]
        assert len(api.message(error)) > 20
        assert error.request_id.startswith("req_")
        return error

    return ask


def with_last_character(secret, last):
    return secret[:-1] + (last if secret[-1] != last else "0")


class TestUnauthorized:
    def test_a_stranger_and_a_guess_get_one_answer(self, api, refused, secret):
        errors = [
            refused(wrong, "AuthenticationError", 401)
            for wrong in ("sk_prod_nothing", "sk-ant-api03-of-another-world", with_last_character(secret, "1"))
        ]
        assert {api.code(error) for error in errors} == {"invalid_api_key"}
        assert len({api.message(error) for error in errors}) == 1

    def test_a_revoked_key(self, gateway, api, refused):
        key = gateway.create_key()
        with api.client(gateway, key["secret"]) as client:
            api.ask(client)
        gateway.revoke_key(key)
        assert api.code(refused(key["secret"], "AuthenticationError", 401)) == "key_revoked"


class TestForbidden:
    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"allowed_actions": ["models"]}, "action_not_allowed"),
            ({"allowed_models": ["echo"]}, "model_not_allowed"),
            ({"denied_models": ["*"]}, "model_not_allowed"),
            ({"allowed_model_labels": ["none-has-it"]}, "model_not_allowed"),
            ({"allowed_providers": ["compatible"]}, "provider_not_allowed"),
            ({"environment": "sandbox"}, "sandbox_only"),
            ({"allowed_ips": ["192.0.2.0/24"]}, "ip_not_allowed"),
            ({"identity": {"header_mode": True, "enforce": True}}, "identity_required"),
        ],
    )
    def test_what_a_key_may_not(self, gateway, api, refused, fields, code):
        key = gateway.create_key(**fields)
        assert api.code(refused(key["secret"], "PermissionDeniedError", 403)) == code


class TestNotFound:
    def test_an_unknown_model(self, api, refused, secret):
        assert api.code(refused(secret, "NotFoundError", 404, "no-such-model")) == "model_not_found"


class TestRateLimited:
    @pytest.mark.parametrize("limit", ["requests_per_minute", "requests_per_day"])
    def test_the_second_request(self, gateway, api, refused, limit):
        key = gateway.create_key(rate_limits={limit: 1})
        with api.client(gateway, key["secret"]) as client:
            api.ask(client)
        error = refused(key["secret"], "RateLimitError", 429)
        assert api.code(error) == "rate_limit_exceeded"
        headers = error.response.headers
        assert 1 <= int(headers["retry-after"]) <= (60 if limit == "requests_per_minute" else 86_400)
        assert headers["x-ratelimit-limit-requests"] == "1"
        assert headers["x-ratelimit-remaining-requests"] == "0"

    def test_an_answer_says_what_is_left(self, gateway, api):
        key = gateway.create_key(rate_limits={"requests_per_minute": 10, "tokens_per_minute": 100_000})
        with api.client(gateway, key["secret"]) as client:
            headers = api.ask_raw(client).headers
        assert headers["x-ratelimit-limit-requests"] == "10"
        assert headers["x-ratelimit-remaining-requests"] == "9"
        assert headers["x-ratelimit-limit-tokens"] == "100000"
        assert int(headers["x-ratelimit-remaining-tokens"]) < 100_000

    def test_the_sdk_waits_as_long_as_it_is_told(self, gateway, api):
        """A request that runs blocks the next; the SDK's own retry gets through once it has ended."""
        key = gateway.create_key(rate_limits={"concurrent_requests": 1})
        slowly = [{"role": "user", "content": "slowly"}]
        with (
            api.client(gateway, key["secret"]) as client,
            api.client(gateway, key["secret"], max_retries=5) as patient,
            api.ask(client, messages=slowly, stream=True) as running,
        ):
            next(iter(running))
            with pytest.raises(api.sdk.RateLimitError) as caught:
                api.ask(client)
            assert api.code(caught.value) == "concurrency_limit_exceeded"
            assert caught.value.response.headers["retry-after"] == "1"
            assert api.ask_raw(patient).retries_taken >= 1


class TestUpstreamFailures:
    def test_nobody_answers(self, api, refused, secret):
        assert api.code(refused(secret, "InternalServerError", 502, "down")) == "upstream_error"

    @pytest.fixture(params=["native", "translated"])
    def model(self, request, api):
        native = request.param == "native"
        return "gpt" if (api.sdk is openai) == native else "claude"

    def test_the_gateway_s_own_credential_is_not_the_client_s_fault(self, api, refused, secret, model):
        failing = [{"role": "user", "content": "fail with 401"}]
        error = refused(secret, "InternalServerError", 502, model, messages=failing)
        assert api.code(error) == "upstream_error"

    @pytest.mark.parametrize(
        ("status", "exception", "message"),
        [
            (400, "BadRequestError", "The upstream doesn't like this."),
            (429, "RateLimitError", "The upstream is busy."),
            (500, "InternalServerError", "The upstream broke."),
        ],
    )
    def test_the_provider_s_own_errors(self, gateway, api, secret, model, streamed, status, exception, message):
        failing = [{"role": "user", "content": f"fail with {status}"}]
        with api.client(gateway, secret) as client, pytest.raises(getattr(api.sdk, exception)) as caught:
            api.ask(client, model, messages=failing, **streamed)
        error = caught.value
        assert error.status_code == status
        assert api.message(error) == message
        assert error.type == {**api.types, 500: "api_error"}[status]
        if status == 429:
            assert error.response.headers["retry-after"] == "7"
