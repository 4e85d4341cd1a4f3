import { renderHome, renderPlainHome } from '../../src/adapters/slack/blocks/home.ts';
import type { HomeInput } from '../../src/adapters/slack/blocks/home.ts';
import type { HomeIncident } from '../../src/adapters/slack/blocks/home-incidents.ts';
import { reportCard } from '../../src/core/report/report-card.ts';
import { aKill, aLoaded, anExplanation, anImpact, anIncident, aPlan } from '../fixtures/incidents.ts';
import { aResult } from '../fixtures/results.ts';
import { after, amira, eventsOf, walked } from './events.ts';
import type { Section } from './sample.ts';

const url = 'https://acme.slack.com/archives/C1/p1796040131000200';
const { explained, requested } = eventsOf(aPlan());
const asked = walked(anIncident({ impact: anImpact() }), [explained, requested]);

function shown(name: string, severity: 'critical' | 'high' | 'low', cluster = 'prod'): HomeIncident {
  const subject = { ...aKill().subject, cluster, workload: { kind: 'Deployment', name } };
  const loaded = aLoaded({
    id: `INC-${name.toUpperCase()}`,
    subject,
    impact: anImpact({ severity }),
    explained: anExplanation(),
  });
  return { ...loaded, namesOnly: false, url };
}

const waiting: HomeIncident = { ...aLoaded(), incident: asked, namesOnly: false, url };
const quiet: HomeInput = {
  news: [],
  waiting: [],
  open: [],
  card: reportCard([]),
  clusters: ['prod', 'staging'],
  channel: 'C0OOM',
  notes: [],
  now: after(10),
};
const busy: HomeInput = {
  ...quiet,
  news: [{ text: '{0} has approved it already.', people: [amira] }],
  waiting: asked.remediations.map((remediation) => ({ shown: waiting, remediation, pause: null })),
  open: [shown('payments', 'critical'), waiting, shown('sessions', 'low'), shown('gateway', 'high', 'staging')],
  card: reportCard([aResult(), aResult({ plan: 'PLAN-3', incident: 'INC-3', outcome: 'failed', kind: 'set-heap' })]),
  notes: ['staging did not answer, so its incidents are missing.'],
};

const paused = (one: HomeInput['waiting'][number]) => ({
  ...one,
  pause: { by: amira, at: after(5), reason: 'release freeze' },
});

export function home(): Section {
  const views = {
    'at the beginning': renderHome(quiet),
    'with what waits and what is open': renderHome(busy),
    'while changes are paused': renderHome({ ...busy, news: [], notes: [], waiting: busy.waiting.map(paused) }),
    'on a usual day': renderHome({ ...busy, news: [], notes: [] }),
    'nothing but a sentence': renderPlainHome('Guests see nothing here.'),
  };
  return {
    name: 'Home tab',
    samples: Object.entries(views).map(([name, { blocks }]) => ({ name, kind: 'home', text: '', blocks })),
  };
}
