import { describe, expect, test } from 'vitest';
import { branchWithRaise, manifest, raised, refusalOf, shop, startTestGithub } from './github-world.ts';

const path = 'apps/checkout.yaml';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('files of a repository', () => {
  test('come as base64 in short lines, by a path that octokit sends with its slashes encoded', async () => {
    const { person, requestLog } = await startTestGithub();

    const { data } = await person.rest.repos.getContent({ ...shop, path });

    expect(requestLog()[0]?.path).toBe('/repos/acme/shop/contents/apps%2Fcheckout.yaml');
    expect(data).toMatchObject({
      type: 'file',
      name: 'checkout.yaml',
      path,
      encoding: 'base64',
      size: manifest.length,
    });
    const content = 'content' in data ? data.content : '';
    expect(content.split('\n')[0]).toHaveLength(60);
    expect(Buffer.from(content, 'base64').toString()).toBe(manifest);
  });

  test('come raw when asked for, whatever their size, and without content above 1 MiB otherwise', async () => {
    const large = '#'.repeat(1024 * 1024 + 1);
    const { person } = await startTestGithub({ repositories: [{ ...shop, files: { large, 'k/ö b.yaml': 'a: 1\n' } }] });

    const inline = await person.rest.repos.getContent({ ...shop, path: 'large' });
    const raw = await person.rest.repos.getContent({ ...shop, path: 'large', mediaType: { format: 'raw' } });
    const odd = await person.rest.repos.getContent({ ...shop, path: 'k/ö b.yaml' });

    expect(inline.data).toMatchObject({ size: large.length, encoding: 'none', content: '' });
    expect(raw.data).toBe(large);
    expect(odd.data).toMatchObject({ name: 'ö b.yaml', content: `${base64('a: 1\n')}\n` });
  });

  test('a folder is a list, and what is not there is a 404', async () => {
    const { person } = await startTestGithub();
    const get = async (options: { path: string; ref?: string }) =>
      person.rest.repos.getContent({ ...shop, ...options });

    const root = await get({ path: '' });
    const folder = await get({ path: 'apps' });

    expect(root.data).toMatchObject([
      { type: 'file', path: 'README.md' },
      { type: 'dir', path: 'apps' },
    ]);
    expect(folder.data).toMatchObject([{ type: 'file', path }]);
    expect(await refusalOf(get({ path: 'apps/none.yaml' }))).toMatchObject({ status: 404, message: 'Not Found' });
    expect(await refusalOf(get({ path, ref: 'none' }))).toMatchObject({
      status: 404,
      message: 'No commit found for the ref none',
    });
  });

  test('are written on a branch, one commit each, and the default branch stays as it was', async () => {
    const { control, person } = await startTestGithub();

    const commit = await branchWithRaise(person);
    const onBranch = await person.rest.repos.getContent({ ...shop, path, ref: 'oomkeeper/checkout' });
    const made = await person.rest.repos.createOrUpdateFileContents({
      ...shop,
      path: 'new/file.yaml',
      branch: 'oomkeeper/checkout',
      message: 'Add',
      content: base64('x: 1\n'),
    });

    expect(onBranch.data).toMatchObject({ content: expect.stringContaining(base64(raised).slice(0, 40)) });
    expect(made.status).toBe(201);
    expect(made.data.commit.parents).toMatchObject([{ sha: commit }]);
    expect(control.files('acme/shop')[path]).toBe(manifest);
    expect(control.files('acme/shop', 'oomkeeper/checkout')).toMatchObject({
      [path]: raised,
      'new/file.yaml': 'x: 1\n',
    });
  });

  test('are not written over without the SHA of what is there, and not to a branch that is not there', async () => {
    const { control, person } = await startTestGithub();
    const put = async (more: object) =>
      person.rest.repos.createOrUpdateFileContents({ ...shop, path, message: 'x', content: base64('x'), ...more });

    const without = await refusalOf(put({}));
    const stale = await refusalOf(put({ sha: 'f'.repeat(40) }));
    const nowhere = await refusalOf(put({ branch: 'none' }));
    const broken = await refusalOf(put({ content: '%%%' }));

    expect(without).toMatchObject({ status: 422, message: 'Invalid request.\n\n"sha" wasn\'t supplied.' });
    expect(stale).toMatchObject({ status: 409, message: `${path} does not match ${'f'.repeat(40)}` });
    expect(nowhere).toMatchObject({ status: 404, message: 'Branch none not found' });
    expect(broken).toMatchObject({ status: 422, message: 'content is not valid Base64' });
    expect(control.files('acme/shop')[path]).toBe(manifest);
  });

  test('of a protected branch change through pull requests only, of an archived repository never', async () => {
    const files = { [path]: manifest };
    const { control, person } = await startTestGithub({ repositories: [{ ...shop, files, protected: true }] });
    const put = async () =>
      person.rest.repos.createOrUpdateFileContents({ ...shop, path: 'new', message: 'x', content: base64('x') });

    const branch = await person.rest.repos.getBranch({ ...shop, branch: 'main' });
    const refused = await refusalOf(put());
    control.configure('acme/shop', { archived: true });
    const archived = await refusalOf(put());
    const still = await person.rest.repos.getContent({ ...shop, path });
    const about = await person.rest.repos.get(shop);

    expect(branch.data.protected).toBe(true);
    expect(refused).toMatchObject({
      status: 409,
      message: 'Could not create file: Changes must be made through a pull request.',
    });
    expect(archived).toMatchObject({ status: 403, message: 'Repository was archived so is read-only.' });
    expect([still.status, about.data.archived, about.data.default_branch]).toEqual([200, true, 'main']);
    expect(control.files('acme/shop')).toEqual(files);
  });

  test('a body that is no JSON is told apart from one that lacks something', async () => {
    const { apiUrl, person, token } = await startTestGithub();
    const send = async (body: string): Promise<unknown> => {
      const url = `${apiUrl}/repos/acme/shop/git/refs`;
      const response = await fetch(url, { method: 'POST', headers: { authorization: `token ${token}` }, body });
      return { status: response.status, ...((await response.json()) as object) };
    };

    expect(await send('{')).toMatchObject({ status: '400', message: 'Problems parsing JSON' });
    expect(await send('{"ref":"refs/heads/x"}')).toMatchObject({
      message: 'Invalid request.\n\n"sha" wasn\'t supplied.',
    });
    expect(await send('{"ref":null,"sha":"x"}')).toMatchObject({
      message: "Invalid request.\n\nFor 'properties/ref', nil is not a string.",
    });
    expect(await refusalOf(person.request('GET /repos/acme/shop/contents/%E0%A4%A'))).toMatchObject({ status: 400 });
  });
});
