import { afterEach, describe, expect, test } from 'vitest';
import { alertHook } from '../../../src/app/hooks/alert-hook.ts';
import { createRefusals } from '../../../src/app/hooks/refusals.ts';
import { startHooksServer } from '../../../src/app/hooks/hooks-server.ts';
import type { Listening } from '../../../src/app/listen.ts';
import { readAlerts } from '../../../src/adapters/alertmanager/webhook.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { createLog } from '../../../src/adapters/telemetry/log.ts';
import { Failure } from '../../../src/core/failure.ts';
import { noAnswer, questionSchema, readAnswer } from '../../../src/core/talk/question.ts';
import type { Questions } from '../../../src/adapters/redis/queues/questions.ts';
import { warningOf } from '../../../src/core/incident/triggers.ts';
import type { HeardAlert } from '../../../src/core/talk/heard-alert.ts';
import { admitKill } from '../../../src/flow/admit.ts';
import { hearAlerts } from '../../../src/flow/ahead/hear-alerts.ts';
import { renderRoot } from '../../../src/adapters/slack/blocks/root.ts';
import { openAhead } from './ahead-world.ts';
import { hour, minute, useWorlds, type WorkerWorld, type WorldChanges } from './worker-world.ts';

const worlds = useWorlds();
const secret = 'a-long-secret';
let servers: Listening[] = [];

afterEach(async () => {
  await Promise.all(servers.map(({ close }) => close()));
  servers = [];
});

/** The bot's port, a worker behind it, and an Alertmanager's hands. */
async function open(changes: WorldChanges = {}) {
  const world = await worlds.open(changes);
  const ahead = await openAhead(world, () => 0.5);
  const needs = { ...ahead.needs, containers: async () => (ahead.pod.runs ? [ahead.containerNow()] : []) };
  const state = { away: false };
  const counted: string[] = [];
  // Through JSON and the schemas of both sides, as between two processes.
  const ask: Questions['ask'] = async (question) => {
    if (state.away) return noAnswer(world.name, 'no-redis', null);
    const asked = questionSchema.parse(JSON.parse(JSON.stringify(question)));
    if (asked.ask !== 'alerts') throw new Error(`asked for ${asked.ask}`);
    const alerts = await hearAlerts(asked.alerts, needs);
    return readAnswer(world.name, question, JSON.parse(JSON.stringify({ to: 'alerts', alerts })), '1');
  };
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    base: {},
    secrets: [],
    destination: { write: (line) => void lines.push(line) },
  });
  const hook = alertHook({
    secret,
    clusters: () => Promise.resolve([{ name: world.name, ask }]),
    counted: (result) => void counted.push(result),
    log,
  });
  const refused = createRefusals({ metrics: createMetrics('bot'), log });
  const server = await startHooksServer('127.0.0.1', 0, [hook], { refused });
  servers.push(server);

  const send = (body: string, authorization = `Bearer ${secret}`): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}/alertmanager`, { method: 'POST', body, headers: { authorization } });
  const tell = async (...alerts: object[]): Promise<{ status: number; results: string[] }> => {
    const response = await send(JSON.stringify({ version: '4', receiver: 'oomkeeper', alerts }));
    const said: unknown = response.status === 200 ? await response.json() : { alerts: [] };
    const { alerts: outcomes } = said as { alerts: { result: string }[] };
    return { status: response.status, results: outcomes.map(({ result }) => result) };
  };
  return { world, ahead, needs, state, counted, lines, send, tell };
}

function alert(changes: { labels?: object; status?: string; fingerprint?: string; startsAt?: string } = {}): object {
  return {
    status: 'firing',
    annotations: { summary: 'memory of checkout is at 92%' },
    startsAt: '2026-11-25T12:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: '9f3c1ab2',
    ...changes,
    labels: { alertname: 'ContainerMemoryHigh', namespace: 'shop', pod: 'checkout-7f9c-x2x4a', ...changes.labels },
  };
}

function heard(one: object): readonly HeardAlert[] {
  return readAlerts(JSON.stringify({ version: '4', alerts: [one] }))?.alerts ?? [];
}

async function onlyIncident(world: WorkerWorld): Promise<string> {
  const [one, ...more] = await world.store.open(10);
  if (!one || more.length > 0) throw new Error(`${more.length + 1} incidents are open`);
  return one.incident.id;
}

describe('POST /alertmanager', () => {
  test('a firing alert opens an incident of its workload, once, however often it is told', async () => {
    const { world, tell, counted } = await open();

    const first = await tell(alert());
    const again = await Promise.all([tell(alert()), tell(alert())]);

    expect(first).toEqual({ status: 200, results: ['opened'] });
    expect(again.flatMap(({ results }) => results)).toEqual(['known', 'known']);
    const [loaded, ...more] = await world.store.open(10);
    expect(more).toEqual([]);
    expect(loaded?.incident.subject.workload).toEqual({ kind: 'Deployment', name: 'checkout' });
    expect(loaded && renderRoot(loaded).text).toMatch(
      /^Alert about memory checkout .*\nAlertmanager says ContainerMemoryHigh: memory of checkout is at 92%\n/,
    );
    expect(counted).toEqual(['opened', 'known', 'known']);
  });

  test('many at once about one workload are one incident', async () => {
    const { world, tell } = await open();

    const told = await Promise.all(['a', 'b', 'c', 'd'].map((fingerprint) => tell(alert({ fingerprint }))));

    expect(told.flatMap(({ results }) => results).toSorted()).toEqual(['joined', 'joined', 'joined', 'opened']);
    const all = await world.store.open(10);
    expect(all).toHaveLength(1);
    expect(all[0]?.incident.alerts.map(({ fingerprint }) => fingerprint).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('alerts of a hundred pods of one workload are not told anew each time that they are sent', async () => {
    const { world, tell } = await open();
    const many = Array.from({ length: 100 }, (_, n) => alert({ fingerprint: `pod-${n}` }));

    await tell(...many);
    const again = await tell(...many);

    expect(new Set(again.results)).toEqual(new Set(['known']));
    expect((await world.store.open(10)).map(({ incident }) => incident.alerts.length)).toEqual([50]);
  });

  test('a kill that follows has the thread of its alert, and what is resolved then closes nothing', async () => {
    const { world, ahead, tell } = await open();
    await tell(alert());
    const kill = await ahead.killed();

    const admission = await admitKill(kill, world.needs);
    if (admission.is !== 'joined') throw new Error(`the kill is ${admission.is}`);
    await world.look(admission.incident);
    const resolved = await tell(alert({ status: 'resolved' }));

    expect(resolved.results).toEqual(['resolved']);
    expect((await world.incident(admission.incident)).state).toEqual({ is: 'open' });
    expect(await world.thread(admission.incident)).toContain('Alertmanager: ContainerMemoryHigh is resolved.');
  });

  test('an alert about what was killed stands in its thread, once', async () => {
    const { world, ahead, tell } = await open();
    const admission = await admitKill(await ahead.killed(), world.needs);
    if (admission.is !== 'opened') throw new Error(`the kill is ${admission.is}`);

    const told = [await tell(alert()), await tell(alert())];

    expect(told.flatMap(({ results }) => results)).toEqual(['joined', 'known']);
    expect((await world.thread(admission.incident)).filter((line) => line.startsWith('Alertmanager: '))).toEqual([
      'Alertmanager: ContainerMemoryHigh fires: memory of checkout is at 92%.',
    ]);
  });

  test('an incident that only alerts opened says when the last of them is resolved, and closes when none comes back', async () => {
    const { world, tell } = await open();
    await tell(alert(), alert({ fingerprint: 'other' }));
    const id = await onlyIncident(world);
    await world.look(id);

    await tell(alert({ status: 'resolved' }));
    const between = renderRoot(await world.load(id)).text;
    await tell(alert({ status: 'resolved', fingerprint: 'other' }));
    const resolved = await world.load(id);
    world.pass(4 * hour - minute);
    await world.look(id);
    const waits = await world.incident(id);
    world.pass(minute);
    await world.look(id);

    expect(between).toMatch(/^Alert about memory /);
    expect(resolved.incident.state).toEqual({ is: 'open' });
    expect(renderRoot(resolved).text).toMatch(/^Alert resolved, not killed .*\nNo alert about it fires since /);
    expect(waits.state).toEqual({ is: 'open' });
    expect((await world.incident(id)).state).toMatchObject({ is: 'closed', outcome: 'calmed' });
    expect((await world.thread(id)).at(-1)).toBe('Closed without a kill: the alert is resolved.');
    expect((await tell(alert())).results).toEqual(['known']);
    expect((await tell(alert({ startsAt: '2026-11-25T18:00:00Z' }))).results).toEqual(['opened']);
  });

  test('an alert that flaps has one thread', async () => {
    const { world, tell } = await open();
    const results: string[] = [];
    for (const time of ['12:00', '12:20', '12:40', '15:40']) {
      const startsAt = `2026-11-25T${time}:00Z`;
      results.push(...(await tell(alert({ startsAt }))).results);
      world.pass(10 * minute);
      results.push(...(await tell(alert({ startsAt, status: 'resolved' }))).results);
      world.pass(3 * hour);
      await world.look(await onlyIncident(world));
    }

    expect(results.filter((result) => result !== 'resolved')).toEqual(['opened', 'joined', 'joined', 'joined']);
    const fired = (await world.thread(await onlyIncident(world))).filter((line) => line.includes(' fires: '));
    expect(fired).toHaveLength(3);
  });

  test('an alert that is resolved keeps no forecast of our own back', async () => {
    const { world, ahead, tell } = await open();
    await tell(alert());
    const id = await onlyIncident(world);
    await tell(alert({ status: 'resolved' }));
    ahead.pod.share = (minutes) => 0.4 + minutes * 0.006;

    await ahead.watch(60);

    expect(ahead.results).toContain('opened');
    expect((await world.incident(id)).state).toMatchObject({ is: 'closed', outcome: 'calmed' });
    expect((await world.incident(await onlyIncident(world))).trigger).toMatchObject({
      warning: { of: { is: 'on-course' } },
    });
  });

  test('what was foretold is not called over while an alert about it fires', async () => {
    const { world, ahead, tell } = await open();
    ahead.pod.share = (minutes) => 0.4 + Math.min(minutes, 60) * 0.006;
    await ahead.watch(60);
    const id = await onlyIncident(world);
    await tell(alert());

    await ahead.watch(60);
    const fires = await world.incident(id);
    await tell(alert({ status: 'resolved' }));
    await ahead.watch(1);

    expect(fires.state).toEqual({ is: 'open' });
    expect((await world.incident(id)).state).toMatchObject({ is: 'closed', outcome: 'calmed' });
  });

  test('an end that was never told holds nothing open once the alert has ended again', async () => {
    const { world, tell } = await open();
    await tell(alert());
    const [loaded] = await world.store.open(10);
    const id = loaded?.incident.id ?? '';
    const again = await tell(alert({ startsAt: '2026-11-25T14:00:00Z' }));

    const ended = await tell(alert({ startsAt: '2026-11-25T14:00:00Z', status: 'resolved' }));

    expect([again.results, ended.results]).toEqual([['joined'], ['resolved']]);
    expect((await world.incident(id)).alerts.map(({ resolvedAt }) => resolvedAt)).not.toContain(null);
  });

  test('an end that comes late ends no firing that began since', async () => {
    const { world, tell } = await open();
    await tell(alert());
    await tell(alert({ startsAt: '2026-11-25T14:00:00Z' }));

    await tell(alert({ status: 'resolved' }));

    const [loaded] = await world.store.open(10);
    expect(loaded?.incident.alerts.map(({ resolvedAt }) => resolvedAt === null)).toEqual([false, true]);
  });

  test('an alert ends though more incidents were opened since than are looked through', async () => {
    const { world, needs, tell } = await open();
    await tell(alert());
    const [loaded] = await world.store.open(10);
    const id = loaded?.incident.id ?? '';
    const other = await world.load(await world.killed({ workload: 'other' }));
    const crowded = { ...needs.store, open: async (limit: number) => Array.from({ length: limit }, () => other) };

    const told = await hearAlerts(heard(alert({ status: 'resolved' })), { ...needs, store: crowded });

    expect(told.map(({ result, incident }) => [result, incident])).toEqual([['resolved', id]]);
    expect((await world.incident(id)).alerts.map(({ resolvedAt }) => resolvedAt)).not.toContain(null);
  });

  test('an alert about nothing that is there is answered, so that it is not sent again, with the reason', async () => {
    const { world, ahead, tell } = await open();

    const told = await tell(
      alert({ labels: { cluster: 'elsewhere' } }),
      alert({ labels: { namespace: '' } }),
      alert({ labels: { pod: 'nobody' } }),
      alert({ status: 'resolved' }),
    );
    ahead.pod.runs = false;
    const gone = await tell(alert());

    expect(told).toEqual({ status: 200, results: ['unknown-cluster', 'no-labels', 'not-found', 'known'] });
    expect(gone.results).toEqual(['not-found']);
    expect(await world.store.open(10)).toEqual([]);
  });

  test('an alert about a killed pod that is gone stands in the thread of its kill', async () => {
    const { world, ahead, tell } = await open();
    const admission = await admitKill(await ahead.killed(), world.needs);
    if (admission.is !== 'opened') throw new Error(`the kill is ${admission.is}`);
    ahead.pod.runs = false;

    const told = await tell(
      alert(),
      alert({ labels: { pod: '', deployment: 'checkout' }, fingerprint: 'by workload' }),
      alert({ labels: { container: 'another' }, fingerprint: 'other container' }),
      alert({ labels: { namespace: 'elsewhere' }, fingerprint: 'other namespace' }),
    );

    expect(told.results).toEqual(['joined', 'joined', 'not-found', 'not-found']);
    expect((await world.incident(admission.incident)).alerts).toHaveLength(2);
  });

  test('an alert that names no container of two is about the one that was killed', async () => {
    const { world, ahead, needs } = await open();
    const admission = await admitKill(await ahead.killed(), world.needs);
    if (admission.is !== 'opened') throw new Error(`the kill is ${admission.is}`);
    const two = [ahead.containerNow(), { ...ahead.containerNow(), container: 'sidecar' }];

    const told = await hearAlerts(heard(alert()), { ...needs, containers: async () => two });

    expect(told).toMatchObject([{ result: 'joined', incident: admission.incident }]);
  });

  test('an alert that is refused keeps no other from being heard', async () => {
    const { world, needs } = await open();
    const containers = async (namespace: string) => {
      if (namespace === 'closed') throw new Failure('forbidden', 'The pods of closed may not be listed.');
      return needs.containers();
    };
    const alerts = [...heard(alert({ labels: { namespace: 'closed' }, fingerprint: 'no' })), ...heard(alert())];

    await expect(hearAlerts(alerts, { ...needs, containers })).rejects.toThrow('may not be listed');

    expect((await world.store.open(10)).map((one) => warningOf(one)?.warning.of.is)).toEqual(['alert']);
  });

  test('its own cluster may be named', async () => {
    const { world, tell } = await open({ mode: 'observe' });

    expect((await tell(alert({ labels: { cluster: world.name } }))).results).toEqual(['opened']);
    expect((await world.store.open(10))[0]?.incident.mode).toBe('observe');
  });

  test('while the worker or Redis is away it is to be sent again, and then it is heard', async () => {
    const { state, tell, counted } = await open();

    state.away = true;
    const refused = await tell(alert());
    state.away = false;

    expect(refused.status).toBe(503);
    expect((await tell(alert())).results).toEqual(['opened']);
    expect(counted).toEqual(['no-answer', 'opened']);
  });

  test.each([
    ['without the secret', '{"version":"4","alerts":[]}', 'Bearer wrong-secret', 401, 'is not the secret'],
    ['with something else', 'hello', `Bearer ${secret}`, 400, 'is no body of'],
    ['with too much', 'x'.repeat(3 * 2 ** 20), `Bearer ${secret}`, 413, 'Set max_alerts'],
  ])(
    'a request %s is refused, with the reason, and no secret in the log',
    async (_, body, authorization, status, why) => {
      const { world, lines, send } = await open();

      const response = await send(body, authorization);

      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({ error: expect.stringContaining(why) as string });
      expect(lines.join('')).toContain(why);
      expect(lines.join('')).not.toMatch(/wrong-secret|a-long-secret/);
      expect(await world.store.open(10)).toEqual([]);
    },
  );

  test('a request with nothing to tell is answered', async () => {
    const { send } = await open();

    expect((await send('{"version":"4","alerts":[]}')).status).toBe(200);
  });

  test('what Alertmanager keeps back is in the log, since nobody ever tells of it', async () => {
    const { lines, send } = await open();

    await send(JSON.stringify({ version: '4', alerts: [alert()], truncatedAlerts: 80 }));

    expect(lines.join('')).toMatch(/"truncated":80,.*max_alerts/);
  });
});
