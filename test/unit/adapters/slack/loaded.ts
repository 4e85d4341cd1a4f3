import type { Explained, Incident, Loaded, Remediation } from '../../../../src/core/incident/incident.ts';
import { proposed } from '../../../../src/core/incident/transition.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import type { Plan } from '../../../../src/core/remediate/plan.ts';

export const Mi = 1024 * 1024;
/** 2026-11-24 14:02:11 UTC */
export const killedAt = Date.UTC(2026, 10, 24, 14, 2, 11);

export function aKill(changes: Partial<Kill> = {}): Kill {
  return {
    fingerprint: 'prod/3f1c/app/containerd://a1',
    subject: {
      cluster: 'prod',
      namespace: 'shop',
      workload: { kind: 'Deployment', name: 'checkout' },
      container: 'app',
    },
    kind: 'container',
    suspect: false,
    pod: 'checkout-7d9f-abcde',
    podUid: '3f1c',
    podCreatedAt: null,
    containerType: 'container',
    containerId: 'containerd://a1',
    exitCode: 137,
    reason: 'OOMKilled',
    message: null,
    startedAt: '2026-11-24T13:02:11Z',
    finishedAt: '2026-11-24T14:02:11Z',
    restartCount: 1,
    limitBytes: 512 * Mi,
    limitInForceBytes: 512 * Mi,
    requestBytes: 512 * Mi,
    node: 'node-1',
    qosClass: 'Burstable',
    image: 'shop:1.4',
    revision: '7d9f',
    labels: {},
    startedBeforeWatch: false,
    away: null,
    seenAt: killedAt + 200,
    ...changes,
  };
}

export function aPlan(changes: Partial<Plan> = {}): Plan {
  return {
    id: 'PLAN-7F3K2A',
    purpose: 'fix',
    kind: 'raise-limit',
    container: 'app',
    containerType: 'container',
    workload: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'checkout', uid: 'u1' },
    pods: [],
    means: ['resize', 'patch-workload'],
    from: { limitBytes: 512 * Mi, requestBytes: 512 * Mi },
    to: { limitBytes: 640 * Mi, requestBytes: 640 * Mi },
    env: [],
    rollBack: null,
    source: null,
    fieldsHash: 'abc',
    owner: 'kubectl',
    diff: '-  memory: 512Mi\n+  memory: 640Mi',
    expectedEffect: 'No more kills at this load.',
    undo: 'Set the limit to 512Mi again.',
    createdAt: killedAt + 2000,
    ...changes,
  };
}

export function aRemediation(state: Remediation['state'], changes: Partial<Remediation> = {}): Remediation {
  return { ...proposed(aPlan()), state, ...changes };
}

export function anExplanation(changes: Partial<Explained> = {}): Explained {
  return {
    at: killedAt + 2000,
    kills: 1,
    diagnosis: {
      hypotheses: [
        {
          cause: 'limit-too-low',
          confidence: 0.86,
          sentence: 'Limit too low: steady at 505Mi under a limit of 512Mi',
          for: ['flat for 6 h at 98 % of the limit'],
          against: ['only one replica was killed'],
        },
        { cause: 'leak', confidence: 0.1, sentence: 'Leak: grows 0.1 Mi/min', for: [], against: [] },
      ],
      slopeBytesPerSecond: null,
      nextKillAt: null,
    },
    evidence: [
      { label: 'Usage', text: 'last sample 412Mi', source: 'prometheus', at: killedAt, missing: false },
      { label: 'Rollout', text: 'no revision known', source: 'kubernetes', at: killedAt, missing: true },
    ],
    recommendation: {
      fix: {
        kind: 'raise-limit',
        limitBytes: 640 * Mi,
        requestBytes: 640 * Mi,
        holds: 0.92,
        why: 'Demand is near 540Mi.',
      },
      mitigation: null,
    },
    lastSample: { bytes: 412 * Mi, beforeKillMs: 22_000 },
    noPlan: null,
    noPullRequest: null,
    bounds: null,
    chart: null,
    ...changes,
  };
}

export function anIncident(changes: Partial<Incident> = {}): Incident {
  return {
    schema: 2,
    id: 'INC-7F3K',
    version: 3,
    subject: aKill().subject,
    mode: 'act',
    state: { is: 'open' },
    openedAt: killedAt + 210,
    trigger: aKill(),
    alerts: [],
    previous: null,
    explained: null,
    remediations: [],
    acknowledged: null,
    silence: null,
    ...changes,
  };
}

export function aLoaded(changes: Partial<Incident> = {}, kills = 1): Loaded {
  const incident = anIncident(changes);
  const { trigger } = incident;
  const recent = trigger.kind === 'ahead' ? [] : [trigger];
  return {
    incident,
    tally: { count: kills, firstAt: killedAt - (kills - 1) * 60_000, lastAt: killedAt, recent },
    requests: [],
  };
}
