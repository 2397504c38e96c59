/** The OpenAI SDK, unmodified but for its base URL and key: on its own provider, on Claude, and what goes wrong. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { called, hello, openaiTool, png, slowly, twoCities } from "./phrases";
import { type Class, Setting, all, thrown } from "./setting";

let setting: Setting;
before(async () => {
  setting = await Setting.start();
});
after(() => setting.stop());

const withUsage = { stream: true, stream_options: { include_usage: true } } as const;

const text = (chunks: OpenAI.ChatCompletionChunk[]) =>
  chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");

const calls = (message: OpenAI.ChatCompletionMessage) =>
  message.tool_calls?.map((call) => ({
    id: call.id,
    input: JSON.parse(call.type === "function" ? call.function.arguments : "null"),
  }));

describe("echo", () => {
  const ask = { model: "echo", messages: hello };

  test("plain, with usage", async () => {
    const answer = await setting.openai().chat.completions.create(ask);
    assert.equal(answer.choices[0]?.message.content, "hello from the SDK");
    assert.ok(answer.usage && answer.usage.total_tokens > 0);
  });

  test("streamed word by word", async () => {
    const chunks = await all(await setting.openai().chat.completions.create({ ...ask, ...withUsage }));
    assert.equal(text(chunks), "hello from the SDK");
    assert.ok(chunks.length > 3);
    assert.ok(chunks.at(-1)?.usage);
  });

  test("embeddings, in base64 by default and in floats", async () => {
    const ask = { model: "echo", input: ["one", "two"], dimensions: 8 };
    const byDefault = await setting.openai().embeddings.create(ask);
    const floats = await setting.openai().embeddings.create({ ...ask, encoding_format: "float" });
    assert.equal(byDefault.data.length, 2);
    for (const [at, { embedding }] of byDefault.data.entries()) {
      assert.deepEqual([...embedding].map(Math.fround), floats.data[at]?.embedding.map(Math.fround));
    }
  });

  test("responses, plain and streamed", async () => {
    const ask = { model: "echo", input: "hello there" };
    assert.equal((await setting.openai().responses.create(ask)).output_text, "hello there");
    const events = await all(await setting.openai().responses.create({ ...ask, stream: true }));
    assert.equal(events.at(0)?.type, "response.created");
    assert.equal(events.at(-1)?.type, "response.completed");
  });
});

describe("models", () => {
  test("the list holds what the key may call", async () => {
    const { secret } = await setting.createKey({ allowed_models: ["c*"] });
    const models = await all(setting.openai(secret).models.list());
    assert.deepEqual(
      models.map((model) => model.id),
      ["claude", "compatible"],
    );
    assert.equal((await setting.openai(secret).models.retrieve("claude")).id, "claude");
    assert.ok((await thrown(() => setting.openai(secret).models.retrieve("gpt"))) instanceof OpenAI.NotFoundError);
  });
});

describe("a provider of its own kind: with and without the gateway between", () => {
  const both = async <T>(ask: (client: OpenAI, model: string) => Promise<T>): Promise<[T, T]> => [
    await ask(setting.direct.openai, "gpt-4o-mini"),
    await ask(setting.openai(), "gpt"),
  ];

  test("plain", async () => {
    const [expected, got] = await both((client, model) =>
      client.chat.completions.create({ model, messages: hello }),
    );
    assert.deepEqual(got.choices, expected.choices);
    assert.deepEqual(got.usage, expected.usage);
    assert.match(got._request_id ?? "", /^req_/);
  });

  test("streamed, with usage and without", async () => {
    for (const options of [withUsage, { stream: true } as const]) {
      const [expected, got] = await both(async (client, model) =>
        all(await client.chat.completions.create({ model, messages: hello, ...options })),
      );
      assert.equal(text(got), "Hello from upstream.");
      assert.deepEqual(
        got.map(({ choices, usage }) => ({ choices, usage })),
        expected.map(({ choices, usage }) => ({ choices, usage })),
      );
    }
  });

  test("tool calls, streamed, and their results", async () => {
    const options = { model: "gpt", tools: [openaiTool] };
    const client = setting.openai();
    const runner = client.chat.completions.stream({ ...options, messages: twoCities });
    const { choices } = await runner.finalChatCompletion();
    const message = choices[0]!.message;
    assert.deepEqual(calls(message), called);
    const results = called.map(({ id }) => ({ role: "tool" as const, tool_call_id: id, content: "21 degrees" }));
    const answer = await client.chat.completions.create({ ...options, messages: [...twoCities, message, ...results] });
    assert.equal(answer.choices[0]?.message.content, "It is 21 degrees and sunny.");
  });

  test("embeddings", async () => {
    for (const encoding_format of [undefined, "float"] as const) {
      const ask = { input: ["one", "two"], encoding_format };
      const expected = await setting.direct.openai.embeddings.create({ ...ask, model: "text-embedding-3-small" });
      const got = await setting.openai().embeddings.create({ ...ask, model: "vectors" });
      assert.deepEqual(got.data, expected.data);
    }
  });

  test("responses, plain and streamed", async () => {
    const [expected, got] = await both((client, model) => client.responses.create({ model, input: "hello" }));
    assert.equal(got.output_text, "Hello from upstream.");
    assert.deepEqual(got.usage, expected.usage);
    const [expectedEvents, events] = await both(async (client, model) =>
      all(await client.responses.create({ model, input: "hello", stream: true })),
    );
    assert.deepEqual(
      events.map((event) => event.type),
      expectedEvents.map((event) => event.type),
    );
  });
});

describe("a Claude model", () => {
  const ask = { model: "claude", messages: hello };

  test("plain and streamed", async () => {
    const answer = await setting.openai().chat.completions.create(ask);
    assert.equal(answer.choices[0]?.message.content, "Hello from upstream.");
    assert.equal(answer.choices[0]?.finish_reason, "stop");
    assert.equal(answer.usage?.total_tokens, 34);
    const chunks = await all(await setting.openai().chat.completions.create({ ...ask, ...withUsage }));
    assert.equal(text(chunks), "Hello from upstream.");
    assert.deepEqual(chunks.at(-1)?.usage, answer.usage);
  });

  test("tool calls, plain and streamed, and their results", async () => {
    const client = setting.openai();
    const options = { model: "claude", tools: [openaiTool] };
    const asked = { ...options, messages: twoCities };
    const plain = await client.chat.completions.create(asked);
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    for (const { choices } of [plain, streamed]) {
      assert.equal(choices[0]?.finish_reason, "tool_calls");
      assert.deepEqual(calls(choices[0]!.message), called);
    }
    const results = called.map(({ id }) => ({ role: "tool" as const, tool_call_id: id, content: "21 degrees" }));
    const messages = [...twoCities, plain.choices[0]!.message, ...results];
    const answer = await client.chat.completions.stream({ ...options, messages }).finalChatCompletion();
    assert.equal(answer.choices[0]?.message.content, "It is 21 degrees and sunny.");
  });

  test("system, stop and images arrive", async () => {
    await setting.seen();
    const url = `data:image/png;base64,${png}`;
    await setting.openai().chat.completions.create({
      model: "claude",
      stop: ["END"],
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "image_url", image_url: { url } }] },
        ...hello,
      ],
    });
    const [request] = await setting.seen();
    assert.equal(request?.path, "/v1/messages");
    assert.equal(request?.body.system[0].text, "Be brief.");
    assert.deepEqual(request?.body.stop_sequences, ["END"]);
    assert.deepEqual(request?.body.messages[0].content[0].source, {
      type: "base64",
      media_type: "image/png",
      data: png,
    });
  });

  test("what can't be said is named", async () => {
    const error = await thrown(() => setting.openai().chat.completions.create({ ...ask, n: 2 }));
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.code, "unsupported_translation");
    assert.equal(error.param, "n");
  });
});

describe("errors", () => {
  const ask = { model: "gpt", messages: hello };

  const cases: [string, number, Class<InstanceType<typeof OpenAI.APIError>>, string, () => Promise<unknown>][] = [
    ["a stranger", 401, OpenAI.AuthenticationError, "invalid_api_key", () =>
      setting.openai("sk_prod_nothing").chat.completions.create(ask)],
    ["an action that isn't allowed", 403, OpenAI.PermissionDeniedError, "action_not_allowed", async () => {
      const { secret } = await setting.createKey({ allowed_actions: ["models"] });
      return setting.openai(secret).chat.completions.create(ask);
    }],
    ["a model that isn't allowed", 403, OpenAI.PermissionDeniedError, "model_not_allowed", async () => {
      const { secret } = await setting.createKey({ denied_models: ["gpt"] });
      return setting.openai(secret).chat.completions.create(ask);
    }],
    ["a provider that isn't allowed", 403, OpenAI.PermissionDeniedError, "provider_not_allowed", async () => {
      const { secret } = await setting.createKey({ allowed_providers: ["anthropic"] });
      return setting.openai(secret).chat.completions.create(ask);
    }],
    ["an unknown model", 404, OpenAI.NotFoundError, "model_not_found", () =>
      setting.openai().chat.completions.create({ ...ask, model: "no-such-model" })],
    ["a limit", 429, OpenAI.RateLimitError, "rate_limit_exceeded", async () => {
      const { secret } = await setting.createKey({ rate_limits: { requests_per_minute: 1 } });
      await setting.openai(secret).chat.completions.create(ask);
      return setting.openai(secret).chat.completions.create(ask);
    }],
    ["a provider that is down", 502, OpenAI.InternalServerError, "upstream_error", () =>
      setting.openai().chat.completions.create({ ...ask, model: "down" })],
    ["the gateway's own credential", 502, OpenAI.InternalServerError, "upstream_error", () =>
      setting.openai().chat.completions.create({ ...ask, messages: [{ role: "user", content: "fail with 401" }] })],
  ];

  for (const [name, status, kind, code, call] of cases) {
    test(name, async () => {
      const error = await thrown(call);
      assert.ok(error instanceof kind, String(error));
      assert.equal(error.status, status);
      assert.equal(error.code, code);
      assert.match(error.requestID ?? "", /^req_/);
      if (status === 429) assert.match(error.headers?.get("retry-after") ?? "", /^[1-9]\d?$/);
    });
  }

  test("a revoked key: its stream is cut, and the next call refused", async () => {
    const key = await setting.createKey({});
    const client = setting.openai(key.secret);
    const stream = await client.chat.completions.create({ ...ask, messages: slowly, stream: true });
    const rest = thrown(() => all(stream));
    const { receipt } = await setting.revokeKey(key);
    const cut = await rest;
    assert.ok(cut instanceof OpenAI.APIError, String(cut));
    assert.equal(cut.code, "key_revoked");
    assert.equal(receipt.requests_cut, 1);
    const refused = await thrown(() => client.chat.completions.create(ask));
    assert.ok(refused instanceof OpenAI.AuthenticationError);
    assert.equal(refused.code, "key_revoked");
  });
});
