// An OpenAI and Anthropic compatible upstream that nobody here wrote:  node aimock.mjs <port>
// Prints `ready` when it listens; stops on SIGTERM.

import { LLMock } from "@copilotkit/aimock";

const port = Number(process.argv[2]);
if (!Number.isInteger(port)) {
  console.error("usage: node aimock.mjs <port>");
  process.exit(2);
}

const mock = new LLMock({ port, host: "127.0.0.1", chunkSize: 8 });
mock.onMessage("slowly", { content: "one two three four five six seven eight nine ten" }, { latency: 200 });
mock.onMessage(/./, { content: "Hello from upstream." });
mock.onEmbedding(/./, { embedding: [0.1, 0.2, 0.3] });
await mock.start();
console.log("ready");

process.on("SIGTERM", async () => {
  await mock.stop();
  process.exit(0);
});
