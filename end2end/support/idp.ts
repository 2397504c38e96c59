import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** An OpenID provider that asks nobody for a password and says of everybody what a test wants. */
export class SayingProvider {
  /** What ID tokens say beside what all of them do. */
  claims: Record<string, unknown> = {};
  readonly issuer: string;
  private readonly keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  private readonly attempts = new Map<string, { audience: string; nonce: string }>();

  private constructor(private readonly server: Server) {
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => this.answer(request, response));
  }

  static async start(): Promise<SayingProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new SayingProvider(server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** What the Admin API is told of it. */
  registration(name: string): object {
    return {
      name,
      title: "Company",
      issuer: this.issuer,
      client_id: "gatehouse",
      allowed_domains: ["example.com"],
      allow_private_addresses: true,
    };
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.issuer);
    if (url.pathname === "/authorize") return this.authorize(url.searchParams, response);
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const answer = this.json(url.pathname, new URLSearchParams(body));
      response.writeHead(answer ? 200 : 400, { "content-type": "application/json" });
      response.end(JSON.stringify(answer ?? { error: "invalid_request" }));
    });
  }

  private authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = randomUUID();
    this.attempts.set(code, { audience: query.get("client_id")!, nonce: query.get("nonce")! });
    const back = new URL(query.get("redirect_uri")!);
    back.searchParams.set("code", code);
    back.searchParams.set("state", query.get("state")!);
    response.writeHead(302, { location: back.href }).end();
  }

  private json(path: string, form: URLSearchParams): object | undefined {
    switch (path) {
      case "/.well-known/openid-configuration":
        return {
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          jwks_uri: `${this.issuer}/jwks`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          code_challenge_methods_supported: ["S256"],
        };
      case "/jwks":
        return { keys: [{ ...this.keys.publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }] };
      case "/token":
        return this.tokens(form.get("code") ?? "");
    }
  }

  private tokens(code: string): object | undefined {
    const attempt = this.attempts.get(code);
    if (!attempt || !this.attempts.delete(code)) return undefined;
    const now = Math.floor(Date.now() / 1000);
    const always = { iss: this.issuer, aud: attempt.audience, nonce: attempt.nonce, iat: now, exp: now + 300 };
    const signed = `${encode({ alg: "RS256", kid: "one" })}.${encode({ ...always, ...this.claims })}`;
    const signature = createSign("RSA-SHA256").update(signed).sign(this.keys.privateKey).toString("base64url");
    return { access_token: randomUUID(), token_type: "Bearer", id_token: `${signed}.${signature}` };
  }
}
