import { afterEach, describe, expect, test } from 'vitest';
import { parsePullRequestPayload } from '../../../src/core/talk/pull-request.ts';
import { deployment, resources, toMore } from '../../fixtures/manifests.ts';
import {
  branch,
  cart,
  closeForgeWorlds,
  manifest,
  path,
  proposalOf,
  repo,
  source,
  startForgeWorld,
  wanted,
} from './forge-world.ts';

afterEach(closeForgeWorlds);

const bigger = wanted.replaceAll('640Mi', '768Mi');

describe('a preview', () => {
  test('is the diff of the file, and writes nothing', async () => {
    const { forge, github, writes } = await startForgeWorld();

    const preview = await forge.preview(source, toMore);

    expect(preview).toMatchObject({ branch: 'main', path });
    expect(preview.diff).toContain(`--- a/${path}\n+++ b/${path}\n@@ limits.memory @@\n`);
    expect(preview.diff).toContain('-              memory: 512Mi\n+              memory: 640Mi\n');
    expect(preview.before).toEqual({ limit: '512Mi', request: '256Mi', variables: [] });
    expect(writes()).toEqual([]);
    expect(github.control.pulls(repo)).toEqual([]);
  });

  test.each([
    ['a folder', 'apps'],
    ['the root, by a file', 'checkout.yaml'],
    ['names that have to be encoded', 'äpp s/100%2F#?&+{x}/check out.yaml'],
  ])('finds the manifest in %s', async (_, at) => {
    const file = at.endsWith('.yaml') ? at : `${at}/checkout.yaml`;
    const files = { [file]: manifest, 'apps/cart.yaml': cart, 'apps/chart.yaml': '{{ x }}', 'apps/notes.txt': 'x' };
    const { forge } = await startForgeWorld({ files });

    await expect(forge.preview({ ...source, path: at }, toMore)).resolves.toMatchObject({ path: file });
  });

  test('reads from the branch that the source names', async () => {
    const { forge, github } = await startForgeWorld();
    github.control.push({ repo, branch: 'release/2026', files: { [path]: manifest.replace('512Mi', '300Mi') } });

    const preview = await forge.preview({ ...source, branch: 'release/2026' }, toMore);

    expect(preview.branch).toBe('release/2026');
    expect(preview.diff).toContain('-              memory: 300Mi');
  });
});

describe('the last change of a source', () => {
  test('is the last commit of its branch that changed it, until a time, and by whom', async () => {
    const { forge, github } = await startForgeWorld();
    const push = (at: string, text: string, user: string) =>
      github.control.push({ repo, branch: 'main', files: { [at]: text }, user });
    push(path, manifest.replace('512Mi', '500Mi'), 'sam-gh');
    push('apps/cart.yaml', `${cart}# more`, 'lena-gh');
    const later = Date.now() + 60_000;

    const last = await forge.lastChange(source, later);

    expect(last).toMatchObject({ by: 'sam-gh', commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(Math.abs((last?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(await forge.lastChange({ ...source, path: 'apps' }, later)).toMatchObject({ by: 'lena-gh' });
    expect(await forge.lastChange(source, 0)).toBeNull();
    expect(await forge.lastChange({ ...source, path: 'nothing.yaml' }, later)).toBeNull();
    await expect(forge.lastChange({ ...source, branch: 'nothing' }, later)).rejects.toThrow(repo);
  });
});

describe('a pull request', () => {
  test('is opened from a branch with one commit that changes nothing but the values', async () => {
    const { forge, github, pulls, fileAt, writes } = await startForgeWorld();
    const proposal = proposalOf();

    const opened = await forge.propose(proposal);

    expect(opened).toEqual({ number: 1, url: `${github.apiUrl}/${repo}/pull/1`, state: 'open', by: null, at: null });
    expect(pulls()).toMatchObject([{ title: proposal.title, body: proposal.body, head: branch, base: 'main' }]);
    expect(pulls()[0]?.labels).toEqual(['oomkeeper']);
    expect(fileAt(branch)).toBe(wanted);
    expect(fileAt()).toBe(manifest);
    expect(Object.keys(github.control.files(repo, branch))).toEqual(Object.keys(github.control.files(repo)));
    expect(writes()).toEqual([
      'git/create-ref',
      'repos/create-or-update-file-contents',
      'pulls/create',
      'issues/add-labels',
    ]);
  });

  test('is the same one when it is asked for again', async () => {
    const { forge, pulls, writes } = await startForgeWorld();
    const first = await forge.propose(proposalOf());
    const before = writes().length;

    const second = await forge.propose(proposalOf());

    expect(second).toEqual(first);
    expect(pulls()).toHaveLength(1);
    expect(writes()).toHaveLength(before);
  });

  test('is one when two workers open it at the same moment', async () => {
    const { forgeWith, pulls, fileAt } = await startForgeWorld();

    const both = await Promise.all([forgeWith({}).propose(proposalOf()), forgeWith({}).propose(proposalOf())]);

    expect(both.map(({ number }) => number)).toEqual([1, 1]);
    expect(pulls()).toHaveLength(1);
    expect(fileAt(branch)).toBe(wanted);
  });

  test('is brought up to date by another value', async () => {
    const { forge, pulls, fileAt } = await startForgeWorld();
    await forge.propose(proposalOf(640));

    const second = await forge.propose(proposalOf(768));

    expect(second.number).toBe(1);
    expect(pulls()).toMatchObject([{ title: proposalOf(768).title }]);
    expect(parsePullRequestPayload(pulls()[0]?.body ?? '')?.plan).toBe('PLAN-000768');
    expect(fileAt(branch)).toBe(bigger);
  });

  test('keeps what people have written into its text', async () => {
    const { forge, github, pulls } = await startForgeWorld();
    await forge.propose(proposalOf());
    const edited = { title: 'Please review', body: `Looks good\n\n${proposalOf().body}` };
    await patchPull(github, edited);

    await forge.propose(proposalOf());

    expect(pulls()).toMatchObject([edited]);
  });

  test('keeps what people have committed to its branch', async () => {
    const { forge, github, fileAt, pulls } = await startForgeWorld();
    await forge.propose(proposalOf());
    const theirs = wanted.replace('# pinned', '# pinned by lena');
    github.control.push({ repo, branch, files: { [path]: theirs, 'NOTES.md': 'why\n' }, user: 'lena' });

    await forge.propose(proposalOf(768));

    expect(fileAt(branch)).toBe(theirs.replaceAll('640Mi', '768Mi'));
    expect(fileAt(branch, 'NOTES.md')).toBe('why\n');
    expect(pulls()).toHaveLength(1);
  });

  test('is not opened over a branch whose file people have taken away', async () => {
    const { forge, github } = await startForgeWorld();
    await forge.propose(proposalOf());
    github.control.push({ repo, branch, files: { [path]: null }, user: 'lena' });

    await expect(forge.propose(proposalOf(768))).rejects.toMatchObject({
      code: 'source-not-found',
      message: expect.stringContaining('taken the file out of the branch'),
    });
  });

  test('is a new one after a person has closed the first, from the base as it is then', async () => {
    const { forge, github, fileAt, pulls } = await startForgeWorld();
    await forge.propose(proposalOf());
    github.control.close({ repo, number: 1, user: 'lena' });
    github.control.push({ repo, files: { [path]: manifest.replace('shop:1.4', 'shop:1.5') } });

    const second = await forge.propose(proposalOf(768));

    expect(second).toMatchObject({ number: 2, state: 'open' });
    expect(fileAt(branch)).toBe(bigger.replace('shop:1.4', 'shop:1.5'));
    expect(pulls().map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test('that is new keeps the commits of others on the branch of the one that was closed', async () => {
    const { forge, github, fileAt } = await startForgeWorld();
    await forge.propose(proposalOf());
    github.control.push({ repo, branch, files: { 'NOTES.md': 'why\n' }, user: 'lena' });
    github.control.close({ repo, number: 1, user: 'lena' });

    await expect(forge.propose(proposalOf(768))).resolves.toMatchObject({ number: 2, state: 'open' });
    expect(fileAt(branch)).toBe(bigger);
    expect(fileAt(branch, 'NOTES.md')).toBe('why\n');
  });

  test('is opened from a branch that a crash has left behind', async () => {
    const { forge, github, pulls, fileAt } = await startForgeWorld();
    github.faults.inject({ kind: 'bad-credentials', operation: 'pulls/create' });
    await expect(forge.propose(proposalOf())).rejects.toMatchObject({ code: 'github-bad-credentials' });
    expect(pulls()).toEqual([]);

    await expect(forge.propose(proposalOf())).resolves.toMatchObject({ number: 1, state: 'open' });
    expect(fileAt(branch)).toBe(wanted);
  });

  test('asks for reviews where it is told whose, once', async () => {
    const { forgeWith, pulls, writes } = await startForgeWorld();
    const forge = forgeWith({ reviewers: ['lena', 'shop/platform'] });

    await forge.propose(proposalOf());
    await forge.propose(proposalOf());

    expect(pulls()).toMatchObject([{ reviewers: ['lena'], teams: ['platform'] }]);
    expect(writes().filter((operation) => operation === 'pulls/request-reviewers')).toHaveLength(1);
  });

  test('is opened even if it cannot be labelled and nobody can review it', async () => {
    const { forgeWith, github, pulls, warnings } = await startForgeWorld();
    github.faults.inject({ kind: 'http-502', operation: 'issues/add-labels' });

    const opened = await forgeWith({ reviewers: ['nobody-here'] }).propose(proposalOf());

    expect(opened.state).toBe('open');
    expect(pulls()).toMatchObject([{ labels: [], reviewers: [] }]);
    expect(warnings).toEqual(['pull request without label or reviewers', 'pull request without label or reviewers']);
  });

  test('into a protected branch of another name comes from a branch of ours', async () => {
    const { forge, github, pulls } = await startForgeWorld({ defaultBranch: 'trunk', protected: true });

    await expect(forge.propose(proposalOf())).resolves.toMatchObject({ number: 1 });
    expect(pulls()).toMatchObject([{ base: 'trunk', head: branch }]);
    expect(github.control.files(repo)[path]).toBe(manifest);
  });

  test('changes the one manifest of a folder that holds the workload', async () => {
    const { forge, fileAt } = await startForgeWorld({ files: { [path]: manifest, 'apps/cart.yml': cart } });

    await forge.propose(proposalOf(640, { source: { ...source, path: 'apps' } }, { at: path }));

    expect(fileAt(branch)).toBe(wanted);
    expect(fileAt(branch, 'apps/cart.yml')).toBe(cart);
  });

  test('keeps bytes as they are: line ends, a byte order mark, no end of line', async () => {
    const text = `\uFEFF# größer\r\n${manifest.replaceAll('\n', '\r\n').trimEnd()}`;
    const { forge, fileAt } = await startForgeWorld({ files: { [path]: text } });

    await forge.propose(proposalOf(640, {}, { text }));

    expect(fileAt(branch)).toBe(text.replace('512Mi', '640Mi').replace('256Mi', '640Mi'));
  });
});

describe('looking at a pull request', () => {
  test('sees that it was merged, by whom and when', async () => {
    const { forge, github } = await startForgeWorld();
    await forge.propose(proposalOf());
    const before = Date.now();
    github.control.merge({ repo, number: 1, user: 'lena' });

    const seen = await forge.look(source, 1);

    expect(seen).toMatchObject({ number: 1, state: 'merged', by: 'lena' });
    // In whole seconds.
    expect(seen.at).toBeGreaterThan(before - 1_000);
    expect(seen.at).toBeLessThanOrEqual(Date.now());
  });

  test('sees that it was closed, and when', async () => {
    const { forge, github } = await startForgeWorld();
    await forge.propose(proposalOf());
    github.control.close({ repo, number: 1, user: 'sam' });

    const seen = await forge.look(source, 1);

    expect(seen).toMatchObject({ number: 1, state: 'closed' });
    expect(seen.at).not.toBeNull();
  });

  test('a job that runs again after the merge finds what was merged', async () => {
    const { forge, github, pulls } = await startForgeWorld();
    await forge.propose(proposalOf());
    github.control.merge({ repo, number: 1, user: 'lena' });

    await expect(forge.propose(proposalOf())).resolves.toMatchObject({ number: 1, state: 'merged', by: 'lena' });
    expect(pulls()).toHaveLength(1);
  });

  test('another plan after the merge opens the next one from the base as it is then', async () => {
    const { forge, github, fileAt } = await startForgeWorld();
    await forge.propose(proposalOf());
    github.control.merge({ repo, number: 1, user: 'lena' });

    await expect(forge.propose(proposalOf(768, {}, { text: wanted }))).resolves.toMatchObject({
      number: 2,
      state: 'open',
    });
    expect(fileAt()).toBe(wanted);
    expect(fileAt(branch)).toBe(bigger);
  });

  test('the same plan after its change was taken back opens another one', async () => {
    const { forge, github, fileAt } = await startForgeWorld();
    await forge.propose(proposalOf());
    github.control.merge({ repo, number: 1, user: 'lena' });
    github.control.push({ repo, files: { [path]: manifest } });

    await expect(forge.propose(proposalOf())).resolves.toMatchObject({ number: 2, state: 'open' });
    expect(fileAt(branch)).toBe(wanted);
  });
});

describe('who asks', () => {
  test('may be a GitHub App, which finds its installation', async () => {
    const { forgeWith, github, pulls } = await startForgeWorld();
    const { id, privateKey } = github.app;
    const forge = forgeWith({ auth: { appId: id, privateKey: privateKey.replaceAll('\n', String.raw`\n`) } });

    await forge.propose(proposalOf());
    await forge.look(source, 1);

    expect(pulls()).toMatchObject([{ user: { login: 'oomkeeper[bot]' } }]);
    const asked = github.requestLog().map(({ operation }) => operation);
    expect(asked.filter((operation) => operation === 'apps/get-repo-installation')).toHaveLength(1);
    expect(asked.filter((operation) => operation === 'apps/create-installation-access-token')).toHaveLength(1);
  });

  test('may be a GitHub App whose installation is given', async () => {
    const { forgeWith, github } = await startForgeWorld();
    const { id, privateKey, installationId } = github.app;
    const forge = forgeWith({ auth: { appId: id, privateKey, installationId } });

    await expect(forge.propose(proposalOf())).resolves.toMatchObject({ number: 1 });
    expect(github.requestLog().map(({ operation }) => operation)).not.toContain('apps/get-repo-installation');
  });

  test('may ask an Enterprise server', async () => {
    const { forgeWith, github } = await startForgeWorld();

    await forgeWith({ baseUrl: `${github.enterpriseApiUrl}/` }).propose(proposalOf());

    expect(github.requestLog().filter(({ isEnterprise }) => !isEnterprise)).toEqual([]);
  });

  test('never sends a slash of a path or a branch as %2F', async () => {
    const { forge, github } = await startForgeWorld({ files: { 'a/b/c.yaml': deployment(resources) } });

    await forge.propose(proposalOf(640, { source: { ...source, path: 'a/b/c.yaml' } }));
    github.control.close({ repo, number: 1, user: 'sam' });
    await forge.propose(proposalOf(768, { source: { ...source, path: 'a/b/c.yaml' } }));

    const paths = github.requestLog().map((entry) => entry.path.split('?')[0]);
    expect(paths.filter((one) => /%2f/i.test(one ?? ''))).toEqual([]);
    expect(paths).toContain(`/repos/${repo}/git/refs/heads/${branch}`);
  });
});

/** What a person does in the browser. */
async function patchPull({ apiUrl, token }: { apiUrl: string; token: string }, body: object): Promise<void> {
  const headers = { authorization: `token ${token}` };
  const response = await fetch(`${apiUrl}/repos/${repo}/pulls/1`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}
