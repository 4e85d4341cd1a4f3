import { expect, test } from 'vitest';
import { baseOfOwnCommits, commitMessage } from '../../../../src/adapters/github/own-commits.ts';
import type { Commit } from '../../../../src/adapters/github/repository.ts';

const sha = (digit: string): string => digit.repeat(40);
const [base, one, two, theirs] = [sha('b'), sha('1'), sha('2'), sha('f')];
const at = '2026-11-24T12:00:00Z';

function commit(message: string, parents: readonly string[], committedAt = at): Commit {
  return { message, parents, authoredAt: at, committedAt };
}

const own = commitMessage('Set limit 640Mi', base);
const first = commit(own, [base]);

const rows: readonly (readonly [string, Readonly<Record<string, Commit>>, string, string | null])[] = [
  ['one of ours', { [one]: first }, one, base],
  ['two of ours', { [one]: first, [two]: commit(own, [one]) }, two, base],
  ['a person has committed on top', { [one]: first, [theirs]: commit('Fix', [one]) }, theirs, null],
  [
    'a person has committed in between',
    { [one]: first, [theirs]: commit('Fix', [one]), [two]: commit(own, [theirs]) },
    two,
    null,
  ],
  ['a person has amended ours', { [one]: commit(own, [base], '2026-11-24T12:05:00Z') }, one, null],
  ['a person has rebased ours', { [one]: commit(own, [theirs]), [theirs]: commit('Main', [base]) }, one, null],
  ['the base was merged into it', { [two]: commit(own, [one, base]), [one]: first }, two, null],
  [
    'ours on top of those of others says nothing',
    { [two]: commit(commitMessage('Set limit', null), [theirs]) },
    two,
    null,
  ],
  ['the first commit of all', { [one]: commit(own, []) }, one, null],
  ['more of ours than there can be', { [one]: commit(own, [one]) }, one, null],
];

test.each(rows)('whose a branch is: %s', async (_, commits, tip, expected) => {
  const repository = {
    commit: async (name: string): Promise<Commit> => {
      const found = commits[name];
      if (found === undefined) throw new Error(`there is no commit ${name}`);
      return found;
    },
  };

  await expect(baseOfOwnCommits(repository, tip)).resolves.toBe(expected);
});
