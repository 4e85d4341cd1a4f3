import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { startCollector } from '../../../sandbox/otlp/start-collector.ts';
import type { Collector } from '../../../sandbox/otlp/start-collector.ts';
import { startTracing } from '../../../src/adapters/telemetry/tracing/start-tracing.ts';
import { noTracing } from '../../../src/adapters/telemetry/tracing/tracing.ts';
import type { Tracing } from '../../../src/adapters/telemetry/tracing/tracing.ts';
import { Failure } from '../../../src/core/failure.ts';
import type { Trigger } from '../../../src/core/kill/trigger.ts';
import { untraced } from '../../../src/core/trace.ts';
import { aKill } from '../../fixtures/incidents.ts';
import { eventually } from '../../eventually.ts';

/* What the official exporter puts on the wire, read by a receiver of our own. */

const fingerprint = '0af7651916cd43dd8448eb211c80319c';
const kill = aKill({ fingerprint });

afterEach(() => vi.unstubAllEnvs());

interface Traced extends Tracing {
  readonly collector: Collector;
  readonly logged: readonly string[];
}

async function traced(variables: (url: string) => Readonly<Record<string, string>> = endpoint): Promise<Traced> {
  const collector = await startCollector();
  onTestFinished(collector.close);
  for (const [name, value] of Object.entries(variables(collector.url))) vi.stubEnv(name, value);
  const logged: string[] = [];
  const log = {
    info: (_: object, message: string) => void logged.push(message),
    warn: (_: object, message: string) => void logged.push(message),
  };
  return { ...(await startTracing(true, { serviceName: 'oomkeeper-worker', log })), collector, logged };
}

/** A process waits for 2 s at its end; to a collector that is later than that its spans are on their way yet. */
async function arrived(collector: Collector, spans: number): Promise<void> {
  await eventually(() => expect(collector.spans()).toHaveLength(spans));
}

function endpoint(url: string): Readonly<Record<string, string>> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url };
}

test('a kill without a context begins the trace that has its fingerprint as id, whoever works on it', async () => {
  const [one, other] = [await traced(), await traced()];

  await one.trace({ name: 'explain', of: kill }, async () => undefined);
  await other.trace({ name: 'show new', of: kill }, async () => undefined);
  await Promise.all([one.stop(), other.stop()]);
  await Promise.all([arrived(one.collector, 1), arrived(other.collector, 1)]);

  const spans = [...one.collector.spans(), ...other.collector.spans()];
  expect(spans).toMatchObject([
    { name: 'explain', traceId: fingerprint, parentSpanId: '' },
    { name: 'show new', traceId: fingerprint, parentSpanId: '' },
  ]);
});

test('a kill carries the context of what was done for it, and its work goes on there', async () => {
  const { trace, stop, collector } = await traced();

  let carried: Trigger = kill;
  await trace({ name: 'watch', of: kill, startedAt: 1_700_000_000_000 }, async () =>
    trace({ name: 'send kills', kind: 'producer' }, async (span) => {
      carried = span.carriedBy(kill);
    }),
  );
  await trace(
    { name: 'process kills', kind: 'consumer', of: { ...carried, fingerprint: 'another' } },
    async () => undefined,
  );
  await stop();
  await arrived(collector, 3);

  const [send, watch, taken] = ['send kills', 'watch', 'process kills'].map((name) =>
    collector.spans().find((span) => span.name === name),
  );
  expect([send?.parentSpanId, taken?.parentSpanId]).toEqual([watch?.spanId, send?.spanId]);
  expect([send, watch, taken].map((span) => span?.traceId)).toEqual([fingerprint, fingerprint, fingerprint]);
  expect([send?.kind, taken?.kind]).toEqual(['producer', 'consumer']);
  expect(watch?.startedAt).toBe(1_700_000_000_000);
  expect(carried.traceparent).toBe(`00-${fingerprint}-${send?.spanId}-01`);
});

test('what is bound belongs to its work, though somebody else does it later', async () => {
  const { trace, bind, stop, collector } = await traced();
  const calls: (() => Promise<void>)[] = [];
  const post = async (): Promise<void> => trace({ name: 'chat.postMessage', kind: 'client' }, async () => undefined);

  await trace({ name: 'show new', of: kill }, async () => void calls.push(bind(post), post));
  const other = aKill({ fingerprint: 'b'.repeat(32) });
  await trace({ name: 'show edit', of: other }, async () => {
    for (const call of calls) await call();
  });
  await stop();
  await arrived(collector, 4);

  const spans = collector.spans();
  expect(spans.filter(({ name }) => name === 'chat.postMessage').map(({ traceId }) => traceId)).toEqual([
    fingerprint,
    'b'.repeat(32),
  ]);
});

test('work that belongs to no kill is done and not told of', async () => {
  const { trace, stop, collector } = await traced();

  expect(await trace({ name: 'read usage' }, async (span) => span.carriedBy(kill))).toBe(kill);
  await stop();

  expect(collector.requests()).toEqual([]);
});

test('an error is passed on, and told by its code alone', async () => {
  const { trace, stop, collector } = await traced();
  const failure = new Failure('cluster-forbidden', 'the token canary is wrong', { retry: 'never' });

  await expect(trace({ name: 'explain', of: kill }, () => Promise.reject(failure))).rejects.toBe(failure);
  await expect(trace({ name: 'write', of: kill }, () => Promise.reject(new Error('canary')))).rejects.toThrow('canary');
  await stop();
  await arrived(collector, 2);

  expect(collector.spans().map(({ isError, attributes }) => [isError, attributes['error.type']])).toEqual([
    [true, 'cluster-forbidden'],
    [true, 'unknown'],
  ]);
  expect(JSON.stringify(collector.spans())).not.toContain('canary');
});

test.each<[string, (url: string) => Readonly<Record<string, string>>, string]>([
  ['for all signals', endpoint, '/v1/traces'],
  ['for traces alone', (url) => ({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces` }), '/v1/traces'],
  ['with a path', (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/otlp/` }), '/otlp/v1/traces'],
])('the address %s is asked where the specification says, with its headers', async (_, variables, path) => {
  const { trace, stop, collector } = await traced((url) => ({
    ...variables(url),
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b',
  }));

  await trace({ name: 'explain', of: kill }, async () => undefined);
  await stop();

  await eventually(() => expect(collector.requests()).not.toEqual([]));
  const [request] = collector.requests();
  expect(request).toMatchObject({
    path,
    headers: { 'api-key': 'a b', 'content-type': 'application/x-protobuf' },
  });
});

test('a process is named by the standard variables, else by what it is', async () => {
  const plain = await traced();
  await plain.trace({ name: 'explain', of: kill }, async () => undefined);
  await plain.stop();
  const named = await traced((url) => ({
    ...endpoint(url),
    OTEL_SERVICE_NAME: 'memory',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  }));
  await named.trace({ name: 'explain', of: kill }, async () => undefined);
  await named.stop();
  await Promise.all([arrived(plain.collector, 1), arrived(named.collector, 1)]);

  expect(plain.collector.spans()[0]?.resource).toEqual({
    'service.name': 'oomkeeper-worker',
    'service.namespace': 'oomkeeper',
  });
  expect(named.collector.spans()[0]?.resource).toMatchObject({
    'service.name': 'memory',
    'deployment.environment.name': 'test',
  });
});

test('a receiver that refuses is logged once, and once more when it takes traces again', async () => {
  const { trace, stop, collector, logged } = await traced((url) => ({
    ...endpoint(url),
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
  }));
  const work = async (): Promise<void> => trace({ name: 'explain', of: kill }, async () => undefined);
  const refused = async (times: number) =>
    eventually(() => expect(collector.requests().length).toBeGreaterThanOrEqual(times));

  collector.become('unavailable');
  await work();
  await refused(1);
  await eventually(() => expect(logged).toEqual(['traces cannot be sent']));
  await work();
  await refused(2);
  collector.become('well');
  await eventually(async () => {
    await work();
    expect(logged).toEqual(['traces cannot be sent', 'traces are taken again']);
  });
  await stop();
});

test('while nobody answers work goes on, and no more than 2048 spans are kept', async () => {
  const { trace, stop, collector, logged } = await traced((url) => ({
    ...endpoint(url),
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
  }));
  collector.become('silent');

  for (let at = 0; at < 5_000; at++) await trace({ name: 'explain', of: kill }, async () => undefined);
  await eventually(() => expect(logged).toEqual(['traces cannot be sent']));
  collector.become('well');
  await eventually(() => expect(logged).toContain('traces are taken again'));
  await stop();

  expect(collector.spans().length).toBeGreaterThan(0);
  expect(collector.spans().length).toBeLessThanOrEqual(2_048);
});

test('a process that ends does not wait until nobody has answered', async () => {
  const { trace, stop, collector, logged } = await traced();
  collector.become('silent');

  await trace({ name: 'explain', of: kill }, async () => undefined);
  await stop();

  await eventually(() => expect(collector.requests().length).toBe(1));
  // That it gives up, after 10 s, would be logged.
  expect(logged).toEqual([]);
});

test('where traces are off nothing is told, nothing is carried, and calls stay what they are', async () => {
  const off = await startTracing(false, { serviceName: 'oomkeeper-worker', log: { info: () => {}, warn: () => {} } });
  const call = (): number => 1;

  expect(off).toBe(noTracing);
  expect(off.bind(call)).toBe(call);
  expect(await untraced({ name: 'watch', of: kill }, async (span) => span.carriedBy(kill))).toBe(kill);
  await off.stop();
});
