import { expect, test } from 'vitest';
import { usageSelector } from '../../../../src/adapters/prometheus/selector.ts';

const asked = { namespace: 'shop', pods: ['checkout-1'], patterns: [] };

test('a container is selected by its name, whatever its image', () => {
  const selector = usageSelector({ ...asked, container: 'app' });

  expect(selector).toContain('container="app"');
  expect(selector).not.toContain('image');
});

test('a whole pod is its own cgroup, not that of the pause container, which has no name either', () => {
  expect(usageSelector({ ...asked, container: '' })).toContain('container="",image=""');
});
