import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { elapsed, say } from './progress.mjs';
import { projectRoot } from './project.mjs';
import { accepted, recordingReport, scenarioReport } from './check-report.ts';
import { readDemoOptions, usage } from './demo/demo-options.ts';
import type { Demo, OwnDemo } from './demo/demo-options.ts';
import { startOwnCluster } from './demo/start-own-cluster.ts';
import { given, logFolder, redisFor, step } from './demo/demo-steps.ts';
import type { OnStop } from './demo/demo-steps.ts';
import { environmentFor, processNames, startProcess, startSandbox } from './system.ts';
import type { Addresses, ProcessName } from './system.ts';

const checkSettings = {
  OOMKEEPER_MODE: 'act',
  OOMKEEPER_VERIFY_AFTER: '4s',
  OOMKEEPER_CONFIRM_TIMEOUT: '8s',
  OOMKEEPER_SAMPLE_EVERY: '1s',
};
const checkTiming = {
  suspectWindowMs: 2_000,
  watchAtMostMs: 6_000,
  explainAgainMs: 500,
  impactEveryMs: 500,
  forecastSettledMs: 10_000,
  sweepEveryMs: 250,
  postEveryMs: 10,
  searchAgainMs: 1_000,
};
const demoSettings = {
  OOMKEEPER_MODE: 'act',
  OOMKEEPER_VERIFY_AFTER: '1m',
  OOMKEEPER_CONFIRM_TIMEOUT: '30s',
  OOMKEEPER_SAMPLE_EVERY: '10s',
};
const demoTiming = {
  watchAtMostMs: 60_000,
  explainAgainMs: 5_000,
  impactEveryMs: 10_000,
  forecastSettledMs: 300_000,
  sweepEveryMs: 1_000,
};

/** The demo runs until somebody ends it. */
const forever = Promise.withResolvers<number>().promise;

const policySchema = z.looseObject({ policy: z.string(), clusters: z.number() });

const typed = readDemoOptions(process.argv.slice(2));
switch (typed.is) {
  case 'help':
    process.stdout.write(usage);
    break;
  case 'wrong':
    say(`${typed.problem}\nnpm run -s demo -- --help says more.`);
    process.exitCode = 2;
    break;
  case 'run':
    process.exitCode = await demo(typed, (onStop) => run(typed, onStop));
    break;
  case 'own':
    process.exitCode = await demo({ check: false, json: false }, (onStop) => watch(typed, onStop));
}

/** The exit code. */
async function demo(
  options: Pick<Demo, 'check' | 'json'>,
  start: (onStop: OnStop) => Promise<number>,
): Promise<number> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  const interrupted = Promise.withResolvers<'interrupted'>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupted.resolve('interrupted'));
  try {
    const running = start((stop) => stops.push(stop));
    const outcome = await Promise.race([running, interrupted.promise]);
    if (outcome !== 'interrupted') return outcome;
    say('stopping');
    return options.check ? 130 : 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(message);
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: false, error: message })}\n`);
    return 1;
  } finally {
    await stopAll();
  }
}

async function watch(options: OwnDemo, onStop: OnStop): Promise<number> {
  const words = await startOwnCluster(options, onStop);
  process.stdout.write(`\n${words}\n`);
  return forever;
}

async function run(options: Demo, onStop: OnStop): Promise<number> {
  const { check, seed, clusters } = options;
  const recording = options.recording === undefined ? undefined : given(options.recording);
  const directory = options.scenarios === undefined ? join(projectRoot, 'sandbox/scenarios') : given(options.scenarios);
  const addresses = await startAll(options, recording, { directory, seed }, onStop);
  if (check && recording !== undefined) return checkRecording(addresses, options, recording);
  if (check) return checkScenarios(addresses, options, directory);
  if (recording !== undefined) void post(addresses, '/recording/play', {});
  else accepted(await post(addresses, '/scenarios/play', { directory, seed }));
  if (clusters === 2) accepted(await post(addresses, '/scenarios/play', { directory, seed: seed + 1, cluster: 2 }));
  process.stdout.write(`\nOpen ${addresses.pageUrl} - the first thread arrives within 20 s. Ctrl-C ends everything.\n`);
  return forever;
}

interface Stories {
  readonly directory: string;
  readonly seed: number;
  /** Those of another seed that run in two clusters are there too. */
  readonly besides?: number;
}

async function startAll(
  options: Demo,
  recording: string | undefined,
  stories: Stories,
  onStop: OnStop,
): Promise<Addresses> {
  const { check, clusters } = options;
  const settings = check ? checkSettings : demoSettings;
  const timing = check ? checkTiming : demoTiming;
  const folder = await logFolder(options.logs, onStop);
  const redis = await step('Redis', () => redisFor(!check, onStop));
  const sandbox = await step('pretend world', async () => {
    const args = ['--speed', String(options.speed)];
    args.push('--seed', String(options.seed), '--port', check ? '0' : String(options.port));
    args.push(...(recording === undefined ? ['--clusters', '2'] : ['--recording', recording]));
    if (check) args.push('--no-page', '--slack-limits', '100');
    const started = await startSandbox(args);
    onStop(started.stop);
    return started;
  });
  const { addresses } = sandbox;
  const policy = recording === undefined ? await writePolicy(addresses, { ...stories, check }, folder) : null;
  const environment = environmentFor(
    addresses,
    redis.url,
    { ...settings, OOMKEEPER_POLICY: policy?.path ?? '' },
    timing,
  );
  const startThem = async (names: readonly ProcessName[], variables: typeof environment, suffix: string) => {
    // All of them, also when one fails: what is still starting could not be stopped.
    const started = await Promise.allSettled(
      names.map(async (name) => {
        const log = join(folder, `${name}${suffix}.log`);
        const one = await startProcess(name, variables, log);
        onStop(() => one.stop());
        accepted(await post(addresses, '/clock/await', { opsUrl: one.opsUrl }));
        void one.exited.then((code) => {
          if (code !== 0 && code !== null) say(`${name}${suffix} ended by itself with ${code}; see ${log}`);
        });
      }),
    );
    for (const one of started) if (one.status === 'rejected') throw one.reason;
  };
  await step(`${processNames.join(', ')} (logs in ${folder})`, () => startThem(processNames, environment, ''));
  const { second } = addresses;
  const isTwo = clusters === 2;
  if (second !== undefined && (isTwo || policy?.clusters === 2)) {
    await step('second cluster, with a watcher and a worker', async () => {
      const others = { ...stories, check, seed: stories.seed + 1, besides: stories.seed };
      const own = isTwo ? await writePolicy(addresses, others, folder, 'policy-2.yaml') : policy;
      const ours = { ...settings, OOMKEEPER_CLUSTER: 'staging', OOMKEEPER_POLICY: own?.path ?? '' };
      const variables = environmentFor({ ...addresses, ...second }, redis.url, ours, timing);
      await startThem(['watcher', 'worker'], variables, '-2');
    });
  }
  return addresses;
}

async function checkScenarios(addresses: Addresses, { seed, json }: Demo, directory: string): Promise<number> {
  const started = performance.now();
  const { scenarios } = scenarioReport.parse(accepted(await post(addresses, '/scenarios/check', { directory, seed })));
  const ok = scenarios.length > 0 && scenarios.every((row) => row.ok);
  print({ seed, scenarios, ok }, scenarios, json);
  say(`checked ${scenarios.length} scenarios in ${elapsed(started)}`);
  return ok ? 0 : 1;
}

async function checkRecording(addresses: Addresses, { json }: Demo, directory: string): Promise<number> {
  const started = performance.now();
  const report = recordingReport.parse(accepted(await post(addresses, '/recording/check', { directory })));
  const { incidents, ok, ...rest } = report;
  print({ recording: basename(directory), incidents, ...rest, ok }, incidents, json);
  say(`checked ${incidents.length} incidents in ${elapsed(started)}`);
  return ok ? 0 : 1;
}

function print(report: object, rows: readonly { readonly ok: boolean }[], json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else for (const row of rows) process.stdout.write(`${row.ok ? 'ok    ' : 'FAILED'} ${JSON.stringify(row)}\n`);
}

/** Who may approve what in these stories, as a policy file; its path, and how many clusters the stories run in. */
async function writePolicy(
  addresses: Addresses,
  stories: Stories & { readonly check: boolean },
  folder: string,
  name = 'policy.yaml',
): Promise<{ readonly path: string; readonly clusters: number }> {
  const answer = accepted(await post(addresses, '/scenarios/policy', stories));
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
