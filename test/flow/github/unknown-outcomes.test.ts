import { afterEach, describe, expect, test } from 'vitest';
import type { FaultKind } from '../../../sandbox/github/faults.ts';
import { branch, closeForgeWorlds, manifest, path, proposalOf, repo, startForgeWorld, wanted } from './forge-world.ts';

afterEach(closeForgeWorlds);

const deadlineMs = 1_500;
const steps = ['git/create-ref', 'repos/create-or-update-file-contents', 'pulls/create'] as const;

/** Each step that opens a pull request, with each way in which its outcome can stay unknown. */
const unknown = steps.flatMap((operation) =>
  (['timeout-after-success', 'http-500-after-success', 'http-502'] as const satisfies readonly FaultKind[]).map(
    (kind) => ({ operation, kind }),
  ),
);

describe('a write whose outcome is not known', () => {
  test.each(unknown)('is looked for, not repeated: $operation, $kind', async ({ operation, kind }) => {
    const { forgeWith, github, pulls, fileAt, writes } = await startForgeWorld();
    github.faults.inject({ kind, operation, holdMs: 10_000 });

    const opened = await forgeWith({ deadlineMs }).propose(proposalOf());

    expect(opened).toMatchObject({ number: 1, state: 'open' });
    expect(pulls()).toHaveLength(1);
    expect(fileAt(branch)).toBe(wanted);
    expect(commitsOn(github)).toBe(1);
    const sent = writes().filter((one) => one === operation).length;
    // What was not done is done in a second try, what was done is found.
    expect(sent).toBe(kind === 'http-502' ? 2 : 1);
  });

  test('makes no second pull request when the job is delivered again', async () => {
    const { forgeWith, github, pulls, writes } = await startForgeWorld();
    const forge = forgeWith({ deadlineMs });
    // The answer never comes, and from then on nothing at all can be read: the job is delivered again later.
    github.faults.inject({ kind: 'timeout-after-success', operation: 'pulls/create', holdMs: 10_000 });
    const stop = github.control.subscribe(() => {
      if (pulls().length === 1) github.faults.inject({ kind: 'http-502', method: 'GET', count: 100 });
    });
    await expect(forge.propose(proposalOf())).rejects.toMatchObject({ code: 'github-server-error', retry: 'backoff' });
    stop();
    github.faults.clear();
    expect(pulls()).toHaveLength(1);

    const opened = await forge.propose(proposalOf());

    expect(opened).toMatchObject({ number: 1, state: 'open' });
    expect(pulls()).toHaveLength(1);
    expect(writes().filter((one) => one === 'pulls/create')).toHaveLength(1);
  });

  test('is given up after a few looks, to be tried later', async () => {
    const { forge, github, pulls, writes } = await startForgeWorld();
    github.faults.inject({ kind: 'http-500', operation: 'pulls/create', count: 50 });

    await expect(forge.propose(proposalOf())).rejects.toMatchObject({ code: 'github-server-error', retry: 'backoff' });
    expect(writes().filter((one) => one === 'pulls/create')).toHaveLength(3);
    expect(pulls()).toEqual([]);
  });

  test('changes nothing twice when it was the update of a text', async () => {
    const { forgeWith, github, pulls } = await startForgeWorld();
    const forge = forgeWith({ deadlineMs });
    await forge.propose(proposalOf());
    github.faults.inject({ kind: 'timeout-after-success', operation: 'pulls/update', holdMs: 10_000 });

    await forge.propose(proposalOf(768));

    expect(pulls()).toMatchObject([{ number: 1, title: proposalOf(768).title }]);
    expect(commitsOn(github)).toBe(2);
  });
});

describe('a read', () => {
  test('is repeated by itself', async () => {
    const { forge, github } = await startForgeWorld();
    github.faults.inject({ kind: 'http-502', method: 'GET', count: 2 });

    await expect(forge.propose(proposalOf())).resolves.toMatchObject({ number: 1 });
  });
});

describe('somebody who is faster', () => {
  test('and changes the file between the look and the write is not overwritten', async () => {
    const { forge, github, fileAt, pulls } = await startForgeWorld();
    const theirs = manifest.replace('# pinned', '# pinned by lena');
    const stop = github.control.subscribe(() => {
      if (!('NOTES.md' in github.control.files(repo, branch)) && fileAt(branch) !== undefined)
        github.control.push({ repo, branch, files: { [path]: theirs, 'NOTES.md': 'why\n' }, user: 'lena' });
    });

    await forge.propose(proposalOf());
    stop();

    expect(fileAt(branch)).toBe(theirs.replace('512Mi', '640Mi').replace('256Mi', '640Mi'));
    expect(pulls()).toHaveLength(1);
  });

  test('and opens the pull request wins, and it is brought up to date', async () => {
    const { forge, github, pulls } = await startForgeWorld();
    github.control.push({ repo, branch, files: { [path]: wanted }, user: 'lena' });
    const headers = { authorization: `token ${github.token}` };
    const body = JSON.stringify({ title: 'By hand', head: branch, base: 'main' });
    await fetch(`${github.apiUrl}/repos/${repo}/pulls`, { method: 'POST', headers, body });

    await expect(forge.propose(proposalOf())).resolves.toMatchObject({ number: 1 });
    expect(pulls()).toMatchObject([{ title: proposalOf().title }]);
  });
});

/** Commits on our branch that the base has not. */
function commitsOn(github: Awaited<ReturnType<typeof startForgeWorld>>['github']): number {
  const written = github
    .requestLog()
    .filter(
      ({ operation, status, fault }) =>
        operation === 'repos/create-or-update-file-contents' &&
        (status === 200 || fault?.endsWith('after-success') === true),
    );
  return written.length;
}
