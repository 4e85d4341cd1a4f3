import { describe, expect, test } from 'vitest';
import { sameImageWords } from '../../../../src/core/evidence/before/before-words.ts';
import type { Loaded } from '../../../../src/core/incident/incident.ts';
import { sameImageOf } from '../../../../src/core/incident/same-image-of.ts';
import { aKill, aPlan, aRemediation, anExplanation, anIncident, killedAt, Mi } from '../../../fixtures/incidents.ts';

const day = 24 * 60 * 60_000;

interface Told {
  readonly id: string;
  readonly daysAgo: number;
  readonly namespace?: string;
  readonly workload?: string;
  readonly image?: string | null;
  readonly limit?: number;
  /** The limit was raised to so much half an hour after the kill. */
  readonly raisedTo?: number;
}

function incidentOf({ id, daysAgo, namespace = 'shop', workload = 'catalog', ...more }: Told): Loaded {
  const { image = 'shop/catalog:1.4', limit = 256, raisedTo } = more;
  const at = killedAt - daysAgo * day;
  const subject = { ...aKill().subject, namespace, workload: { kind: 'Deployment', name: workload } };
  const kill = aKill({
    fingerprint: id,
    subject,
    image,
    seenAt: at,
    finishedAt: new Date(at).toISOString(),
    limitBytes: limit * Mi,
    limitInForceBytes: limit * Mi,
  });
  const memory = (bytes: number) => ({ limitBytes: bytes * Mi, requestBytes: bytes * Mi });
  const remediations =
    raisedTo === undefined
      ? []
      : [
          aRemediation('held', {
            plan: aPlan({ purpose: 'fix', from: memory(limit), to: memory(raisedTo) }),
            applied: { at: at + 30 * 60_000, seen: 'yes' },
          }),
        ];
  return {
    incident: anIncident({ id, subject, trigger: kill, openedAt: at, remediations, explained: anExplanation() }),
    tally: { count: 1, firstAt: at, lastAt: at, recent: [kill] },
    requests: [],
  };
}

const current = incidentOf({ id: 'INC-0', daysAgo: 0 });

function words(others: readonly Loaded[]): string | null {
  const same = sameImageOf(current, others, killedAt);
  return same && sameImageWords(same, killedAt);
}

describe('kills of the same image', () => {
  test.each<[string, readonly Told[], string | null]>([
    [
      'in another namespace are told without its names, with what was done and whether it held',
      [{ id: 'INC-1', daysAgo: 3, namespace: 'staging', raisedTo: 384 }],
      'shop/catalog was killed in another namespace 3 d ago (limit too low, one kill): raised from 256Mi to 384Mi, not killed there for 3 d',
    ],
    [
      'in the same namespace are told with the workload, and another version is said to be one',
      [{ id: 'INC-1', daysAgo: 4, workload: 'catalog-canary', image: 'shop/catalog:1.5' }],
      'shop/catalog was killed in Deployment catalog-canary 4 d ago (INC-1, limit too low, one kill, another version)',
    ],
    [
      'at the limit to which it was raised there say that the raise did not hold',
      [
        { id: 'INC-2', daysAgo: 2, namespace: 'staging', limit: 384 },
        { id: 'INC-1', daysAgo: 6, namespace: 'staging', raisedTo: 384 },
      ],
      'shop/catalog was killed in another namespace 2 d ago (limit too low, one kill): raised from 256Mi to 384Mi, killed again 4 d later',
    ],
    [
      'are none where the image is another one',
      [{ id: 'INC-1', daysAgo: 2, image: 'shop/cart:1.4', workload: 'cart' }],
      null,
    ],
    ['are none where an image is not known', [{ id: 'INC-1', daysAgo: 2, image: null, workload: 'cart' }], null],
    ['are not those of this workload, which are told of as its own', [{ id: 'INC-1', daysAgo: 2 }], null],
  ])('%s', (_, others, text) => {
    expect(words(others.map(incidentOf))).toBe(text);
  });

  test('of a test are told to nobody, and it is told of none', () => {
    const other = incidentOf({ id: 'INC-1', daysAgo: 1, workload: 'basket' });
    const asTest = ({ incident, ...rest }: Loaded): Loaded => ({
      ...rest,
      incident: { ...incident, trigger: { ...incident.trigger, test: 'me' } },
    });

    expect(sameImageOf(current, [other], killedAt)).not.toBeNull();
    expect(sameImageOf(current, [asTest(other)], killedAt)).toBeNull();
    expect(sameImageOf(asTest(current), [other], killedAt)).toBeNull();
  });

  test('of three workloads are told, first those where something was done, then the newest', () => {
    const others = [2, 3, 4, 5].map((daysAgo) =>
      incidentOf({ id: `INC-${daysAgo}`, daysAgo, namespace: `ns-${daysAgo}` }),
    );
    const raised = incidentOf({ id: 'INC-9', daysAgo: 9, namespace: 'ns-9', raisedTo: 384 });

    const same = sameImageOf(current, [...others, raised], killedAt);

    expect(same?.twins.map(({ latest }) => latest.id)).toEqual(['INC-9', 'INC-2', 'INC-3']);
  });
});
