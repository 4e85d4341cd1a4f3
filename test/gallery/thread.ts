import { renderEntry } from '../../src/adapters/slack/blocks/entry.ts';
import type { Entry } from '../../src/core/incident/incident.ts';
import { proposed, transition } from '../../src/core/incident/transition.ts';
import { aKill, anIncident, aPlan, aRemediation, killedAt } from '../fixtures/incidents.ts';
import { eventsOf } from './events.ts';
import { sampleOf } from './sample.ts';
import type { Sample, Section } from './sample.ts';

function reply(name: string, entry: Entry): Sample {
  const kind = entry.audience.to === 'person' ? 'answer' : 'reply';
  return sampleOf(name, kind, renderEntry({ id: '1-0', entry }, anIncident()));
}

const evidence: Entry = {
  at: killedAt,
  audience: { to: 'thread' },
  kind: 'evidence',
  text: [
    '• Spec: limit 512Mi, request 256Mi',
    '• Usage: grows 4.1 Mi/min from 60Mi to 512Mi, in the last 4 runs alike',
    '• Rollout: no revision in the last 24 h',
    'From: pod checkout-7d9f-abcde; Prometheus, 2 h of samples, query below; ReplicaSets of Deployment checkout.',
  ].join('\n'),
  people: [],
  pre: 'Usage, 2026-11-24T12:02:11.000Z to 2026-11-24T14:02:11.000Z:\ncontainer_memory_working_set_bytes{namespace="shop",pod=~"checkout-.*",container="app"}',
  broadcast: false,
  chart: null,
};

/** The states that an event may find its plan in; the first that takes it is shown. */
const states = ['proposed', 'requested', 'approved', 'applying', 'applied', 'verifying'] as const;

/** What each event leaves in the thread. */
export function thread(): Section {
  const plan = aPlan();
  const events = eventsOf(plan);
  const { number, url } = events['pull-request-opened'];
  const lines = Object.values(events).flatMap((event) => {
    // Of a pull request nothing more happens before it is opened.
    const pullRequest = event.type === 'pull-request-opened' ? null : { number, url, merged: null };
    const started = [
      anIncident({ remediations: [proposed(plan)] }),
      ...states.map((state) => anIncident({ remediations: [aRemediation(state, { pullRequest })] })),
      anIncident({ trigger: { ...aKill(), kind: 'ahead', warning: aheadWarning } }),
    ];
    for (const incident of started) {
      const result = transition(incident, event);
      if (result.ok) return result.entries.map((entry) => reply(event.type, entry));
    }
    return [];
  });
  return { name: 'In the thread', samples: [reply('evidence', evidence), ...lines] };
}

const aheadWarning = { at: killedAt, of: { is: 'stalled', share: 0.3, usedBytes: 1 }, calm: null } as const;
