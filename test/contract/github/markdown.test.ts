import { describe, expect, test } from 'vitest';
import { type Block, parseMarkdown, parseSpans, type Span } from '../../../sandbox/github/page/markdown.ts';
import { patchLines } from '../../../sandbox/github/page/patch-lines.ts';
import { hashOf, placeOf } from '../../../sandbox/github/page/place.ts';

/** Spans as one line: `<strong>…</strong>` and so on. */
const shown = (spans: readonly Span[]): string =>
  spans
    .map((span) => {
      switch (span.kind) {
        case 'text':
          return span.text;
        case 'code':
          return `<code>${span.text}</code>`;
        case 'link':
          return `<a ${span.url}>${shown(span.spans)}</a>`;
        case 'strong':
        case 'emphasis':
        case 'struck':
          return `<${span.kind}>${shown(span.spans)}</${span.kind}>`;
      }
    })
    .join('');

const outline = (blocks: readonly Block[]): readonly unknown[] =>
  blocks.map((block) => {
    switch (block.kind) {
      case 'heading':
        return `h${block.level} ${shown(block.spans)}`;
      case 'paragraph':
        return shown(block.spans);
      case 'code':
        return `code(${block.language}) ${block.text}`;
      case 'quote':
        return { quote: outline(block.blocks) };
      case 'list':
        return { [block.isOrdered ? 'ol' : 'ul']: block.items.map(outline) };
      case 'table':
        return { table: [block.head, ...block.rows].map((row) => row.map(shown)) };
      case 'rule':
        return 'rule';
    }
  });

describe('Markdown on the page', () => {
  test.each([
    ['plain words', 'plain words'],
    ['**256Mi** -> *512Mi*', '<strong>256Mi</strong> -> <emphasis>512Mi</emphasis>'],
    ['`a **b**` and ``c`d``', '<code>a **b**</code> and <code>c`d</code>'],
    ['snake_case_name 3*4*5', 'snake_case_name 3*4*5'],
    ['~~old~~ \\*new\\*', '<struck>old</struck> *new*'],
    ['[query](https://p.example/?q=1)', '<a https://p.example/?q=1>query</a>'],
    ['see https://p.example/a.', 'see <a https://p.example/a>https://p.example/a</a>.'],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    ['[x](data:text/html,y)', '[x](data:text/html,y)'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('reads %s', (text, expected) => {
    expect(shown(parseSpans(text))).toBe(expected);
  });

  test('reads the blocks that a pull request is made of', () => {
    const text = `## Why
Grows by *4 MiB* a minute,
killed every hour.
<!-- oomkeeper: INC-7F3K -->
- evidence
  - nested \`line\`
- more

1. first
2. second

> quoted
> **twice**

| when | used |
| --- | ---: |
| 14:02 | 255 \\| 256 |

\`\`\`diff
-  memory: 256Mi
+  memory: 512Mi
\`\`\`
---
end`;

    expect(outline(parseMarkdown(text))).toEqual([
      'h2 Why',
      'Grows by <emphasis>4 MiB</emphasis> a minute,\nkilled every hour.',
      { ul: [['evidence', { ul: [['nested <code>line</code>']] }], ['more']] },
      { ol: [['first'], ['second']] },
      { quote: ['quoted\n<strong>twice</strong>'] },
      {
        table: [
          ['when', 'used'],
          ['14:02', '255 | 256'],
        ],
      },
      'code(diff) -  memory: 256Mi\n+  memory: 512Mi',
      'rule',
      'end',
    ]);
  });

  test.each([
    ['nested quotes', '>'.repeat(20_000)],
    ['nested lists', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth * 2)}- x`).join('\n')],
    ['an open fence', '```\nnever closed'],
    ['stars', '*'.repeat(20_000)],
    ['open brackets', '['.repeat(20_000)],
    ['open ticks', '`a'.repeat(2_000)],
  ])('comes to an end with %s', (_, text) => {
    expect(parseMarkdown(text).length).toBeGreaterThan(0);
  });
});

describe('a patch on the page', () => {
  test('has line numbers on both sides and signs apart from the text', () => {
    const lines = patchLines('@@ -9,3 +9,3 @@ spec:\n a\n-b\n+B\n c\n\\ No newline at end of file');

    expect(lines).toEqual([
      { kind: 'hunk', before: null, after: null, text: '@@ -9,3 +9,3 @@ spec:' },
      { kind: 'kept', before: 9, after: 9, text: 'a' },
      { kind: 'removed', before: 10, after: null, text: 'b' },
      { kind: 'added', before: null, after: 10, text: 'B' },
      { kind: 'kept', before: 11, after: 11, text: 'c' },
      { kind: 'note', before: null, after: null, text: 'No newline at end of file' },
    ]);
  });
});

describe('an address on the page', () => {
  test.each([
    ['', { kind: 'all' }],
    ['#/', { kind: 'all' }],
    ['#/acme', { kind: 'all' }],
    ['#/acme/shop', { kind: 'repository', repo: 'acme/shop' }],
    ['#/acme/shop/pull/3', { kind: 'pull', repo: 'acme/shop', number: 3 }],
    ['#/acme/shop/pull/x', { kind: 'repository', repo: 'acme/shop' }],
    ['#/acme/%E0%A4', { kind: 'repository', repo: 'acme/%E0%A4' }],
  ] as const)('%s leads somewhere', (hash, place) => {
    expect(placeOf(hash)).toEqual(place);
  });

  test('is the one that a pull request is linked by', () => {
    expect(hashOf({ kind: 'pull', repo: 'acme/shop', number: 3 })).toBe('#/acme/shop/pull/3');
  });
});
