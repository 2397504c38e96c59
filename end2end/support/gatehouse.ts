import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./upstream";

/** One running gateway with an empty database in a folder of its own. */
export class Gatehouse {
  private constructor(
    private process: ChildProcess,
    private readonly folder: string,
    private readonly settings: Record<string, string>,
    readonly url: string,
    /** The one-time link that makes the first account. */
    readonly setupLink: string,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Gatehouse> {
    const folder = await mkdtemp(join(tmpdir(), "gatehouse-e2e-"));
    const port = await freePort();
    const all = { GATEHOUSE__SERVER__LISTEN: `127.0.0.1:${port}`, ...settings };
    const child = serve(folder, all);
    const url = `http://localhost:${port}`;
    try {
      const setupLink = await printedLink(child);
      await ready(url);
      return new Gatehouse(child, folder, all, url, setupLink);
    } catch (error) {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs a command that wants the database for itself: between stopping and starting again. */
  async offline(args: string[]): Promise<string> {
    await this.halt();
    const output = await this.command(args, "");
    this.process = serve(this.folder, this.settings);
    this.process.stdout?.resume();
    this.process.stderr?.resume();
    await ready(this.url);
    return output;
  }

  /** Runs a command of the binary on the same database, as somebody with a shell on the machine would. */
  command(args: string[], input: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(binary(), args, {
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

  /** Resident memory in MB. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.process.pid}/status`, "utf8");
    return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1000);
  }

  /** Drains, stops and forgets everything. A gateway that does not stop by itself fails the test. */
  async stop(): Promise<void> {
    try {
      await this.halt();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  private async halt(): Promise<void> {
    if (this.process.exitCode !== null) return;
    let hung = false;
    const exited = new Promise<void>((resolve) => this.process.once("exit", () => resolve()));
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => {
      hung = true;
      this.process.kill("SIGKILL");
    }, 15_000);
    await exited;
    clearTimeout(timer);
    if (hung) throw new Error("gatehouse did not stop within 15 s of SIGTERM");
  }
}

function binary(): string {
  const path = process.env.GATEHOUSE_BIN;
  if (!path) throw new Error("GATEHOUSE_BIN must name the gatehouse binary; `make e2e` sets it");
  return path;
}

function serve(folder: string, settings: Record<string, string>): ChildProcess {
  const env = { ...process.env, ...settings };
  return spawn(binary(), ["serve"], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
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
