import { expect, test } from 'vitest';
import { renderEntry } from '../../../src/adapters/slack/blocks/entry.ts';
import { renderRoot } from '../../../src/adapters/slack/blocks/root.ts';
import type { JsonRecord } from '../../../src/core/kill/json-read.ts';
import { makePlans } from '../../../src/core/remediate/make-plans.ts';
import type { Plans } from '../../../src/core/remediate/make-plans.ts';
import type { Plan } from '../../../src/core/remediate/plan.ts';
import { aKill, aLoaded, anExplanation, anIncident, aRemediation, killedAt, Mi } from '../../fixtures/incidents.ts';

/** The longest name that Kubernetes allows. */
const name = 'x'.repeat(253);
const memory = { limitBytes: 64 * Mi, requestBytes: null };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name, uid: 'd1' };

function plansFor(present: JsonRecord, earlier: JsonRecord): Plans {
  const kill = aKill();
  const revision = (number: string, template: JsonRecord) => {
    const hash = number === '2' ? (kill.revision ?? '') : 'earlier';
    return { number, hash, memory, replicaSet: { name: `web-${number}`, uid: number }, template };
  };
  return makePlans({
    recommendation: { fix: { kind: 'roll-back', toRevision: '1', why: '' }, mitigation: null },
    trigger: { ...kill, subject: { ...kill.subject, workload: { kind: 'Deployment', name } } },
    inputs: {
      exists: true,
      workload: { ...target, memory, patchable: true, owner: null },
      variables: [],
      pods: [],
      qosClass: 'Burstable',
      equalMakesGuaranteed: false,
      template: present,
      fields: {},
      canResize: true,
      revisions: [revision('1', earlier), revision('2', present)],
      sourceText: null,
      room: { nodeAllocatableBytes: null, nodeFreeBytes: null, quota: null, limitRange: null },
    },
    now: killedAt,
    spent: new Set(),
    source: null,
  });
}

function variables(count: number): JsonRecord {
  const env = Array.from({ length: count }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'canary' }));
  return { spec: { containers: [{ name: 'app', image: 'shop/web:1', env }] } };
}

/** The roll back with the most differences that is still offered. */
function longest(): { readonly plan: Plan; readonly count: number } {
  for (let count = 60; count > 0; count -= 1) {
    const [plan] = plansFor(variables(0), variables(count)).plans;
    if (plan) return { plan, count };
  }
  throw new Error('none is offered');
}

test('what a roll back changes stands in the reply in full, however much of it is offered', () => {
  const { plan, count } = longest();
  const text = `${plan.id}: ${plan.expectedEffect} ${plan.undo}`;
  const audience = { to: 'thread' } as const;
  const common = { at: killedAt, audience, people: [], broadcast: false, chart: null };
  const message = renderEntry({ id: '1-0', entry: { ...common, kind: 'audit', text, pre: plan.diff } }, anIncident());
  const shown = JSON.stringify(message.blocks);

  expect(count).toBeGreaterThan(20);
  expect(plan.diff.split('\n')).toHaveLength(count + 1);
  for (let index = 0; index < count; index += 1) expect(shown).toContain(`env VARIABLE_${index} added`);
  expect(shown).not.toContain('canary');
});

test('one difference more and it is not offered; the root says why', () => {
  const { count } = longest();
  const { plans, noRollBack } = plansFor(variables(0), variables(count + 1));
  const message = renderRoot(aLoaded({ explained: anExplanation({ noRollBack }) }));

  expect(plans).toEqual([]);
  expect(message.text).toContain(`No roll back: Revision 1 differs in ${count + 1} places`);
});

test('the dialog says how much changes and where it is listed', () => {
  const { plan, count } = longest();
  const message = renderRoot(
    aLoaded({ explained: anExplanation(), remediations: [aRemediation('proposed', { plan })] }),
  );

  expect(JSON.stringify(message.blocks)).toContain(
    `Roll back to revision 1 (${count} changes, all listed in the thread)`,
  );
});

test('reasons are as long as they have to be, and no longer', () => {
  const long = {
    spec: {
      containers: [{ name: 'app', image: 'a', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      volumes: Array.from({ length: 50 }, (_, index) => ({
        name: index === 0 ? 'v' : `v${index}`,
        hostPath: { path: `/${'p'.repeat(3_000)}${index}` },
      })),
    },
  };
  const { noRollBack } = plansFor({ spec: { containers: [{ name: 'app', image: 'a' }] } }, long);

  expect(noRollBack).toMatch(/^Revision 1 would raise privileges: .*; and 48 more\. Roll back where/);
  expect((noRollBack ?? '').length).toBeLessThan(1_000);
});
