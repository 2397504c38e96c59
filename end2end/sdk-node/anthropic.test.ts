/** The Anthropic SDK, unmodified but for its base URL and key: on its own provider, on GPT, and what goes wrong. */

import Anthropic from "@anthropic-ai/sdk";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { anthropicTool, called, hello, png, slowly, twoCities } from "./phrases";
import { type Class, Setting, all, thrown } from "./setting";

let setting: Setting;
before(async () => {
  setting = await Setting.start();
});
after(() => setting.stop());

const ask = { messages: hello, max_tokens: 100 };

const text = (message: Anthropic.Message) =>
  message.content.map((block) => (block.type === "text" ? block.text : "")).join("");

const calls = (message: Anthropic.Message) =>
  message.content.flatMap((block) => (block.type === "tool_use" ? [{ id: block.id, input: block.input }] : []));

describe("echo", () => {
  test("plain and streamed word by word", async () => {
    const client = setting.anthropic();
    assert.equal(text(await client.messages.create({ ...ask, model: "echo" })), "hello from the SDK");
    const stream = client.messages.stream({ ...ask, model: "echo" });
    const events = await all(stream);
    assert.ok(events.filter((event) => event.type === "content_block_delta").length > 1);
    assert.equal(text(await stream.finalMessage()), "hello from the SDK");
  });

  test("count_tokens", async () => {
    const count = await setting.anthropic().messages.countTokens({ model: "echo", messages: hello });
    assert.equal(count.input_tokens, 4);
  });
});

describe("models", () => {
  test("the list holds what the key may call", async () => {
    const { secret } = await setting.createKey({ allowed_models: ["c*"] });
    const client = setting.anthropic(secret);
    const models = await all(client.models.list());
    assert.deepEqual(
      models.map(({ id, lifecycle }) => [id, lifecycle]),
      [
        ["claude", "active"],
        ["compatible", "active"],
      ],
    );
    assert.equal((await client.models.retrieve("claude")).display_name, "claude");
    assert.ok((await thrown(() => client.models.retrieve("gpt"))) instanceof Anthropic.NotFoundError);
  });
});

describe("a provider of its own kind: with and without the gateway between", () => {
  const both = async <T>(question: (client: Anthropic, model: string) => Promise<T>): Promise<[T, T]> => [
    await question(setting.direct.anthropic, "claude-sonnet-5-5"),
    await question(setting.anthropic(), "claude"),
  ];

  test("plain and streamed", async () => {
    for (const question of [
      (client: Anthropic, model: string): Promise<Anthropic.Message> => client.messages.create({ ...ask, model }),
      (client: Anthropic, model: string) => client.messages.stream({ ...ask, model }).finalMessage(),
    ]) {
      const [expected, got] = await both(question);
      assert.equal(text(got), "Hello from upstream.");
      assert.deepEqual(got.content, expected.content);
      assert.deepEqual(got.usage, expected.usage);
    }
  });

  test("tool calls, streamed, and their results", async () => {
    const client = setting.anthropic();
    const options = { ...ask, model: "claude", tools: [anthropicTool] };
    const message = await client.messages.stream({ ...options, messages: twoCities }).finalMessage();
    assert.deepEqual(calls(message), called);
    const results = called.map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: "21 degrees" }));
    const messages: Anthropic.MessageParam[] = [
      ...twoCities,
      { role: "assistant", content: message.content },
      { role: "user", content: results },
    ];
    assert.equal(text(await client.messages.create({ ...options, messages })), "It is 21 degrees and sunny.");
  });

  test("count_tokens", async () => {
    const [expected, got] = await both((client, model) => client.messages.countTokens({ model, messages: hello }));
    assert.deepEqual(got, expected);
    assert.equal(got.input_tokens, 4);
  });
});

for (const model of ["gpt", "compatible"]) {
  describe(`a model of an OpenAI provider: ${model}`, () => {
    test("plain and streamed", async () => {
      const client = setting.anthropic();
      const plain = await client.messages.create({ ...ask, model });
      const streamed = await client.messages.stream({ ...ask, model }).finalMessage();
      for (const message of [plain, streamed]) {
        assert.equal(text(message), "Hello from upstream.");
        assert.equal(message.stop_reason, "end_turn");
        assert.equal(message.model, model);
        assert.deepEqual([message.usage.input_tokens, message.usage.output_tokens], [21, 13]);
      }
    });

    test("tool calls, plain and streamed, and their results", async () => {
      const client = setting.anthropic();
      const options = { ...ask, model, tools: [anthropicTool] };
      const asked = { ...options, messages: twoCities };
      const plain = await client.messages.create(asked);
      const streamed = await client.messages.stream(asked).finalMessage();
      for (const message of [plain, streamed]) {
        assert.equal(message.stop_reason, "tool_use");
        assert.deepEqual(calls(message), called);
      }
      const results = called.map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: "21 degrees" }));
      const messages: Anthropic.MessageParam[] = [
        ...twoCities,
        { role: "assistant", content: plain.content },
        { role: "user", content: results },
      ];
      const answer = await client.messages.stream({ ...options, messages }).finalMessage();
      assert.equal(text(answer), "It is 21 degrees and sunny.");
    });

    test("system, stop and images arrive", async () => {
      await setting.seen();
      const source = { type: "base64" as const, media_type: "image/png" as const, data: png };
      await setting.anthropic().messages.create({
        ...ask,
        model,
        system: "Be brief.",
        stop_sequences: ["END"],
        messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }, { type: "image", source }] }],
      });
      const [request] = await setting.seen();
      assert.equal(request?.path, "/v1/chat/completions");
      assert.match(JSON.stringify(request?.body.messages[0]), /Be brief\./);
      assert.deepEqual(request?.body.stop, ["END"]);
      assert.equal(request?.body.messages[1].content[1].image_url.url, `data:image/png;base64,${png}`);
    });

    test("what can't be said is named", async () => {
      const call = () => setting.anthropic().messages.create({ ...ask, model, container: "c" });
      const error = await thrown(call);
      assert.ok(error instanceof Anthropic.BadRequestError);
      assert.equal(error.errorCode, "unsupported_translation");
      assert.match(error.apiMessage ?? "", /^container: /);
    });
  });
}

describe("errors", () => {
  const claude = { ...ask, model: "claude" };
  const restricted = async (fields: Record<string, unknown>) => {
    const { secret } = await setting.createKey(fields);
    return setting.anthropic(secret);
  };

  const cases: [string, number, Class<InstanceType<typeof Anthropic.APIError>>, string, string, () => Promise<unknown>][] = [
    ["a stranger", 401, Anthropic.AuthenticationError, "authentication_error", "invalid_api_key", () =>
      setting.anthropic("sk-ant-nothing").messages.create(claude)],
    ["an action that isn't allowed", 403, Anthropic.PermissionDeniedError, "permission_error", "action_not_allowed",
      async () => (await restricted({ allowed_actions: ["models"] })).messages.create(claude)],
    ["a model that isn't allowed", 403, Anthropic.PermissionDeniedError, "permission_error", "model_not_allowed",
      async () => (await restricted({ denied_models: ["claude"] })).messages.create(claude)],
    ["a provider that isn't allowed", 403, Anthropic.PermissionDeniedError, "permission_error", "provider_not_allowed",
      async () => (await restricted({ allowed_providers: ["openai"] })).messages.create(claude)],
    ["an unknown model", 404, Anthropic.NotFoundError, "not_found_error", "model_not_found", () =>
      setting.anthropic().messages.create({ ...ask, model: "no-such-model" })],
    ["a limit", 429, Anthropic.RateLimitError, "rate_limit_error", "rate_limit_exceeded", async () => {
      const client = await restricted({ rate_limits: { requests_per_minute: 1 } });
      await client.messages.create(claude);
      return client.messages.create(claude);
    }],
    ["a provider that is down", 502, Anthropic.InternalServerError, "api_error", "upstream_error", () =>
      setting.anthropic().messages.create({ ...ask, model: "down" })],
    ["the gateway's own credential", 502, Anthropic.InternalServerError, "api_error", "upstream_error", () =>
      setting.anthropic().messages.create({ ...claude, messages: [{ role: "user", content: "fail with 401" }] })],
  ];

  for (const [name, status, kind, type, code, call] of cases) {
    test(name, async () => {
      const error = await thrown(call);
      assert.ok(error instanceof kind, String(error));
      assert.equal(error.status, status);
      assert.equal(error.type, type);
      assert.equal(error.errorCode, code);
      assert.match(error.requestID ?? "", /^req_/);
      if (status === 429) assert.match(error.headers?.get("retry-after") ?? "", /^[1-9]\d?$/);
    });
  }

  test("a revoked key: its stream is cut, and the next call refused", async () => {
    const key = await setting.createKey({});
    const client = setting.anthropic(key.secret);
    const stream = await client.messages.create({ ...claude, messages: slowly, stream: true });
    const rest = thrown(() => all(stream));
    const { receipt } = await setting.revokeKey(key);
    const cut = await rest;
    assert.ok(cut instanceof Anthropic.APIError, String(cut));
    assert.equal(cut.type, "authentication_error");
    assert.equal(cut.errorCode, "key_revoked");
    assert.equal(receipt.requests_cut, 1);
    const refused = await thrown(() => client.messages.create(claude));
    assert.ok(refused instanceof Anthropic.AuthenticationError);
    assert.equal(refused.errorCode, "key_revoked");
  });
});
