import { expect, test } from 'vitest';
import { subjectOf } from '../../../../src/adapters/prometheus/selector.ts';
import type { Subject } from '../../../../src/adapters/prometheus/selector.ts';
import { killAt, killedAt, minute } from '../../../fixtures/findings.ts';

const pod = 'checkout-bbbbbbb-11111';
const kills = [killAt(killedAt, 10 * minute)];

function askedOf(container: string, pods: readonly string[] = [], onlyKilled = false): Subject {
  const query = { namespace: 'shop', pod, container, pods, kills, from: killedAt - 60 * minute, to: killedAt };
  return subjectOf(query, { onlyKilled });
}

test('a container is selected by its name, whatever its image', () => {
  const { selector } = askedOf('app');

  expect(selector).toContain('container="app"');
  expect(selector).not.toContain('image');
});

test('a whole pod is its own cgroup, not that of the pause container, which has no name either', () => {
  expect(askedOf('').selector).toContain('container="",image=""');
  expect(askedOf('app').pods([pod])).toContain('container="",image=""');
});

test('pods that are gone are found by the name of the workload, unless only the killed ones are meant', () => {
  const of = (onlyKilled: boolean) => askedOf('app', ['checkout-bbbbbbb-22222'], onlyKilled);

  expect(of(false)).toMatchObject({ hasSiblings: true, selector: expect.stringContaining('[a-z0-9]{5}') });
  expect(of(true)).toMatchObject({ hasSiblings: false, selector: expect.stringContaining(`pod=~"${pod}"`) });
});
