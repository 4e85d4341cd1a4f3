import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startCollector } from '../../sandbox/otlp/start-collector.ts';
import type { Collector } from '../../sandbox/otlp/start-collector.ts';
import type { ReceivedSpan } from '../../sandbox/otlp/read-spans.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';
import { startSystem } from '../system.ts';
import type { System, SystemOptions } from '../system.ts';
import { click, personNamed } from './people.ts';
import { threadAbout } from './threads.ts';
import { addVictim } from './victims.ts';

/* What a receiver of traces is sent by the three processes as they run. */

skipUnlessLongIsWanted();

async function start(settings: Readonly<Record<string, string>>, only?: SystemOptions['only']): Promise<System> {
  const system = await startSystem({ settings, ...(only === undefined ? {} : { only }) });
  onTestFinished(system.stop);
  return system;
}

async function startReceiver(): Promise<Collector> {
  const collector = await startCollector();
  onTestFinished(collector.close);
  return collector;
}

/** Names of a span and all above it, the root of its trace first; `?` where one is missing. */
function pathTo(span: ReceivedSpan, all: readonly ReceivedSpan[]): readonly string[] {
  const name = `${String(span.resource['service.name'])}: ${span.name}`;
  if (span.parentSpanId === '') return [name];
  const above = all.find(({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId);
  return [...(above === undefined ? ['?'] : pathTo(above, all)), name];
}

const about = (collector: Collector, workload: string): readonly ReceivedSpan[] => {
  const traces = new Set(
    collector.spans().flatMap((span) => (span.attributes['k8s.deployment.name'] === workload ? [span.traceId] : [])),
  );
  return collector.spans().filter(({ traceId }) => traces.has(traceId));
};

test('one kill is one trace, from the line that the watcher read to the message in Slack', async () => {
  const collector = await startReceiver();
  const { world, said } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=key-of-the-receiver',
  });
  addVictim(world, { name: 'checkout', kills: 1 });
  await eventually(() => expect(threadAbout(world, 'checkout').verdict).not.toBe(''));
  // The first message of a bot that is late is explained already, and would not be edited for that.
  await click(world, threadAbout(world, 'checkout'), { user: personNamed(world, 'amira'), actionId: 'acknowledge' });
  const spans = await eventually(() => {
    const all = about(collector, 'checkout');
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['watch', 'chat.postMessage', 'chat.update', 'diagnose']),
    );
    expect(all.map((span) => pathTo(span, all)).filter(([root]) => root !== 'oomkeeper-watcher: watch')).toEqual([]);
    return all;
  });
  const paths = spans.map((span) => pathTo(span, spans).join(' > '));

  const admitted = 'oomkeeper-watcher: watch > oomkeeper-watcher: send kills > oomkeeper-worker: process kills';
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(paths).toEqual(
    expect.arrayContaining([
      `${admitted} > oomkeeper-bot: show new > oomkeeper-bot: chat.postMessage`,
      `${admitted} > oomkeeper-bot: show edit > oomkeeper-bot: chat.update`,
      `${admitted} > oomkeeper-worker: explain > oomkeeper-worker: diagnose`,
      ...['spec', 'log', 'rollout', 'usage', 'node', 'siblings', 'scaling', 'namespace', 'impact', 'plan inputs'].map(
        (what) => `${admitted} > oomkeeper-worker: explain > oomkeeper-worker: read ${what}`,
      ),
    ]),
  );
  const [watch] = spans.filter(({ name }) => name === 'watch');
  const [post] = spans.filter(({ name }) => name === 'chat.postMessage');
  expect(watch?.startedAt).toBeLessThan(post?.startedAt ?? 0);
  expect(watch?.attributes).toMatchObject({
    'k8s.cluster.name': 'test',
    'k8s.namespace.name': 'shop',
    'k8s.deployment.name': 'checkout',
    'k8s.container.name': 'app',
    'k8s.pod.name': expect.stringMatching(/^checkout-/),
  });
  expect(spans.filter(({ kind }) => kind === 'consumer').map(({ attributes }) => attributes)).toMatchObject([
    { 'messaging.system': 'bullmq', 'messaging.destination.name': 'kills', 'oomkeeper.admission': 'opened' },
  ]);
  expect(collector.requests()[0]?.headers).toMatchObject({ 'api-key': 'key-of-the-receiver' });
  expect(await said()).not.toContain('key-of-the-receiver');
});

test('a job that a watcher without traces has queued is shown and explained, in one trace all the same', async () => {
  const collector = await startReceiver();
  const { world } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async (name) =>
    name === 'watcher' ? { OTEL_SDK_DISABLED: 'true' } : {},
  );

  addVictim(world, { name: 'checkout', kills: 1 });
  await eventually(() => expect(threadAbout(world, 'checkout').verdict).not.toBe(''));
  await eventually(() =>
    expect(about(collector, 'checkout').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['process kills', 'explain', 'chat.postMessage']),
    ),
  );

  const spans = about(collector, 'checkout');
  expect(spans.filter(({ parentSpanId }) => parentSpanId === '').map(({ name }) => name)).toEqual(['process kills']);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
});

test('a receiver that never answers delays no thread, and each process says so once', async () => {
  const collector = await startReceiver();
  collector.become('unavailable');
  const { world, said, process } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
  });

  addVictim(world, { name: 'checkout', kills: 1 });
  await eventually(() => expect(threadAbout(world, 'checkout').verdict).not.toBe(''));
  await eventually(async () => expect(await said()).toMatch(/"process":"bot".*traces cannot be sent/));
  collector.become('silent');
  addVictim(world, { name: 'ledger', kills: 1 });
  await eventually(() => expect(threadAbout(world, 'ledger').verdict).not.toBe(''));
  await process('bot').stop();

  expect(await process('bot').exited).toBe(0);
  const lines = (await said()).split('\n').filter((line) => line.includes('traces cannot be sent'));
  const processes = lines.map((line) => /"process":"([a-z]+)"/.exec(line)?.[1]);
  expect(processes).toContain('bot');
  expect(new Set(processes).size).toBe(processes.length);
});

/** Starts the system with every module that is loaded written down; answers with the packages of OpenTelemetry among them. */
async function loadedPackages(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-loaded-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'loaded');
  const recorder = `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => { if (url.includes('@opentelemetry')) appendFileSync(${JSON.stringify(file)}, url + '\\n'); return next(url, context); } });`;
  const system = await startSystem({
    settings: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(recorder)}` },
  });
  await system.stop();
  const urls = (await readFile(file, 'utf8')).split('\n');
  const packages = urls.flatMap((url) => /@opentelemetry\/[a-z-]+/.exec(url)?.[0] ?? []);
  return [...new Set(packages)].toSorted();
}

test('without the variables no package of OpenTelemetry is loaded but the API that prom-client needs', async () => {
  // The API alone makes no spans.
  expect(await loadedPackages()).toEqual(['@opentelemetry/api']);
});
