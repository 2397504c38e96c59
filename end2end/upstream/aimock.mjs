// An OpenAI and Anthropic compatible upstream that nobody here wrote, with a recorder before it:
//   node aimock.mjs <port>
// What it answers depends on the last message of the user. Prints `ready` when it listens; stops on SIGTERM.

import { LLMock } from "@copilotkit/aimock";
import { record } from "./recorder.mjs";

const port = Number(process.argv[2]);
if (!Number.isInteger(port)) {
  console.error("usage: node aimock.mjs <port>");
  process.exit(2);
}

const usage = { prompt_tokens: 21, completion_tokens: 13, total_tokens: 34 };
const weather = (city, id) => ({ name: "get_weather", arguments: JSON.stringify({ city, unit: "celsius" }), id });
const failure = (status, type, message) => ({ status, error: { type, message, code: type } });

const mock = new LLMock({ port: 0, host: "127.0.0.1", chunkSize: 8 });
mock.onMessage("slowly", { content: "one two three four five six seven eight nine ten", usage }, { latency: 200 });
mock.on({ userMessage: /weather/, hasToolResult: true }, { content: "It is 21 degrees and sunny.", usage });
mock.on(
  { userMessage: /weather in two cities/, hasToolResult: false },
  { content: "I look that up.", toolCalls: [weather("Paris", "call_paris"), weather("Lima", "call_lima")], usage },
);
mock.on({ userMessage: /weather/, hasToolResult: false }, { toolCalls: [weather("Paris", "call_paris")], usage });
mock.onMessage("think", { content: "Therefore: yes.", reasoning: "Let me see what speaks for it.", usage });
mock.onMessage("be cut off", { content: "There is no end to", finishReason: "length", usage });
mock.onMessage("fail with 400", failure(400, "invalid_request_error", "The upstream doesn't like this."));
mock.onMessage("fail with 401", failure(401, "authentication_error", "The upstream's own key is wrong."));
mock.onMessage("fail with 429", { ...failure(429, "rate_limit_error", "The upstream is busy."), retryAfter: 7 });
mock.onMessage("fail with 500", failure(500, "api_error", "The upstream broke."));
mock.onMessage(/./, { content: "Hello from upstream.", usage });
mock.onEmbedding(/./, { embedding: [0.1, 0.2, 0.3] });
await mock.start();
const recorder = await record(port, mock.url);
console.log("ready");

process.on("SIGTERM", async () => {
  recorder.close();
  recorder.closeAllConnections();
  await mock.stop();
  process.exit(0);
});
