import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { createPrometheusFinder, type FindPrometheusNeeds } from '../../../src/flow/find-prometheus.ts';

type Answers = Readonly<Record<string, 'usable' | 'unreachable' | 'not-prometheus' | 'no-usage'>>;

function finderOf(answers: Answers, changes: Partial<FindPrometheusNeeds> = {}) {
  const probed: string[] = [];
  const logged: string[] = [];
  let now = 0;
  const finder = createPrometheusFinder({
    wish: { is: 'search' },
    candidates: async (place) =>
      place === 'other'
        ? []
        : [
            { service: 'monitoring/one', urls: ['http://one.monitoring.svc:9090', 'http://10.0.0.1:9090'] },
            { service: 'monitoring/two', urls: ['http://two.monitoring.svc:9090'] },
          ],
    probe: async (url) => {
      probed.push(url);
      const reason = answers[url] ?? 'unreachable';
      return reason === 'usable' ? { is: 'usable' } : { is: 'unusable', reason, text: `said ${reason}` };
    },
    log: (_, message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    now: () => now,
    ...changes,
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { ...finder, probed, logged, pass };
}

test('the first that answers with usage is taken, by the address that answered', async () => {
  const { source, look, logged } = finderOf({ 'http://10.0.0.1:9090': 'usable' });

  await look();

  expect(source()).toEqual({
    is: 'prometheus',
    url: 'http://10.0.0.1:9090',
    words: 'Prometheus at http://10.0.0.1:9090, found as Service monitoring/one',
  });
  expect(logged.join('\n')).toContain('prometheus found');
});

test('one that lies is passed over with its reason', async () => {
  const { source, look, logged } = finderOf({
    'http://one.monitoring.svc:9090': 'not-prometheus',
    'http://10.0.0.1:9090': 'no-usage',
    'http://two.monitoring.svc:9090': 'usable',
  });

  await look();

  expect(source()).toMatchObject({ is: 'prometheus', url: 'http://two.monitoring.svc:9090' });
  expect(logged.filter((line) => line.includes('passed over'))).toEqual([
    expect.stringContaining('"reason":"not-prometheus"'),
    expect.stringContaining('"reason":"no-usage"'),
  ]);
});

test('while none answers it is searched again, soon at first and then every 10 min', async () => {
  const { look, probed, pass } = finderOf({});
  const searches: number[] = [];
  for (let second = 0; second < 3_600; second += 1) {
    const before = probed.length;
    await look();
    if (probed.length > before) searches.push(second);
    pass(1_000);
  }

  expect(searches).toEqual([0, 10, 30, 70, 150, 310, 630, 1230, 1830, 2430, 3030]);
});

test('one that answers later is found by the next search', async () => {
  const answers: Record<string, 'usable'> = {};
  const { source, look, pass } = finderOf(answers);

  await look();
  expect(source()).toMatchObject({
    is: 'none',
    details: expect.stringContaining('monitoring/one, monitoring/two did not'),
  });

  answers['http://two.monitoring.svc:9090'] = 'usable';
  pass(10_000);
  await look();
  expect(source()).toMatchObject({ is: 'prometheus' });
});

test('one that was found is only asked whether it is still there, and is given up when it is not', async () => {
  const answers: Record<string, 'usable'> = { 'http://two.monitoring.svc:9090': 'usable' };
  const { source, look, probed, pass } = finderOf(answers);
  await look();
  probed.length = 0;

  pass(9 * 60_000);
  await look();
  expect(probed).toEqual([]);
  pass(60_000);
  await look();
  expect(probed).toEqual(['http://two.monitoring.svc:9090']);

  delete answers['http://two.monitoring.svc:9090'];
  pass(10 * 60_000);
  await look();
  expect(source().is).toBe('none');
});

test.each([
  [new Failure('cluster-forbidden', 'no'), 'may not list Services'],
  [new Failure('cluster-unreachable', 'the API server is away'), 'could not be listed: the API server is away'],
])('a cluster that does not list its Services is said', async (failure, details) => {
  const { source, look } = finderOf({}, { candidates: () => Promise.reject(failure) });

  await look();

  expect(source()).toMatchObject({
    is: 'none',
    why: 'no Prometheus was found',
    details: expect.stringContaining(details),
  });
});

test('a configured one is used as it is, and off means none; neither searches', async () => {
  const configured = finderOf({}, { wish: { is: 'url', url: 'http://u:p@prom:9090', shown: 'http://prom:9090' } });
  const off = finderOf({}, { wish: { is: 'off' } });

  await configured.look();
  await off.look();

  expect(configured.source()).toEqual({
    is: 'prometheus',
    url: 'http://u:p@prom:9090',
    words: 'Prometheus at http://prom:9090',
  });
  expect(off.source()).toMatchObject({ is: 'none', why: expect.stringContaining('switched off') });
  expect([...configured.probed, ...off.probed]).toEqual([]);
});
