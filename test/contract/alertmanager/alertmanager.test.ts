import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startAlertmanager } from '../../../sandbox/alertmanager/start-alertmanager.ts';
import { createAlertmanager } from '../../../src/adapters/alertmanager/alertmanager.ts';
import { lookAtAlertmanager } from '../../../src/adapters/alertmanager/look-at.ts';
import { Failure } from '../../../src/core/failure.ts';
import { alarmOf } from '../../../src/core/notify/alarm.ts';
import type { Told } from '../../../src/core/notify/told.ts';
import type { Receiver } from '../../../src/flow/notify/needs.ts';
import { eventually } from '../../eventually.ts';
import { aKill, aLoaded, anExplanation } from '../../fixtures/incidents.ts';
import { alertmanagerProgram, startRealAlertmanager } from './real-alertmanager.ts';
import type { RealAlertmanager } from './real-alertmanager.ts';

/* What we send to Alertmanager, and what it makes of it: the same of the real one and of the pretended one. */

const listSchema = z.array(
  z.looseObject({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    startsAt: z.string(),
    endsAt: z.string(),
    status: z.looseObject({ state: z.string() }),
  }),
);

interface Server {
  readonly url: string;
  readonly receiver: Receiver;
  readonly listed: () => Promise<z.infer<typeof listSchema>>;
}

const link = 'https://acme.slack.com/archives/C024BE91L/p1790000000000100';

describe.each(['pretended', 'real'] as const)('%s', (which) => {
  test('an alert is there, told again it is the same one, and resolved it is gone', async ({ skip }) => {
    const { receiver, listed } = await start(which, skip);
    const since = Date.now() - 1_000;
    const loaded = aLoaded({ explained: anExplanation() });

    await receiver.send(alarmOf(loaded, told({ since, sentAt: Date.now() }), link));
    const [first, ...more] = await eventually(async () => {
      const alerts = await listed();
      expect(alerts).toHaveLength(1);
      return alerts;
    });
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      labels: { alertname: 'OomkeeperIncident', severity: 'warning', cluster: 'prod', incident: 'INC-7F3K' },
      annotations: { thread: link, description: 'Limit too low: steady at 505Mi under a limit of 512Mi' },
    });
    expect(first?.status.state).not.toBe('suppressed');
    expect(Date.parse(first?.startsAt ?? '')).toBe(since);

    await receiver.send(alarmOf(loaded, told({ since, sentAt: Date.now() + 60_000 }), link));
    await eventually(async () => {
      const alerts = await listed();
      expect(alerts).toHaveLength(1);
      expect(Date.parse(alerts[0]?.startsAt ?? '')).toBe(since);
      expect(Date.parse(alerts[0]?.endsAt ?? '')).toBeGreaterThan(Date.parse(first?.endsAt ?? ''));
    });

    await receiver.send(alarmOf(loaded, told({ since, sentAt: Date.now(), state: 'resolved' }), link));
    await eventually(async () => expect(await listed()).toEqual([]));
  });

  test('a severity that rises takes the place of the one before', async ({ skip }) => {
    const { receiver, listed } = await start(which, skip);
    const loaded = aLoaded({ explained: anExplanation() });
    const since = Date.now() - 1_000;

    await receiver.send(alarmOf(loaded, told({ since, sentAt: Date.now() }), null));
    await receiver.send(
      alarmOf(loaded, told({ since, sentAt: Date.now(), severity: 'critical', before: 'high' }), null),
    );

    await eventually(async () =>
      expect((await listed()).map(({ labels }) => labels['severity'])).toEqual(['critical']),
    );
  });

  test('hostile names and texts that are too long are taken, cut', async ({ skip }) => {
    const { receiver, listed } = await start(which, skip);
    const name = `${'x'.repeat(240)}"{}\n\u{1F4A5}`;
    const kill = aKill({ subject: { ...aKill().subject, workload: { kind: 'Deployment', name } } });
    const explained = anExplanation();
    const [verdict] = explained.diagnosis.hypotheses;
    if (verdict !== undefined) explained.diagnosis.hypotheses[0] = { ...verdict, sentence: 'y'.repeat(5_000) };
    const loaded = aLoaded({ subject: kill.subject, trigger: kill, explained });

    await receiver.send(alarmOf(loaded, told({ since: Date.now(), sentAt: Date.now() }), null));

    await eventually(async () => expect((await listed())[0]?.labels['workload']).toBe(name));
  });

  test('what breaks its rules is refused for this alarm alone', async ({ skip }) => {
    const { receiver } = await start(which, skip);
    const alarm = alarmOf(aLoaded(), told({ since: Date.now(), sentAt: Date.now() }), 'no address');

    await expect(receiver.send(alarm)).rejects.toMatchObject({ code: 'event-refused', retry: 'never' });
  });

  test('doctor sees what it is', async ({ skip }) => {
    const { url } = await start(which, skip);
    expect(await lookAtAlertmanager(url, null, 5_000)).toMatchObject({
      base: url,
      version: expect.stringMatching(/^\d+\.\d+/),
    });
    await expect(lookAtAlertmanager(`${url}/nothing`, null, 5_000)).rejects.toThrow(Failure);
  });
});

type Skip = (note: string) => never;

async function start(which: 'pretended' | 'real', skip: Skip): Promise<Server> {
  const own = await (which === 'real' ? startReal(skip) : startPretended());
  onTestFinished(own.stop);
  return {
    url: own.url,
    receiver: createAlertmanager({ url: own.url, token: null, place: 0, timeoutMs: 5_000 }),
    listed: async () => listSchema.parse(await (await fetch(`${own.url}/api/v2/alerts`)).json()),
  };
}

async function startPretended(): Promise<RealAlertmanager> {
  const { url, close } = await startAlertmanager({ clock: { now: Date.now } });
  return { url, stop: close };
}

async function startReal(skip: Skip): Promise<RealAlertmanager> {
  const program = alertmanagerProgram();
  if (program !== null) return startRealAlertmanager(program);
  return skip(
    "there is no Alertmanager on PATH or in .cache; OOMKEEPER_TEST_ALERTMANAGER=fetch npm test -- alertmanager fetches Debian's",
  );
}

function told(changes: Partial<Told>): Told {
  return {
    state: 'firing',
    severity: 'high',
    before: null,
    since: 0,
    sentAt: 0,
    sure: false,
    failures: 0,
    failingSince: null,
    retryAt: null,
    gaveUp: false,
    ...changes,
  };
}
