import { renderRoot } from '../../src/adapters/slack/blocks/root.ts';
import { causes } from '../../src/core/diagnose/diagnosis.ts';
import type { Cause } from '../../src/core/diagnose/diagnosis.ts';
import type { IncidentEvent } from '../../src/core/incident/event.ts';
import type { Incident, RemediationState } from '../../src/core/incident/incident.ts';
import type { Warning } from '../../src/core/incident/warning.ts';
import { killKinds } from '../../src/core/kill/kill.ts';
import { destinationOf } from '../../src/core/remediate/plan.ts';
import { aKill, aLoaded, anExplanation, anImpact, anIncident, aPlan, killedAt, Mi } from '../fixtures/incidents.ts';
import { after, amira, eventsOf, followed, untilApplied, verified, walked } from './events.ts';
import { kinds } from './plans.ts';
import { sampleOf } from './sample.ts';
import type { Sample, Section } from './sample.ts';

function root(name: string, changes: Partial<Incident>, kills = 1): Sample {
  return sampleOf(name, 'root', renderRoot(aLoaded(changes, kills)));
}

/** How each phase is reached; a new one does not compile until its way is told. */
function waysTo(kind: (typeof kinds)[number]): Readonly<Record<RemediationState, readonly IncidentEvent[] | null>> {
  const events = eventsOf(kind.plan, kind.explained);
  const { explained, requested, approved, applying } = events;
  const applied = [explained, ...untilApplied(kind.plan, events)];
  const watched = [...applied, events.watched];
  const resized = applied.map((event) => (event.type === 'applied' ? { ...event, temporary: true } : event));
  const mayLast = kind.plan.rollBack === null && kind.plan.source === null;
  const waits = destinationOf(kind.plan) === 'forge' ? [events['pull-request-opened']] : [];
  return {
    proposed: [explained],
    requested: [explained, requested],
    approved: [explained, requested, approved],
    applying: [explained, requested, approved, applying, ...waits],
    applied,
    verifying: watched,
    held: [...watched, verified(kind.plan, 'held')],
    'held-so-far': [...watched, verified(kind.plan, 'held-so-far')],
    'bought-time': [...watched, verified(kind.plan, 'bought-time')],
    failed: [...watched, verified(kind.plan, 'failed')],
    vanished: [...watched, verified(kind.plan, 'vanished')],
    overshot: [...watched, verified(kind.plan, 'overshot')],
    inconclusive: [...watched, verified(kind.plan, 'inconclusive')],
    rejected: [explained, requested, events.rejected],
    expired: [explained, requested, events.expired],
    stale: [explained, requested, events.stale],
    undone: [...watched, ...followed(kind.plan, 'undo')],
    done: mayLast ? [...resized, events.watched, ...followed(kind.plan, 'make-permanent')] : null,
  };
}

/** Each phase of each kind of plan. */
function phases(): readonly Section[] {
  return kinds.map((kind) => ({
    name: `Phases of ${kind.name}`,
    samples: Object.entries(waysTo(kind)).flatMap(([state, events]) => {
      if (events === null) return [];
      const incident = walked(anIncident({ impact: anImpact() }), events);
      return root(state, incident, 3);
    }),
  }));
}

/** What is offered after a no, a failure or a change that is gone, and what follows a change that is in the cluster. */
function onwards(): Section {
  const [{ plan, explained } = { plan: aPlan(), explained: anExplanation() }] = kinds;
  const events = eventsOf(plan, explained);
  const applied = [events.explained, ...untilApplied(plan, events)];
  const resized = applied.map((event) => (event.type === 'applied' ? { ...event, temporary: true } : event));
  const again: IncidentEvent = { ...events.explained, plans: [{ ...plan, id: 'PLAN-2W8D5H' }] };
  const ways: Readonly<Record<string, readonly IncidentEvent[]>> = {
    'rejected, and offered again': [events.explained, events.requested, events.rejected, again],
    'expired, and offered again': [events.explained, events.requested, events.expired, again],
    'failed, and offered again': [events.explained, events.requested, events.approved, events.failed, again],
    'gone, and offered again': [...applied, events.watched, verified(plan, 'vanished'), again],
    temporary: [...resized, events.watched],
    'held, and somebody asks to undo it': [
      ...resized,
      events.watched,
      verified(plan, 'held'),
      ...followed(plan, 'undo').slice(0, 2),
    ],
  };
  return {
    name: 'Never a dead end',
    samples: Object.entries(ways).map(([name, way]) => {
      const incident = walked(anIncident({ impact: anImpact() }), way);
      return root(name, incident, 3);
    }),
  };
}

const sentences: Readonly<Record<Cause, string>> = {
  'limit-too-low': 'The limit of 512Mi is too low: usage is flat at 95% of it between kills',
  leak: 'Leak: grows 4.1 Mi/min, killed 99 min after its start',
  'traffic-spike': 'Load: memory follows requests, and 480 per second need more than 512Mi',
  'bad-rollout': 'Revision 2 (image shop:1.4) needs more than revision 1 ever did',
  'heap-misconfigured': 'Wrong heap flag: -Xmx1200m lets the heap grow to 1200Mi, above the limit of 512Mi',
  tmpfs: 'Files in memory: the volume spool (emptyDir, medium Memory) holds 430Mi of the limit of 512Mi',
  'page-cache': 'Page cache: 390Mi of writes wait for the disk and cannot be taken back',
  'child-process': 'A child process (worker, 310Mi) was killed; the container goes on',
  'pod-limit': 'The limit of the pod (768Mi) was reached: envoy beside it holds 540Mi',
  'node-pressure': 'The node had no memory left; checkout uses 4 times what it requests',
  overcommit: 'The pods of pool-b-1 may use 212% of its memory, and 30 used it at once',
  'no-limit': 'It has no limit and took what the node had left',
  'not-memory': 'Not memory: exit code 137 came from the liveness probe',
  inconclusive: 'Not clear yet: samples are 42 min apart',
};

function verdicts(): Section {
  return {
    name: 'Verdicts',
    samples: causes.map((cause) => {
      const hypothesis = { cause, confidence: 0.86, sentence: sentences[cause], for: [], against: [] };
      const explained = anExplanation({
        diagnosis: { hypotheses: [hypothesis], slopeBytesPerSecond: null, nextKillAt: null },
        noPlan: cause === 'inconclusive' ? 'there is nothing to size by' : null,
        ...(cause === 'inconclusive' || cause === 'not-memory'
          ? {
              recommendation: {
                fix: { kind: 'none', why: 'One more kill with samples would tell.' },
                mitigation: null,
              },
            }
          : {}),
      });
      return root(cause, { explained, impact: anImpact() });
    }),
  };
}

const warnings: Readonly<Record<Warning['of']['is'], Warning['of']>> = {
  'on-course': {
    is: 'on-course',
    reachesAt: after(40),
    bytesPerSecond: (4.1 * Mi) / 60,
    usedBytes: 348 * Mi,
  },
  'rising-near-limit': { is: 'rising-near-limit', bytesPerSecond: (4.1 * Mi) / 60, usedBytes: 500 * Mi },
  stalled: { is: 'stalled', share: 0.3, usedBytes: 505 * Mi },
  alert: { is: 'alert', name: 'ContainerNearMemoryLimit', summary: 'checkout uses more than 95% of its limit.' },
  'node-pressure': { is: 'node-pressure', since: killedAt },
};

/** As somebody who has just installed it sees its first thread. */
const test = {
  subject: { ...aKill().subject, workload: { kind: 'Pod', name: 'oomkeeper-try-kill-x7f2k' }, container: 'try-kill' },
  trigger: aKill({ test: 'amira (oomkeeper try-kill)', limitBytes: 32 * Mi, limitInForceBytes: 32 * Mi }),
};

function before(): Section {
  return {
    name: 'First seconds, and warnings',
    samples: [
      root('announced: a test', test),
      root('explained: a test', { ...test, explained: anExplanation({ lastSample: null }) }),
      ...killKinds.map((kind) => root(`announced: ${kind}`, { trigger: aKill({ kind }) })),
      ...Object.entries(warnings).map(([name, of]) =>
        root(
          `ahead: ${name}`,
          { trigger: { ...aKill(), kind: 'ahead', warning: { at: killedAt, of, calm: null } } },
          0,
        ),
      ),
    ],
  };
}

const longest = 'x'.repeat(253);

function beside(): Section {
  const explained = anExplanation();
  const { closed, silenced, acknowledged, explained: event } = eventsOf(aPlan());
  const offered = walked(anIncident({ impact: anImpact() }), [event]);
  const after24h = walked(anIncident(offered), [closed]);
  return {
    name: 'What stands beside it',
    samples: [
      root('acknowledged', { ...offered, acknowledged: { by: amira, at: acknowledged.at } }, 12),
      root('snoozed', { ...offered, silence: silenced.silence }),
      root('ignored', { ...offered, silence: { ...silenced.silence, scope: 'workload' } }),
      root('observe-only', { ...offered, mode: 'observe' }),
      root('seen before', { ...offered, previous: 'INC-2B9Q' }),
      root('no plan', { explained: anExplanation({ noPlan: 'its owner could not be read' }) }),
      root('critical, with owner, links and what was deployed', {
        ...offered,
        impact: anImpact({
          severity: 'critical',
          pods: { ready: 0, desired: 3 },
          unserved: ['checkout'],
          owner: { name: 'team-shop', id: 'SSHOP' },
          deployed: { at: after(-120), version: '1.4', commit: '8f3c2d1', by: 'lena' },
          links: [
            { name: 'Grafana', url: 'https://grafana.example.com/d/oom?var-ns=shop' },
            { name: 'Runbook', url: 'https://wiki.example.com/oom' },
          ],
        }),
      }),
      root('killed 40 times', { ...offered }, 40),
      root('closed: quiet', { ...after24h }),
      root('closed: gone', { explained, state: { is: 'closed', outcome: 'gone', at: after(60) } }),
      root('a node', {
        subject: { cluster: 'prod', namespace: null, workload: { kind: 'Node', name: 'pool-a-1' }, container: null },
        trigger: aKill({
          kind: 'node',
          containerType: null,
          limitBytes: null,
          limitInForceBytes: null,
          subject: { cluster: 'prod', namespace: null, workload: { kind: 'Node', name: 'pool-a-1' }, container: null },
        }),
      }),
      root('the longest names', {
        ...offered,
        subject: {
          cluster: 'c'.repeat(40),
          namespace: longest,
          workload: { kind: 'Deployment', name: longest },
          container: longest,
        },
      }),
    ],
  };
}

export function roots(): readonly Section[] {
  return [before(), ...phases(), onwards(), verdicts(), beside()];
}
