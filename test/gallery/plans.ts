import type { Explained } from '../../src/core/incident/incident.ts';
import type { Plan } from '../../src/core/remediate/plan.ts';
import { anExplanation, aPlan, Mi } from '../fixtures/incidents.ts';

interface Kind {
  readonly name: string;
  readonly plan: Plan;
  readonly explained: Explained;
}

const raised = anExplanation();
const leak = anExplanation({
  diagnosis: {
    hypotheses: [
      {
        cause: 'leak',
        confidence: 0.94,
        sentence: 'Leak: grows 4.1 Mi/min, killed 99 min after its start',
        for: ['the last 4 runs looked the same'],
        against: [],
      },
    ],
    slopeBytesPerSecond: (4.1 * Mi) / 60,
    nextKillAt: null,
  },
  recommendation: {
    fix: { kind: 'fix-leak', why: 'It grows 4.1 Mi/min whatever the limit.' },
    mitigation: { kind: 'raise-limit', limitBytes: 640 * Mi, requestBytes: 640 * Mi, buysMs: 31 * 60_000, why: '' },
  },
});
const rollout = anExplanation({
  diagnosis: {
    hypotheses: [
      {
        cause: 'bad-rollout',
        confidence: 0.9,
        sentence: 'Revision 2 (image shop:1.4) needs more than revision 1 ever did',
        for: ['revision 1 ran for 6 d without a kill'],
        against: [],
      },
    ],
    slopeBytesPerSecond: null,
    nextKillAt: null,
  },
  recommendation: {
    fix: { kind: 'roll-back', toRevision: '1', why: 'Revision 1 ran for 6 d without a kill.' },
    mitigation: null,
  },
});

/** The kinds of plans whose phases the gallery shows. */
export const kinds: readonly Kind[] = [
  { name: 'a resize', plan: aPlan(), explained: raised },
  { name: 'time that is bought', plan: aPlan({ purpose: 'mitigation' }), explained: leak },
  {
    name: 'a roll back',
    plan: aPlan({
      kind: 'roll-back',
      means: ['roll-back'],
      to: { limitBytes: 512 * Mi, requestBytes: 512 * Mi },
      rollBack: { toRevision: '1', hash: '6c8b', template: null },
      diff: '-  image: shop:1.4\n+  image: shop:1.3',
    }),
    explained: rollout,
  },
  {
    name: 'a pull request',
    plan: aPlan({
      means: ['pull-request'],
      source: { owner: 'acme', repo: 'deploy', path: 'apps/shop/checkout.yaml', branch: 'main' },
      fileHash: 'f1',
    }),
    explained: raised,
  },
];
