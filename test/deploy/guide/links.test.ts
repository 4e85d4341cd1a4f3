import { access } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../scripts/project.mjs';
import { pages, proseOf } from './pages.ts';

test.for(pages)('each link of $path leads to a file and a section that exist', async ({ path, text }) => {
  const prose = proseOf(text);
  const inMarkdown = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  const inHtml = [...prose.matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, link = '']) => link);
  const broken: string[] = [];

  for (const link of [...inMarkdown, ...inHtml]) {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    const isThere = await exists(join(projectRoot, target));
    const page = pages.find((one) => one.path === target);
    const isSection = anchor === undefined || page === undefined || anchorsOf(page.text).includes(anchor);
    if (!isThere || !isSection) broken.push(link);
  }

  expect(broken).toEqual([]);
});

test('each page that a user reads is linked from another one', () => {
  const linked = new Set(
    pages.flatMap(({ path, text }) =>
      [...proseOf(text).matchAll(/\]\(([^)#\s]+)/g)].map(([, file = '']) => normalize(join(dirname(path), file))),
    ),
  );

  const alone = pages.map(({ path }) => path).filter((path) => /^docs\/[^/]+$/.test(path) && !linked.has(path));

  expect(alone).toEqual([]);
});

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => {
    const plain = title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const before = seen.get(plain) ?? 0;
    seen.set(plain, before + 1);
    return before === 0 ? plain : `${plain}-${before}`;
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
