import { expect, test } from 'vitest';
import { renderTop, type TopInput } from '../../../../../src/adapters/slack/blocks/answers/top.ts';
import type { TopRow } from '../../../../../src/core/talk/top.ts';
import { problemsOf } from '../limits-of.ts';
import { Mi } from '../../../../fixtures/incidents.ts';

const row: TopRow = {
  cluster: 'prod',
  namespace: 'shop',
  workload: { kind: 'Deployment', name: 'checkout' },
  container: 'app',
  pods: 3,
  pod: 'checkout-7d9f-abcde',
  usedBytes: 480 * Mi,
  limitBytes: 512 * Mi,
  fullInMs: 8 * 60_000,
  bytesPerSecond: (4 * Mi) / 60,
  kills24h: 7,
  kills7d: 12,
  atLeast: true,
  lastKillAt: 1,
};

const input: TopInput = {
  ranked: [{ group: 'killed', row }],
  from: 0,
  turn: null,
  urls: new Map(),
  more: 0,
  containers: 40,
  withoutLimit: 2,
  scope: ['prod'],
  unknown: [],
  leftOut: [],
  manyClusters: false,
  sources: [{ cluster: 'prod', source: 'Prometheus at http://10.0.0.1:9090, found as Service monitoring/prometheus' }],
  notes: [],
};

function cellsOf({ blocks }: ReturnType<typeof renderTop>): readonly (readonly string[])[] {
  return blocks.flatMap((block) =>
    block.type === 'table'
      ? block.rows.map((cells) => cells.map((cell) => ('text' in cell ? (cell.text ?? '') : '')))
      : [],
  );
}

test('a row says who it is, how full, how long, how often killed, and why it is here', () => {
  const answer = renderTop(input);

  expect(cellsOf(answer)).toEqual([
    ['Container', 'Uses', 'Full in', 'Kills 24h / 7d', 'Why here'],
    ['shop/checkout app × 3', '94% of 512Mi', '8 min (4 Mi/min)', '7 / 12+', 'killed lately'],
  ]);
  expect(answer.text).toContain(
    'shop/checkout app × 3: 94% of its limit (480Mi of 512Mi in checkout-7d9f-abcde); at its limit in 8 min at 4 Mi/min; 7 kills in 24 h, 12 or more in 7 d (killed lately)',
  );
  expect(answer.text).toContain('Usage: Prometheus at http://10.0.0.1:9090');
  expect(answer.text).toContain('2 of 40 running or waiting containers have no memory limit');
  expect(JSON.stringify(answer.classic)).toContain('94% of its limit');
  expect(JSON.stringify(answer.classic)).not.toContain('"table"');
});

test('what is not known is left empty, never invented', () => {
  const unknown: TopRow = {
    ...row,
    pods: 0,
    pod: null,
    usedBytes: null,
    limitBytes: null,
    fullInMs: null,
    bytesPerSecond: null,
    atLeast: false,
    kills7d: 7,
  };

  const answer = renderTop({ ...input, ranked: [{ group: 'killed', row: unknown }] });

  expect(cellsOf(answer)[1]).toEqual(['shop/checkout app', '–', '–', '7 / 7', 'killed lately']);
  expect(answer.text).toContain('not running now; 7 kills in 24 h, 7 in 7 d');
});

test('of many clusters each row and source says which one it is of', () => {
  const answer = renderTop({ ...input, manyClusters: true });

  expect(cellsOf(answer)[1]?.[0]).toBe('prod/shop/checkout app × 3');
  expect(answer.text).toContain('Usage of prod: Prometheus');
});

test('nothing to show is said, with the reasons', () => {
  const answer = renderTop({ ...input, ranked: [], notes: ['The pods could not be read: 403'] });

  expect(answer.text).toContain('Nothing to show in prod');
  expect(answer.text).toContain('Incomplete: The pods could not be read: 403');
  expect(problemsOf(answer)).toEqual([]);
});

test('fifteen rows of the longest and most hostile names are within what Slack accepts, as a table and without one', () => {
  const name = `<!channel>|*\`${'x'.repeat(250)}`;
  const hostile: TopRow = {
    ...row,
    namespace: name,
    workload: { kind: 'Deployment', name },
    container: name,
    pod: name,
  };

  const answer = renderTop({
    ...input,
    ranked: Array.from({ length: 15 }, () => ({ group: 'near' as const, row: { ...hostile } })),
    more: 300,
    scope: [name],
    notes: Array.from({ length: 10 }, () => name),
  });

  expect(problemsOf(answer)).toEqual([]);
  expect(problemsOf({ ...answer, blocks: answer.classic ?? [] })).toEqual([]);
  expect(answer.text).not.toContain('<!channel>');
  expect(JSON.stringify(answer.classic)).not.toContain('<!channel>');
  expect(answer.text).toContain('300 more not shown');
});

test('ten rows are a page, which says where it is and can be turned', () => {
  const ranked = Array.from({ length: 23 }, (_, at) => ({
    group: 'near' as const,
    row: { ...row, workload: { kind: 'Deployment', name: `checkout-${at}` } },
  }));

  const answer = renderTop({ ...input, ranked, more: 7, from: 10, turn: 'top prod' });

  expect(cellsOf(answer)).toHaveLength(11);
  expect(answer.text).toContain('Top 23 in prod (rows 11 to 20 of 23, 7 more not shown)');
  expect(answer.text).toContain('checkout-10 ');
  expect(answer.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []))).toEqual([
    expect.objectContaining({ action_id: 'previous-page', value: JSON.stringify({ t: 'top prod', f: 0 }) }),
    expect.objectContaining({ action_id: 'next-page', value: JSON.stringify({ t: 'top prod', f: 20 }) }),
  ]);
  expect(problemsOf(answer)).toEqual([]);
});
