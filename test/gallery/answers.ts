import { renderSentence } from '../../src/adapters/slack/blocks/answer.ts';
import { renderDebt } from '../../src/adapters/slack/blocks/answers/debt.ts';
import { renderHandoff } from '../../src/adapters/slack/blocks/answers/handoff.ts';
import { renderHelp, renderUnknownCommand } from '../../src/adapters/slack/blocks/answers/help.ts';
import { renderList } from '../../src/adapters/slack/blocks/answers/list.ts';
import { renderNamesOnly } from '../../src/adapters/slack/blocks/answers/names-only.ts';
import { renderPodHistory } from '../../src/adapters/slack/blocks/answers/pod-history.ts';
import { renderReport } from '../../src/adapters/slack/blocks/answers/report.ts';
import { renderShow } from '../../src/adapters/slack/blocks/answers/show.ts';
import type { ThreadLink } from '../../src/adapters/slack/blocks/answers/show.ts';
import { renderStatus } from '../../src/adapters/slack/blocks/answers/status.ts';
import { renderTop } from '../../src/adapters/slack/blocks/answers/top.ts';
import { renderUnknownIncident, renderUnknownName, renderWhy } from '../../src/adapters/slack/blocks/answers/why.ts';
import type { Answer } from '../../src/adapters/slack/blocks/answer.ts';
import { reportCard } from '../../src/core/report/report-card.ts';
import { subjectKey } from '../../src/core/kill/kill.ts';
import type { CommandWord } from '../../src/core/talk/command.ts';
import type { TopRow } from '../../src/core/talk/top.ts';
import { aKill, aLoaded, anExplanation, aRemediation, killedAt, Mi } from '../fixtures/incidents.ts';
import { aResult } from '../fixtures/results.ts';
import { after, amira } from './events.ts';
import { sampleOf } from './sample.ts';
import type { Section } from './sample.ts';

const now = after(10);
const link: ThreadLink = { is: 'link', url: 'https://acme.slack.com/archives/C1/p1796040131000200' };
const loaded = aLoaded({ explained: anExplanation(), remediations: [aRemediation('proposed')] }, 12);
const other = aLoaded({
  id: 'INC-2B9Q',
  subject: { ...aKill().subject, workload: { kind: 'Deployment', name: 'basket' } },
});

function row(name: string, changes: Partial<TopRow> = {}): TopRow {
  return {
    cluster: 'prod',
    namespace: 'shop',
    workload: { kind: 'Deployment', name },
    container: 'app',
    pods: 3,
    pod: `${name}-7d9f-abcde`,
    usedBytes: 480 * Mi,
    limitBytes: 512 * Mi,
    fullInMs: 8 * 60_000,
    bytesPerSecond: (4 * Mi) / 60,
    kills24h: 7,
    kills7d: 12,
    atLeast: true,
    lastKillAt: killedAt,
    ...changes,
  };
}

const top = renderTop({
  ranked: [
    { group: 'killed', row: row('checkout') },
    { group: 'growing', row: row('sessions', { usedBytes: 128 * Mi, kills24h: 0, kills7d: 0, atLeast: false }) },
    {
      group: 'near',
      row: row('basket', { fullInMs: null, bytesPerSecond: null, kills24h: 0, kills7d: 0, atLeast: false }),
    },
  ],
  urls: new Map([[subjectKey(row('checkout')), link.url]]),
  more: 4,
  from: 0,
  turn: null,
  containers: 40,
  withoutLimit: 2,
  scope: ['prod'],
  unknown: [],
  leftOut: [],
  manyClusters: false,
  sources: [{ cluster: 'prod', source: 'Prometheus at http://10.0.0.1:9090, found as Service monitoring/prometheus' }],
  notes: [],
});

const listed = {
  from: 0,
  turn: null,
  suspects: [],
  leftOut: [],
  scope: [],
  unreachable: [],
  cut: [],
  unknown: [],
  unreadable: [],
  now,
};
const list = renderList({
  ...listed,
  rows: [loaded, other].map((one) => ({ is: 'incident', listed: { ...one, namesOnly: false, url: link.url } })),
  suspects: [{ kill: aKill({ suspect: true }), why: 'no Event explains it' }],
});

const status = renderStatus({
  clusters: [
    {
      name: 'prod',
      condition: {
        workerSeenAt: now - 2_000,
        checkpointAt: now - 40_000,
        open: 3,
        jobs: { kills: 0, incidents: 1 },
        deadKills: 0,
      },
      worker: {
        said: {
          to: 'status',
          mode: 'act',
          startedAt: now - 3 * 60 * 60_000,
          paused: { by: amira, at: after(1), reason: 'release freeze' },
          usage: 'Prometheus at http://10.0.0.1:9090, found as Service monitoring/prometheus',
          namespaces: [],
          freezes: [{ namespaces: ['*'], until: after(600), reason: 'release freeze' }],
        },
      },
    },
    { name: 'staging', condition: null, worker: { silent: 'The worker of staging did not answer.' } },
  ],
  narrower: [],
  unknown: [],
  now,
});

const history = renderPodHistory({
  word: 'checkout-1',
  happened: [
    {
      at: killedAt,
      pod: 'checkout-1',
      subject: aKill().subject,
      exitCode: 137,
      is: 'kill',
      kind: 'container',
      incident: 'INC-7F3K',
    },
    {
      at: after(3),
      pod: 'checkout-1',
      subject: aKill().subject,
      exitCode: 137,
      is: 'ignored',
      reason: 'liveness-probe',
    },
  ],
  links: new Map([['INC-7F3K', link.url]]),
  now,
});

const report = renderReport({
  card: reportCard([
    aResult(),
    aResult({ plan: 'PLAN-2', incident: 'INC-2', spareBytes: 200 * Mi, outcome: 'overshot' }),
    aResult({ plan: 'PLAN-3', incident: 'INC-3', outcome: 'failed', kind: 'set-heap' }),
    aResult({ plan: 'PLAN-4', incident: 'INC-4', purpose: 'mitigation' }),
  ]),
  days: 7,
  scope: [],
  unknown: [],
  notes: [],
});

const names = { cluster: 'prod', namespace: 'shop', workload: 'checkout', incident: 'INC-7F3K' };

const storm = renderList({
  ...listed,
  turn: 'list prod',
  rows: [
    {
      is: 'storm',
      id: 'STORM-7F3K2A',
      url: link.url,
      members: [loaded, other].map((one) => ({ ...one, namesOnly: false, url: null })),
    },
    ...Array.from({ length: 14 }, () => ({
      is: 'incident' as const,
      listed: { ...other, namesOnly: false, url: link.url },
    })),
  ],
});

const handoff = renderHandoff({
  incidents: [
    aLoaded({ explained: anExplanation(), remediations: [aRemediation('requested')] }, 12),
    aLoaded({ id: 'INC-2B9Q', explained: anExplanation(), remediations: [aRemediation('verifying')] }, 3),
    other,
  ].map((one) => ({ ...one, namesOnly: false, url: link.url, storm: null })),
  paused: [{ cluster: 'staging', pause: { by: amira, at: after(1), reason: 'db move' } }],
  frozen: [
    { cluster: 'prod', freeze: { namespaces: ['pay-*'], until: after(600), reason: 'Black Friday' }, isNamed: true },
  ],
  ignored: [
    {
      subject: { ...aKill().subject, workload: { kind: 'Deployment', name: 'batch' } },
      silence: { scope: 'workload', by: amira, at: after(1), until: after(600), reason: 'load test' },
    },
  ],
  scope: ['prod'],
  unknown: [],
  notes: [],
  now,
});

const debt = renderDebt({
  rows: ['search', 'reports'].map((name) => ({
    cluster: 'prod',
    namespace: 'shop',
    workload: { kind: 'Deployment', name },
    container: 'app',
    pods: 4,
    requestBytes: 2048 * Mi,
    limitBytes: 4096 * Mi,
    peakBytes: 400 * Mi,
    requestDebtBytes: 6192 * Mi,
    limitDebtBytes: 14384 * Mi,
  })),
  more: 0,
  total: { requestDebtBytes: 12384 * Mi, limitDebtBytes: 28768 * Mi },
  measured: 40,
  notMeasured: 3,
  killed: 2,
  price: { perGiBMonth: 4.2, currency: 'EUR' },
  from: 0,
  turn: null,
  scope: ['prod'],
  unknown: [],
  leftOut: [],
  manyClusters: false,
  sources: [{ cluster: 'prod', source: 'the highest of the last 24 h, Prometheus at http://10.0.0.1:9090' }],
  notes: [],
});

/** What each command answers; a new one does not compile until it has its samples here. */
const answers: Readonly<Record<CommandWord, Readonly<Record<string, Answer>>>> = {
  help: {
    '/oom help': renderHelp(names, false),
    '/oom help all': renderHelp(names, true),
    '/oom lsit': renderUnknownCommand('lsit', 'list', names),
    '/oom xyz': renderUnknownCommand('xyz', null, names),
  },
  top: { '/oom top prod': top },
  list: {
    '/oom list': list,
    '/oom list, with a storm': storm,
    '/oom list, nothing open': renderList({ ...listed, rows: [] }),
  },
  show: { '/oom show INC-7F3K': renderShow(loaded, link) },
  why: {
    '/oom why INC-7F3K': renderWhy(loaded, null),
    '/oom why, in another channel': renderWhy(loaded, link),
    '/oom why, names only': renderNamesOnly(loaded, link),
    '/oom why checkout-1': history,
    '/oom why INC-ZZZZ': renderUnknownIncident('INC-ZZZZ', ['INC-7F3K']),
    '/oom why sesions': renderUnknownName(['sesions'], ['sessions']),
  },
  status: { '/oom status': status },
  report: { '/oom report': report },
  handoff: { '/oom handoff prod': handoff },
  debt: { '/oom debt prod': debt },
  pause: {
    '/oom pause prod release freeze': renderSentence(
      'Paused prod: nothing is changed there until somebody types /oom resume prod.',
    ),
  },
  test: {
    '/oom test': renderSentence(
      'Pod oomkeeper-try-kill-x7f2k in oomkeeper-tests was killed. Its thread says that it is a test.',
    ),
    '/oom test, by somebody who may not': renderSentence(
      'Only {0} can have a test made in oomkeeper-tests. Nothing was made. Or make one with your own rights: oomkeeper try-kill.',
      [amira],
    ),
  },
  resume: { '/oom resume prod': renderSentence('Changes in prod go ahead again. {0} had paused it.', [amira]) },
};

export function commandAnswers(): Section {
  return {
    name: 'Commands',
    samples: Object.values(answers)
      .flatMap((some) => Object.entries(some))
      .map(([name, answer]) => sampleOf(name, 'answer', answer)),
  };
}
