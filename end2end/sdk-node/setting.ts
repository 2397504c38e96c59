import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { Gatehouse } from "../support/gatehouse";
import { Upstream } from "../support/upstream";

const masterKey = "a master key that only these tests know";

/** A request as a provider got it. */
export interface Seen {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: any;
}

/** A gateway, and the providers behind it: a server that nobody here wrote. */
export class Setting {
  private constructor(
    private readonly gatehouse: Gatehouse,
    private readonly upstream: Upstream,
    /** A key that may do everything. */
    readonly secret: string,
  ) {}

  static async start(): Promise<Setting> {
    const upstream = await Upstream.start();
    const gatehouse = await Gatehouse.start({
      UPSTREAM: new URL(upstream.url).origin,
      MASTER_KEY: masterKey,
      GATEHOUSE_CONFIG: `${import.meta.dirname}/../upstream/gatehouse.yaml`,
    });
    const { secret } = await createKey(gatehouse, {});
    return new Setting(gatehouse, upstream, secret);
  }

  async stop(): Promise<void> {
    await this.gatehouse.stop();
    await this.upstream.stop();
  }

  /** Issues a key of the tenant `default`. */
  createKey(fields: Record<string, unknown>): Promise<Key> {
    return createKey(this.gatehouse, fields);
  }

  revokeKey(key: Key): Promise<any> {
    return admin(this.gatehouse, "DELETE", `/auth-keys/${key.id}`, { reason: "test" });
  }

  openai(apiKey: string = this.secret, maxRetries = 0): OpenAI {
    return new OpenAI({ baseURL: `${this.gatehouse.url}/v1`, apiKey, maxRetries });
  }

  anthropic(apiKey: string = this.secret, maxRetries = 0): Anthropic {
    return new Anthropic({ baseURL: this.gatehouse.url, apiKey, maxRetries });
  }

  /** The SDKs without the gateway between. */
  get direct(): { openai: OpenAI; anthropic: Anthropic } {
    const { origin } = new URL(this.upstream.url);
    return {
      openai: new OpenAI({ baseURL: this.upstream.url, apiKey: "x", maxRetries: 0 }),
      anthropic: new Anthropic({ baseURL: origin, apiKey: "x", maxRetries: 0 }),
    };
  }

  /** The requests since the last call, as the providers got them. */
  async seen(): Promise<Seen[]> {
    const answer = await fetch(new URL("/seen", this.upstream.url));
    return (await answer.json()) as Seen[];
  }
}

export interface Key {
  id: string;
  secret: string;
}

function createKey(gatehouse: Gatehouse, fields: Record<string, unknown>): Promise<Key> {
  return admin(gatehouse, "POST", "/auth-keys", { tenant_id: "default", name: "sdk", ...fields });
}

async function admin(gatehouse: Gatehouse, method: string, path: string, body: unknown): Promise<any> {
  const answer = await fetch(`${gatehouse.url}/admin/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${masterKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Everything that a stream brings. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** What a call throws. */
export async function thrown(call: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** A class whatever its constructor takes. */
export type Class<T> = new (...args: never[]) => T;
