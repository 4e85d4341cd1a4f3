import { describe, expect, test } from 'vitest';
import { branchWithRaise, manifest, raised, refusalOf, shop, startTestGithub } from './github-world.ts';

const path = 'apps/checkout.yaml';
const none = 'f'.repeat(40);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('files of a repository', () => {
  test('come as base64 in short lines, by a path that octokit sends with its slashes encoded', async () => {
    const { person, requestLog } = await startTestGithub();

    const { data } = await person.rest.repos.getContent({ ...shop, path });

    expect(requestLog()[0]?.path).toBe('/repos/acme/shop/contents/apps%2Fcheckout.yaml');
    expect(data).toMatchObject({ type: 'file', name: 'checkout.yaml', path, size: manifest.length });
    const content = 'content' in data ? data.content : '';
    expect(content.split('\n')[0]).toHaveLength(60);
    expect(Buffer.from(content, 'base64').toString()).toBe(manifest);
  });

  // The value is what git gives for the same file.
  test('have the SHA that git gives them, and no content above 1 MiB', async () => {
    const large = '#'.repeat(1024 * 1024 + 1);
    const { person } = await startTestGithub({
      repositories: [{ ...shop, files: { large, 'k/ö b.yaml': 'hello\n' } }],
    });

    const whole = await person.rest.repos.getContent({ ...shop, path: 'large' });
    const odd = await person.rest.repos.getContent({ ...shop, path: 'k/ö b.yaml' });

    expect(whole.data).toMatchObject({ size: large.length, encoding: 'none', content: '' });
    expect(odd.data).toMatchObject({ name: 'ö b.yaml', sha: 'ce013625030ba8dba906f756967f9e9ca394464a' });
  });

  test('a folder is a list, and what is not there is a 404', async () => {
    const files = { 'apps/a.yaml': 'a', 'apps/deep/b.yaml': 'b', 'apps-c.yaml': 'c' };
    const { person } = await startTestGithub({ repositories: [{ ...shop, files }] });
    const get = async (options: { path: string; ref?: string }) =>
      person.rest.repos.getContent({ ...shop, ...options });

    expect((await get({ path: 'apps' })).data).toMatchObject([
      { type: 'file', path: 'apps/a.yaml' },
      { type: 'dir', path: 'apps/deep' },
    ]);
    expect(await refusalOf(get({ path: 'apps/none.yaml' }))).toMatchObject({ status: 404, message: 'Not Found' });
    expect(await refusalOf(get({ path, ref: 'none' }))).toMatchObject({
      status: 404,
      message: 'No commit found for the ref none',
    });
  });

  test('are written on a branch, one commit each, and the default branch stays as it was', async () => {
    const { control, person } = await startTestGithub();

    const commit = await branchWithRaise(person);
    const made = await person.rest.repos.createOrUpdateFileContents({
      ...shop,
      path: 'new/file.yaml',
      branch: 'oomkeeper/checkout',
      message: 'Add',
      content: base64('x: 1\n'),
    });

    expect(made.status).toBe(201);
    expect(made.data.commit.parents).toMatchObject([{ sha: commit }]);
    expect(control.files('acme/shop')[path]).toBe(manifest);
    expect(control.files('acme/shop', 'oomkeeper/checkout')).toMatchObject({
      [path]: raised,
      'new/file.yaml': 'x: 1\n',
    });
  });

  test('are not written over without the SHA of what is there, nor where no branch or no right is', async () => {
    const { control, person } = await startTestGithub();
    const put = async (more: object) =>
      refusalOf(
        person.rest.repos.createOrUpdateFileContents({ ...shop, path, message: 'x', content: base64('x'), ...more }),
      );

    expect(await put({})).toMatchObject({ status: 422, message: 'Invalid request.\n\n"sha" wasn\'t supplied.' });
    expect(await put({ sha: none })).toMatchObject({ status: 409, message: `${path} does not match ${none}` });
    expect(await put({ branch: 'none' })).toMatchObject({ status: 404, message: 'Branch none not found' });
    expect(await put({ content: '%%%' })).toMatchObject({ status: 422, message: 'content is not valid Base64' });
    control.protect('acme/shop');
    const sha = await person.rest.repos.getContent({ ...shop, path });
    expect(await put({ sha: 'sha' in sha.data ? sha.data.sha : '' })).toMatchObject({
      status: 409,
      message: 'Changes must be made through a pull request.',
    });
    expect(control.files('acme/shop')[path]).toBe(manifest);
  });

  test('of an archived repository are read and never written', async () => {
    const repositories = [{ ...shop, files: { [path]: manifest }, archived: true }];
    const { person } = await startTestGithub({ repositories });

    const read = await person.rest.repos.get(shop);
    const refused = await refusalOf(branchWithRaise(person));

    expect(read.data.archived).toBe(true);
    expect(refused).toMatchObject({ status: 403, message: 'Repository was archived so is read-only.' });
  });
});

describe('branches', () => {
  test('move forward, and back only by force', async () => {
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
    ['a commit that is not there', { ref: 'refs/heads/x', sha: none }, 'Object does not exist'],
    ['a name with blanks', { ref: 'refs/heads/a b' }, 'refs/heads/a b is not a valid reference name.'],
  ])('are not made of %s', async (_, wrong, message) => {
    const { control, person } = await startTestGithub();
    const main = (await person.rest.git.getRef({ ...shop, ref: 'heads/main' })).data.object.sha;

    const refused = await refusalOf(person.rest.git.createRef({ ...shop, sha: main, ...wrong }));

    expect(refused).toMatchObject({ status: 422, message });
    expect(control.files('acme/shop', 'x')).toEqual({});
  });

  test('that are not there, or that only pull requests may change, are not updated', async () => {
    const { control, person } = await startTestGithub();
    const { git } = person.rest;
    const raise = await branchWithRaise(person);
    control.protect('acme/shop');
    const update = async (more: object) =>
      refusalOf(git.updateRef({ ...shop, ref: 'heads/main', sha: raise, ...more }));

    expect(await update({ ref: 'heads/none' })).toMatchObject({ status: 422, message: 'Reference does not exist' });
    expect(await update({ sha: none })).toMatchObject({ status: 422, message: 'Object does not exist' });
    expect(await update({})).toMatchObject({ status: 422, message: 'Changes must be made through a pull request.' });
    expect(await refusalOf(git.getRef({ ...shop, ref: 'heads/none' }))).toMatchObject({ status: 404 });
    expect(await refusalOf(git.getCommit({ ...shop, commit_sha: none }))).toMatchObject({ status: 404 });
  });
});
