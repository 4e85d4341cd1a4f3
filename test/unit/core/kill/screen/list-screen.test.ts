import { describe, expect, test } from 'vitest';
import { createListScreen } from '../../../../../src/core/kill/screen/list-screen.ts';

const plain = {
  metadata: { name: 'a', annotations: { note: '},{"metadata":{"name":"x"},"terminated":{' } },
  spec: { volumes: [{ name: 'v' }, { ephemeral: { volumeClaimTemplate: { metadata: { name: 'v' } } } }] },
};
const killed = { metadata: { name: 'b' }, status: { state: { terminated: { exitCode: 137 } } } };
const evicted = { metadata: { name: 'Päd ☸ 𝒌' }, status: { phase: 'Failed', reason: 'Evicted' } };
const list = (items: readonly unknown[] | null, metadata: object = { resourceVersion: '7', continue: 'abc' }) => ({
  kind: 'PodList',
  apiVersion: 'v1',
  metadata,
  items,
});

/** Screens a page in chunks of this size. */
function screen(page: string, chunkBytes = page.length, maxLineBytes?: number) {
  const screening = createListScreen(maxLineBytes === undefined ? {} : { maxLineBytes });
  const bytes = Buffer.from(page);
  const lines: (readonly [string, string])[] = [];
  for (let from = 0; from < bytes.length; from += chunkBytes)
    for (const line of screening.push(Buffer.from(bytes.subarray(from, from + chunkBytes))))
      lines.push([line.is, line.bytes.toString()]);
  const end = screening.end();
  if (end.is === 'whole') lines.push(...end.lines.map((line) => [line.is, line.bytes.toString()] as const));
  return { lines, end };
}

const candidates = [killed, evicted].map((item) => ['candidate', JSON.stringify(item)]);

describe('a compact page, as the API server writes it', () => {
  test.each([1, 2, 3, 7, 13, 14, 15, 16, 64, 1000])('is screened the same in chunks of %i bytes', (chunkBytes) => {
    const page = JSON.stringify(list([plain, killed, plain, evicted]));

    const { lines, end } = screen(`${page}\n`, chunkBytes);

    expect(lines).toEqual(candidates);
    expect(end).toMatchObject({ is: 'whole', resourceVersion: '7', next: 'abc' });
  });

  test.each([
    ['the last item', [plain, killed]],
    ['the first item', [killed, plain]],
    ['the only item', [killed]],
  ])('may have its kill in %s', (_, items) => {
    expect(screen(JSON.stringify(list(items)), 5).lines).toEqual(candidates.slice(0, 1));
  });

  test('of which an item is too long loses only that', () => {
    const long = { metadata: { name: 'c', note: 'x'.repeat(2_000) } };

    const { lines, end } = screen(JSON.stringify(list([killed, long, evicted])), 100, 1_000);

    expect(lines.map(([is]) => is)).toEqual(['candidate', 'too-long', 'candidate']);
    expect(end).toMatchObject({ resourceVersion: '7' });
  });

  test('without a token is the last one', () => {
    expect(screen(JSON.stringify(list([plain], { resourceVersion: '7', continue: '' }))).end).toMatchObject({
      next: null,
    });
  });

  test.each([[[]], [null]])('may be empty: %j', (items) => {
    expect(screen(JSON.stringify(list(items)), 10).end).toEqual({
      is: 'whole',
      lines: [],
      resourceVersion: '7',
      next: 'abc',
    });
  });
});

describe('a page that somebody has encoded again is parsed', () => {
  const items = [plain, killed, evicted];
  const { kind, apiVersion, metadata } = list(items);
  const python = (text: string): string => text.replaceAll('":', '": ').replaceAll(',"', ', "');

  test.each([
    ['over several lines', JSON.stringify(list(items), null, 2)],
    ['with spaces', python(JSON.stringify(list([killed])))],
    ['in the order of the alphabet', JSON.stringify({ apiVersion, items, kind, metadata })],
    ['with kind and version in each item', JSON.stringify(list(items.map((item) => ({ kind: 'Pod', ...item }))))],
    ['with much in front', JSON.stringify({ notes: 'x'.repeat(20_000), ...list(items) })],
  ])('%s', (_, page) => {
    const { lines, end } = screen(page, 100);

    expect(end).toMatchObject({ is: 'whole', resourceVersion: '7', next: 'abc' });
    expect(lines.map(([, line]) => line).join('\n')).toContain('"terminated":{"exitCode":137}');
    expect(lines.every(([is]) => is === 'candidate')).toBe(true);
  });
});

describe('what is no whole list is broken', () => {
  const page = JSON.stringify(list([plain, killed]));

  test.each([
    ['cut in an item', page.slice(0, -40)],
    ['cut behind an item', page.slice(0, -2)],
    ['cut in its head', page.slice(0, 30)],
    ['nothing', ''],
    ['a page of words', '<html>'],
    ['something else', '{"kind":"Status"}'],
    ['without a version', JSON.stringify(list([plain], {}))],
  ])('%s', (_, text) => {
    expect(screen(text, 50).end).toEqual({ is: 'broken' });
  });
});
