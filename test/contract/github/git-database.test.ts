import { describe, expect, test } from 'vitest';
import { branchWithRaise, manifest, raised, refusalOf, shop, startTestGithub } from './github-world.ts';

const path = 'apps/checkout.yaml';

describe('the git database', () => {
  test('takes a commit of several files: blobs, tree, commit, branch', async () => {
    const { control, person } = await startTestGithub();
    const { git } = person.rest;
    const main = await git.getRef({ ...shop, ref: 'heads/main' });
    const head = await git.getCommit({ ...shop, commit_sha: main.data.object.sha });

    const blob = await git.createBlob({ ...shop, content: Buffer.from(raised).toString('base64'), encoding: 'base64' });
    const tree = await git.createTree({
      ...shop,
      base_tree: head.data.tree.sha,
      tree: [
        { path, mode: '100644', type: 'blob', sha: blob.data.sha },
        { path: 'notes/why.md', mode: '100644', type: 'blob', content: 'leak\n' },
        { path: 'README.md', mode: '100644', type: 'blob', sha: null },
      ],
    });
    const commit = await git.createCommit({
      ...shop,
      message: 'Raise',
      tree: tree.data.sha,
      parents: [head.data.sha],
      author: { name: 'Oomkeeper', email: 'bot@example.com', date: '2026-11-24T12:00:00Z' },
    });
    const ref = await git.createRef({ ...shop, ref: 'refs/heads/oomkeeper/a', sha: commit.data.sha });
    const whole = await git.getTree({ ...shop, tree_sha: 'oomkeeper/a', recursive: 'true' });
    const back = await git.getBlob({ ...shop, file_sha: blob.data.sha });

    expect(ref.data).toMatchObject({ ref: 'refs/heads/oomkeeper/a', object: { sha: commit.data.sha, type: 'commit' } });
    expect(commit.data.author).toEqual({ name: 'Oomkeeper', email: 'bot@example.com', date: '2026-11-24T12:00:00Z' });
    expect(whole.data.tree.map((entry) => entry.path)).toEqual(['apps', path, 'notes', 'notes/why.md']);
    expect(Buffer.from(back.data.content, 'base64').toString()).toBe(raised);
    expect(control.files('acme/shop', 'oomkeeper/a')).toEqual({ [path]: raised, 'notes/why.md': 'leak\n' });
    expect(control.files('acme/shop')[path]).toBe(manifest);
  });

  test('finds branches by the start of their name, an unknown one not at all', async () => {
    const { person } = await startTestGithub();
    await branchWithRaise(person, 'oomkeeper/a');
    await branchWithRaise(person, 'oomkeeper/b');
    const { git } = person.rest;

    const both = await git.listMatchingRefs({ ...shop, ref: 'heads/oomkeeper/' });
    const none = await git.listMatchingRefs({ ...shop, ref: 'heads/none' });

    expect(both.data.map(({ ref }) => ref)).toEqual(['refs/heads/oomkeeper/a', 'refs/heads/oomkeeper/b']);
    expect(none.data).toEqual([]);
    expect(await refusalOf(git.getRef({ ...shop, ref: 'heads/none' }))).toMatchObject({ status: 404 });
  });

  test('moves a branch forward, and back only by force', async () => {
    const { person } = await startTestGithub();
    const { git } = person.rest;
    const main = (await git.getRef({ ...shop, ref: 'heads/main' })).data.object.sha;
    const raise = await branchWithRaise(person);
    const ref = 'heads/oomkeeper/checkout';

    const back = await refusalOf(git.updateRef({ ...shop, ref, sha: main }));
    const forced = await git.updateRef({ ...shop, ref, sha: main, force: true });
    const forward = await git.updateRef({ ...shop, ref, sha: raise });

    expect(back).toMatchObject({ status: 422, message: 'Update is not a fast forward' });
    expect([forced.data.object.sha, forward.data.object.sha]).toEqual([main, raise]);
  });

  test.each([
    ['a branch that is there', { ref: 'refs/heads/main' }, 'Reference already exists'],
    ['a branch below a branch', { ref: 'refs/heads/main/sub' }, 'Reference update failed'],
    ['a commit that is not there', { ref: 'refs/heads/x', sha: 'f'.repeat(40) }, 'Object does not exist'],
    ['a name without refs/', { ref: 'x' }, 'x is not a valid reference name.'],
    ['a name with blanks', { ref: 'refs/heads/a b' }, 'refs/heads/a b is not a valid reference name.'],
  ])('makes no ref for %s', async (_, wrong, message) => {
    const { control, person } = await startTestGithub();
    const main = (await person.rest.git.getRef({ ...shop, ref: 'heads/main' })).data.object.sha;

    const refused = await refusalOf(person.rest.git.createRef({ ...shop, sha: main, ...wrong }));

    expect(refused).toMatchObject({ status: 422, message });
    expect(control.files('acme/shop', 'x')).toEqual({});
  });

  test('refuses to update what is not there, and what only pull requests may change', async () => {
    const { control, person } = await startTestGithub();
    const { git } = person.rest;
    const raise = await branchWithRaise(person);
    control.configure('acme/shop', { protected: true });
    const update = async (more: object) =>
      refusalOf(git.updateRef({ ...shop, ref: 'heads/main', sha: raise, ...more }));

    expect(await update({ ref: 'heads/none' })).toMatchObject({ status: 422, message: 'Reference does not exist' });
    expect(await update({ sha: 'f'.repeat(40) })).toMatchObject({ status: 422, message: 'Object does not exist' });
    expect(await update({})).toMatchObject({ status: 422, message: 'Changes must be made through a pull request.' });
    expect(control.files('acme/shop')[path]).toBe(manifest);
  });

  test.each([
    ['an unknown blob', [{ path: 'a', mode: '100644', sha: 'f'.repeat(40) }], 422, 'is not a valid blob'],
    ['a path that climbs', [{ path: '../a', mode: '100644', content: 'x' }], 422, 'malformed path component'],
    ['nothing', [], 422, 'Invalid tree info'],
    ['a link, which is not covered', [{ path: 'a', mode: '120000', content: 'b' }], 501, 'does not cover'],
  ] as const)('makes no tree of %s', async (_, tree, status, message) => {
    const { person } = await startTestGithub();

    const refused = await refusalOf(person.rest.git.createTree({ ...shop, tree: [...tree] }));

    expect(refused).toMatchObject({ status, message: expect.stringContaining(message) });
  });

  test('makes no commit without its tree or its parents', async () => {
    const { person } = await startTestGithub();
    const { git } = person.rest;
    const none = 'f'.repeat(40);
    const tree = (await git.getTree({ ...shop, tree_sha: 'main' })).data.sha;

    expect(await refusalOf(git.createCommit({ ...shop, message: 'x', tree: none }))).toMatchObject({
      status: 422,
      message: 'Tree SHA does not exist',
    });
    expect(await refusalOf(git.createCommit({ ...shop, message: 'x', tree, parents: [none] }))).toMatchObject({
      message: 'Parent SHA does not exist or is not a commit object',
    });
    expect(await refusalOf(git.getCommit({ ...shop, commit_sha: none }))).toMatchObject({ status: 404 });
  });
});
