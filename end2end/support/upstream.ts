import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** An OpenAI-compatible server that nobody here wrote, on a free port. */
export class Upstream {
  private constructor(
    private readonly process: ChildProcess,
    /** Its base URL. */
    readonly url: string,
  ) {}

  static async start(): Promise<Upstream> {
    const port = await freePort();
    const child = spawn("node", ["upstream/aimock.mjs", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await once(child.stdout!, "data");
    if (!String(said).includes("ready")) throw new Error(`the upstream said: ${said}`);
    return new Upstream(child, `http://127.0.0.1:${port}/v1`);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await exited;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === "object") resolve(address.port);
        else reject(new Error("no free port"));
      });
    });
  });
}
