import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { elapsed, say } from './progress.mjs';
import { projectRoot } from './project.mjs';
import { startRedis } from './redis.mjs';
import { accepted, recordingReport, scenarioReport } from './check-report.ts';
import { environmentFor, processNames, startProcess, startSandbox, temporaryFolder } from './system.ts';
import type { Addresses, ProcessName } from './system.ts';

const usage = `The whole system on this machine: Redis, the pretend world, and watcher, worker and bot.

Usage: npm run demo [-- --port N] [--seed N] [--speed N] [--clusters N] [--scenarios DIR | --recording DIR]
       npm run -s demo -- --check [--json] [--seed N] [--scenarios DIR | --recording DIR]

  --check          plays all scenarios in compressed time, without a browser, and says whether each went as it expects;
                   with --recording: whether just the threads were opened that its truth.json asks for
  --json           only JSON on standard output
  --seed N         other names, sizes, slopes, times and order (default 0: as they are written)
  --scenarios DIR  scenarios of another folder, in the format of sandbox/scenarios/schema.json
  --recording DIR  the pretend API server serves a recorded watch stream (pods.ndjson, events.ndjson) instead
  --clusters 2     all scenarios with other names in a second cluster too, which the same Slack is told of; not with
                   --check (a scenario may ask for two clusters by itself)
  --speed N        how much faster than life the pretend world runs
  --logs DIR       keep the logs of the three processes there
  --port N         first port that is tried for the page (default 4040)
`;

/** Faster than life, so that all scenarios together take well under a minute. */
const checkSpeed = 60;
const demoSpeed = 2;

const checkSettings = {
  OOMKEEPER_MODE: 'act',
  OOMKEEPER_VERIFY_AFTER: '4s',
  OOMKEEPER_CONFIRM_TIMEOUT: '8s',
  OOMKEEPER_SUSPECT_WINDOW: '2s',
  OOMKEEPER_EXPLAIN_AGAIN: '500ms',
  OOMKEEPER_SAMPLE_EVERY: '1s',
  OOMKEEPER_FORECAST_SETTLED: '10s',
  OOMKEEPER_SWEEP_EVERY: '250ms',
  OOMKEEPER_POST_EVERY: '10ms',
  OOMKEEPER_SEARCH_AGAIN_AFTER: '1s',
};
const demoSettings = {
  OOMKEEPER_MODE: 'act',
  OOMKEEPER_VERIFY_AFTER: '1m',
  OOMKEEPER_CONFIRM_TIMEOUT: '30s',
  OOMKEEPER_EXPLAIN_AGAIN: '5s',
  OOMKEEPER_SAMPLE_EVERY: '10s',
  OOMKEEPER_FORECAST_SETTLED: '5m',
  OOMKEEPER_SWEEP_EVERY: '1s',
};

/** The demo runs until somebody ends it. */
const forever = Promise.withResolvers<number>().promise;

const policySchema = z.looseObject({ policy: z.string(), clusters: z.number() });

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: '0' },
    scenarios: { type: 'string' },
    recording: { type: 'string' },
    speed: { type: 'string' },
    clusters: { type: 'string', default: '1' },
    logs: { type: 'string' },
    port: { type: 'string', default: '4040' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(usage);
else process.exitCode = await demo();

async function demo(): Promise<number> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  const interrupted = Promise.withResolvers<'interrupted'>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupted.resolve('interrupted'));
  try {
    const running = run((stop) => stops.push(stop));
    const outcome = await Promise.race([running, interrupted.promise]);
    if (outcome !== 'interrupted') return outcome;
    say('stopping');
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(message);
    if (values.check && values.json) process.stdout.write(`${JSON.stringify({ ok: false, error: message })}\n`);
    return 1;
  } finally {
    await stopAll();
  }
}

async function run(onStop: (stop: () => Promise<void>) => void): Promise<number> {
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed}: a whole number such as 7`);
  const recording = values.recording === undefined ? undefined : given(values.recording);
  if (!['1', '2'].includes(values.clusters)) throw new Error(`--clusters ${values.clusters}: 1 or 2`);
  const isTwo = values.clusters === '2';
  if (isTwo && (values.check || recording !== undefined))
    throw new Error('--clusters 2 is for looking at, with scenarios');
  const directory = values.scenarios === undefined ? join(projectRoot, 'sandbox/scenarios') : given(values.scenarios);
  const addresses = await startAll(recording, { directory, seed }, onStop);
  if (values.check && recording !== undefined) return checkRecording(addresses, recording);
  if (values.check) return checkScenarios(addresses, { directory, seed });
  if (recording !== undefined) void post(addresses, '/recording/play', {});
  else accepted(await post(addresses, '/scenarios/play', { directory, seed }));
  if (isTwo) accepted(await post(addresses, '/scenarios/play', { directory, seed: seed + 1, cluster: 2 }));
  process.stdout.write(`\nOpen ${addresses.pageUrl} - the first thread arrives within 20 s. Ctrl-C ends everything.\n`);
  return forever;
}

/** A folder as whoever typed the command sees it: npm runs us in the project's. */
function given(folder: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', folder);
}

interface Stories {
  readonly directory: string;
  readonly seed: number;
  /** Those of another seed that run in two clusters are there too. */
  readonly besides?: number;
}

async function startAll(
  recording: string | undefined,
  stories: Stories,
  onStop: (stop: () => Promise<void>) => void,
): Promise<Addresses> {
  const settings = values.check ? checkSettings : demoSettings;
  const folder = await step('logs', async (): Promise<{ readonly path: string }> => {
    if (values.logs !== undefined) {
      await mkdir(values.logs, { recursive: true });
      return { path: values.logs };
    }
    const made = await temporaryFolder();
    onStop(made.remove);
    return made;
  });
  const redis = await step('Redis', async () => {
    const started = await startRedis({ appendonly: !values.check });
    onStop(() => started.stop());
    return started;
  });
  const sandbox = await step('pretend world', async () => {
    const args = ['--speed', values.speed ?? String(values.check ? checkSpeed : demoSpeed)];
    args.push('--seed', values.seed, '--port', values.check ? '0' : values.port);
    args.push(...(recording === undefined ? ['--clusters', '2'] : ['--recording', recording]));
    if (values.check) args.push('--no-page', '--slack-limits', '100');
    const started = await startSandbox(args);
    onStop(started.stop);
    return started;
  });
  const { addresses } = sandbox;
  const policy = recording === undefined ? await writePolicy(addresses, stories, folder.path) : null;
  const environment = environmentFor(addresses, redis.url, { ...settings, OOMKEEPER_POLICY: policy?.path ?? '' });
  const startThem = async (names: readonly ProcessName[], variables: typeof environment, suffix: string) => {
    // All of them, also when one fails: what is still starting could not be stopped.
    const started = await Promise.allSettled(
      names.map(async (name) => {
        const log = join(folder.path, `${name}${suffix}.log`);
        const one = await startProcess(name, variables, log);
        onStop(() => one.stop());
        void one.exited.then((code) => {
          if (code !== 0 && code !== null) say(`${name}${suffix} ended by itself with ${code}; see ${log}`);
        });
      }),
    );
    for (const one of started) if (one.status === 'rejected') throw one.reason;
  };
  await step(`${processNames.join(', ')} (logs in ${folder.path})`, () => startThem(processNames, environment, ''));
  const { second } = addresses;
  const isTwo = values.clusters === '2';
  if (second !== undefined && (isTwo || policy?.clusters === 2)) {
    await step('second cluster, with a watcher and a worker', async () => {
      const others = { ...stories, seed: stories.seed + 1, besides: stories.seed };
      const own = isTwo ? await writePolicy(addresses, others, folder.path, 'policy-2.yaml') : policy;
      const variables = environmentFor({ ...addresses, ...second }, redis.url, {
        ...settings,
        OOMKEEPER_CLUSTER: 'demo-2',
        OOMKEEPER_POLICY: own?.path ?? '',
      });
      await startThem(['watcher', 'worker'], variables, '-2');
    });
  }
  return addresses;
}

async function checkScenarios(
  addresses: Addresses,
  what: { readonly directory: string; readonly seed: number },
): Promise<number> {
  const started = performance.now();
  const { scenarios } = scenarioReport.parse(accepted(await post(addresses, '/scenarios/check', what)));
  const ok = scenarios.length > 0 && scenarios.every((row) => row.ok);
  print({ seed: what.seed, scenarios, ok }, scenarios);
  say(`checked ${scenarios.length} scenarios in ${elapsed(started)}`);
  return ok ? 0 : 1;
}

async function checkRecording(addresses: Addresses, directory: string): Promise<number> {
  const started = performance.now();
  const report = recordingReport.parse(accepted(await post(addresses, '/recording/check', { directory })));
  const { incidents, ok, ...rest } = report;
  print({ recording: basename(directory), incidents, ...rest, ok }, incidents);
  say(`checked ${incidents.length} incidents in ${elapsed(started)}`);
  return ok ? 0 : 1;
}

function print(report: object, rows: readonly { readonly ok: boolean }[]): void {
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else for (const row of rows) process.stdout.write(`${row.ok ? 'ok    ' : 'FAILED'} ${JSON.stringify(row)}\n`);
}

/** Who may approve what in these stories, as a policy file; its path, and how many clusters the stories run in. */
async function writePolicy(
  addresses: Addresses,
  stories: Stories,
  folder: string,
  name = 'policy.yaml',
): Promise<{ readonly path: string; readonly clusters: number }> {
  const answer = accepted(await post(addresses, '/scenarios/policy', { ...stories, check: values.check }));
  const path = join(folder, name);
  const { policy, clusters } = policySchema.parse(answer);
  await writeFile(path, policy);
  return { path, clusters };
}

async function post(addresses: Addresses, path: string, body: object): Promise<unknown> {
  const answer = await fetch(new URL(path, addresses.controlUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.json();
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  say(`${name} ready after ${elapsed(started)}`);
  return result;
}
