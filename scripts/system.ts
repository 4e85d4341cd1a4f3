import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createPatientTime } from '../sandbox/patient-time.ts';
import { cacheRoot, projectRoot } from './project.mjs';

/** Where the pretend world is: the sandbox's one line. */
const addressesSchema = z.strictObject({
  kubeconfig: z.string(),
  slackApiUrl: z.string(),
  controlUrl: z.string(),
  pageUrl: z.string(),
  prometheusUrl: z.string(),
  botToken: z.string(),
  appToken: z.string(),
  githubApiUrl: z.string(),
  githubToken: z.string(),
  githubWebhookSecret: z.string(),
  pagerdutyApiUrl: z.string(),
  pagerdutyRoutingKey: z.string(),
  alertmanagerUrl: z.string(),
  second: z.strictObject({ kubeconfig: z.string(), prometheusUrl: z.string() }).optional(),
});
export type Addresses = z.infer<typeof addressesSchema>;

export const processNames = ['watcher', 'worker', 'bot'] as const;
export type ProcessName = (typeof processNames)[number];

/** A process of ours that can be ended and started again. */
export interface OwnProcess {
  readonly name: string;
  readonly pid: number;
  /** Where it answers /healthz, /readyz and /metrics. */
  readonly opsUrl: string;
  /** Ends it: SIGTERM, and after 10 s SIGKILL. Resolves when it is gone. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
  /** Resolves with its exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
}

/** Tests keep it with what they throw away. */
const compiledRoot =
  process.env['OOMKEEPER_TEST_RUN'] === undefined ? join(cacheRoot, 'compiled') : join(tmpdir(), 'compiled');
const stopMs = 10_000;
const readyMs = 30_000;

/** Starts the sandbox as a child and reads its one line. */
export async function startSandbox(
  args: readonly string[],
): Promise<{ readonly addresses: Addresses; readonly stop: () => Promise<void> }> {
  const child = start('sandbox', [join(projectRoot, 'sandbox/main.ts'), ...args], process.env);
  const line = await firstLine(child, (text) => text.startsWith('{"kubeconfig"'));
  return { addresses: addressesSchema.parse(JSON.parse(line)), stop: () => stop(child, 'SIGTERM') };
}

/**
 * What each process needs to know of the pretend world. A pull request is looked at each second, since no hook tells of it;
 * `timing` shortens more of what takes its time in production (src/app/config/timing.ts).
 */
export function environmentFor(
  addresses: Addresses,
  redisUrl: string,
  settings: Readonly<Record<string, string>>,
  timing: Readonly<Record<string, number>> = {},
): Readonly<Record<string, string>> {
  return {
    OOMKEEPER_CLUSTER: 'prod',
    OOMKEEPER_PROMETHEUS_URL: addresses.prometheusUrl,
    OOMKEEPER_OPS_HOST: '127.0.0.1',
    OOMKEEPER_OPS_PORT: '0',
    KUBECONFIG: addresses.kubeconfig,
    REDIS_URL: redisUrl,
    SLACK_API_URL: addresses.slackApiUrl,
    SLACK_BOT_TOKEN: addresses.botToken,
    SLACK_APP_TOKEN: addresses.appToken,
    GITHUB_API_URL: addresses.githubApiUrl,
    GITHUB_TOKEN: addresses.githubToken,
    PAGERDUTY_API_URL: addresses.pagerdutyApiUrl,
    PAGERDUTY_ROUTING_KEY: addresses.pagerdutyRoutingKey,
    OOMKEEPER_ALERTMANAGER_URL: addresses.alertmanagerUrl,
    OOMKEEPER_TEST_TIMING: JSON.stringify({ pollPullRequestsMs: 1_000, ...timing }),
    ...settings,
  };
}

export interface StartOptions {
  readonly patienceMs?: number;
  /** The program, if it is not to be the one of this checkout. */
  readonly program?: string;
}

const ownProgram = join(projectRoot, 'src/bin/oomkeeper.ts');

/**
 * Starts one of the three processes and waits until it says that it is ready. Its log goes to a file. Throws, and leaves
 * nothing behind, where it ends before or is not ready within `patienceMs`.
 */
export async function startProcess(
  name: ProcessName,
  environment: Readonly<Record<string, string>>,
  logFile: string,
  { patienceMs = readyMs, program = ownProgram }: StartOptions = {},
): Promise<OwnProcess> {
  const { PATH = '', HOME = '' } = process.env;
  // Half of what a start costs is compiling: what another start has compiled is kept. Each for itself, since the watcher
  // changes V8's flags (src/app/small-heap.ts), and V8 refuses what was compiled under others.
  const child = start(name, [program, name], {
    PATH,
    HOME,
    ...(program === ownProgram ? { NODE_COMPILE_CACHE: join(compiledRoot, name) } : {}),
    ...environment,
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const opsLine = await firstLine(child, (text) => text.includes('ops server listening'));
  const opsUrl = urlIn(opsLine);
  try {
    await becomesReady(name, opsUrl, { exited, patienceMs });
  } catch (error) {
    await stop(child, 'SIGTERM');
    throw error;
  }
  return { name, pid: child.pid ?? 0, opsUrl, exited, stop: (signal) => stop(child, signal ?? 'SIGTERM') };
}

/** A folder for logs that is removed with `remove`. */
export async function temporaryFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'oomkeeper-demo-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Children that have not ended: none outlives us. */
const running = new Set<ChildProcess>();

function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

function start(name: string, args: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  // A group of its own: Ctrl-C in the terminal is for us, who end the children in order.
  const child = spawn(process.execPath, ['--import', join(projectRoot, 'scripts/end-with-parent.mjs'), ...args], {
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // It closes when the child ends.
  child.stdin.on('error', () => undefined);
  if (running.size === 0) process.once('exit', endAll);
  running.add(child);
  child.once('exit', () => {
    running.delete(child);
    if (running.size === 0) process.off('exit', endAll);
  });
  child.once('error', (error) => process.stderr.write(`${name} could not be started: ${error.message}\n`));
  return child;
}

async function firstLine(child: ChildProcess, wanted: (line: string) => boolean): Promise<string> {
  const errors: string[] = [];
  child.stderr?.on('data', (chunk) => errors.push(String(chunk)));
  if (child.stdout === null) throw new Error('the process has no standard output');
  const lines = createInterface({ input: child.stdout });
  const last: string[] = [];
  try {
    for await (const line of lines) {
      if (wanted(line)) return line;
      last.push(line);
    }
  } finally {
    lines.close();
    // What comes later still has to flow, or the child would stop at a full pipe.
    child.stdout.resume();
  }
  throw new Error(`the process ended before it was ready:\n${[...last, ...errors].join('\n').slice(-2000)}`);
}

function urlIn(line: string): string {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed === 'object' && parsed !== null && 'url' in parsed) return String(parsed.url);
  throw new Error(`no url in the log line ${line}`);
}

async function becomesReady(
  name: string,
  opsUrl: string,
  { exited, patienceMs }: { readonly exited: Promise<number | null>; readonly patienceMs: number },
): Promise<void> {
  const over = new AbortController();
  void exited.then(() => over.abort());
  // While this process does not run, a proxy in it may keep the other one from becoming ready.
  const time = createPatientTime();
  const deadline = time.now() + patienceMs;
  let said = '';
  try {
    while (time.now() < deadline && !over.signal.aborted) {
      const answer = await fetch(`${opsUrl}/readyz`).catch(() => null);
      if (answer?.ok) return;
      said = (await answer?.text()) ?? '';
      await delay(50);
    }
  } finally {
    time.stop();
  }
  throw new Error(`${name} did not become ready: ${said}`);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await gone;
  clearTimeout(late);
}
