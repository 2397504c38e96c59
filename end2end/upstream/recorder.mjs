// Stands before an upstream, passes everything through, and remembers what came in: so tests see what a provider sees.
// `GET /seen` answers with the requests since the last time it was asked, as they came: method, path, headers, body.

import { createServer, request as send } from "node:http";

/** Listens on `port` of loopback for the upstream at `target`; resolves when it does. */
export function record(port, target) {
  let seen = [];
  const server = createServer(async (request, response) => {
    if (request.url === "/seen") {
      answer(response, 200, seen);
      seen = [];
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method, url: path, headers } = request;
    seen.push({ method, path, headers, body: parsed(body) });
    if (path.startsWith("/v1/messages/count_tokens")) return countTokens(response, parsed(body));
    const passed = send(new URL(path, target), { method, headers }, (upstream) => {
      response.writeHead(upstream.statusCode, upstream.headers);
      upstream.pipe(response);
    });
    passed.once("error", () => response.destroy());
    // A client that goes away ends the upstream's work.
    response.once("close", () => passed.destroy());
    passed.end(body);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** aimock has no such endpoint: a token is a word here, of the system prompt and the messages. */
function countTokens(response, body) {
  const texts = [body.system ?? [], ...body.messages.map((message) => message.content)]
    .flatMap((content) => (typeof content === "string" ? [content] : content.map((block) => block.text ?? "")));
  answer(response, 200, { input_tokens: texts.join(" ").split(/\s+/).filter(Boolean).length });
}

function answer(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

/** JSON, or the text of what isn't. */
function parsed(body) {
  try {
    return JSON.parse(body.toString());
  } catch {
    return body.toString();
  }
}
