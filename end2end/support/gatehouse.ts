import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One running gateway with an empty database in a folder of its own. */
export class Gatehouse {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly settings: Record<string, string>,
    readonly url: string,
    /** The one-time link that makes the first account. */
    readonly setupLink: string,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Gatehouse> {
    const binary = process.env.GATEHOUSE_BIN;
    if (!binary) throw new Error("GATEHOUSE_BIN must name the gatehouse binary; `make e2e` sets it");
    const folder = await mkdtemp(join(tmpdir(), "gatehouse-e2e-"));
    const port = await freePort();
    const child = spawn(binary, ["serve"], {
      cwd: folder,
      env: { ...process.env, GATEHOUSE__SERVER__LISTEN: `127.0.0.1:${port}`, ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const url = `http://localhost:${port}`;
    try {
      const setupLink = await printedLink(child);
      await ready(url);
      return new Gatehouse(child, folder, settings, url, setupLink);
    } catch (error) {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs a command of the binary on the same database, as somebody with a shell on the machine would. */
  command(args: string[], input: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.env.GATEHOUSE_BIN!, args, {
        cwd: this.folder,
        env: { ...process.env, ...this.settings },
      });
      let output = "";
      const read = (chunk: Buffer) => (output += chunk.toString());
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("error", reject);
      child.once("exit", (code) => (code === 0 ? resolve(output) : reject(new Error(`exit ${code}:\n${output}`))));
      child.stdin.end(input);
    });
  }

  /** Drains and stops. A gateway that does not stop by itself fails the test. */
  async stop(): Promise<void> {
    let hung = false;
    if (this.process.exitCode === null) {
      const exited = new Promise<void>((resolve) => this.process.once("exit", () => resolve()));
      this.process.kill("SIGTERM");
      const timer = setTimeout(() => {
        hung = true;
        this.process.kill("SIGKILL");
      }, 15_000);
      await exited;
      clearTimeout(timer);
    }
    await rm(this.folder, { recursive: true, force: true });
    if (hung) throw new Error("gatehouse did not stop within 15 s of SIGTERM");
  }
}

function printedLink(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`no set-up link within 20 s:\n${output}`)), 20_000);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const link = /https?:\/\/\S+\/setup\?token=[^\s"]+(?=\s)/.exec(output);
      if (link) {
        clearTimeout(timer);
        resolve(link[0]);
      }
    };
    // Both are read to the end, so that the gateway never waits for a full pipe.
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`gatehouse exited with ${code}:\n${output}`)));
  });
}

async function ready(url: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url}/readyz did not answer within 20 s`);
}

function freePort(): Promise<number> {
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
