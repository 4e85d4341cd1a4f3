import { describe, expect, test } from 'vitest';
import { branchWithRaise, manifest, openRaise, raised, refusalOf, shop, startTestGithub } from './github-world.ts';

const path = 'apps/checkout.yaml';
const head = 'oomkeeper/checkout';

describe('a pull request', () => {
  test('is opened from a branch, with its diff, labels, reviewers and a comment', async () => {
    const { installation } = await startTestGithub();
    const { issues, pulls } = installation.rest;
    await branchWithRaise(installation);

    const opened = await pulls.create({ ...shop, head, base: 'main', title: 'Raise checkout', body: 'why' });
    const pull = { ...shop, pull_number: opened.data.number };
    const issue = { ...shop, issue_number: opened.data.number };
    const labels = await issues.addLabels({ ...issue, labels: ['oomkeeper', 'memory'] });
    await issues.addLabels({ ...issue, labels: ['memory'] });
    const asked = await pulls.requestReviewers({ ...pull, reviewers: ['amira'], team_reviewers: ['platform'] });
    await issues.createComment({ ...issue, body: 'still growing' });
    const files = await pulls.listFiles(pull);
    const comments = await issues.listComments(issue);
    const kept = await issues.listLabelsOnIssue(issue);

    expect(opened.status).toBe(201);
    expect(opened.data).toMatchObject({
      number: 1,
      state: 'open',
      merged: false,
      user: { login: 'oomkeeper[bot]', type: 'Bot' },
      head: { ref: head, label: `acme:${head}` },
      base: { ref: 'main' },
      commits: 1,
      additions: 2,
      deletions: 2,
      changed_files: 1,
    });
    expect(files.data).toMatchObject([{ filename: path, status: 'modified', additions: 2, deletions: 2 }]);
    expect(files.data[0]?.patch).toContain('@@ -11,9 +11,9 @@ spec:\n');
    expect(files.data[0]?.patch).toContain(
      '-              memory: 256Mi # as measured in May\n+              memory: 512Mi # as measured in May\n',
    );
    expect(labels.data.map(({ name }) => name)).toEqual(['oomkeeper', 'memory']);
    expect(kept.data.map(({ name }) => name)).toEqual(['oomkeeper', 'memory']);
    expect(asked.data).toMatchObject({
      requested_reviewers: [{ login: 'amira' }],
      requested_teams: [{ slug: 'platform' }],
    });
    expect(comments.data).toMatchObject([{ body: 'still growing', user: { login: 'oomkeeper[bot]' } }]);
  });

  test('is not known to be mergeable before somebody has asked once', async () => {
    const { control, person } = await startTestGithub();
    const pull_number = await openRaise(person);
    const get = async () => (await person.rest.pulls.get({ ...shop, pull_number })).data;

    const asked = [await get(), await get()];
    control.push({ repo: 'acme/shop', files: { [path]: manifest.replace('256Mi #', '384Mi #') } });
    const afterClash = [await get(), await get()];

    expect(asked.map(({ mergeable }) => mergeable)).toEqual([null, true]);
    expect(asked[1]).toMatchObject({ mergeable_state: 'clean', merge_commit_sha: expect.any(String), merged: false });
    expect(afterClash.map(({ mergeable }) => mergeable)).toEqual([null, false]);
    expect(afterClash[1]).toMatchObject({ mergeable_state: 'dirty', merge_commit_sha: null });
  });

  test.each([
    [
      'when one is open for the branch',
      { head },
      { code: 'custom', message: `A pull request already exists for acme:${head}.` },
    ],
    ['without a difference', { head: 'main' }, { code: 'custom', message: 'No commits between main and main' }],
    ['from an unknown branch', { head: 'none' }, { field: 'head', code: 'invalid' }],
    ['from somebody else’s branch', { head: 'eve:main' }, { field: 'head', code: 'invalid' }],
    ['into an unknown branch', { head, base: 'none' }, { field: 'base', code: 'invalid' }],
    ['without a title', { head: 'other', title: ' ' }, { field: 'title', code: 'missing_field' }],
  ])('is not opened %s', async (_, wrong, error) => {
    const { control, person } = await startTestGithub();
    await openRaise(person);

    const refused = await refusalOf(person.rest.pulls.create({ ...shop, base: 'main', title: 't', ...wrong }));

    expect(refused).toMatchObject({ status: 422, errors: [{ resource: 'PullRequest', ...error }] });
    expect(refused.message).toContain('Validation Failed');
    expect(control.pulls('acme/shop')).toHaveLength(1);
  });

  test('follows its branch, and is edited in place', async () => {
    const { person } = await startTestGithub();
    const pull_number = await openRaise(person);
    const { pulls, repos } = person.rest;
    const before = (await pulls.get({ ...shop, pull_number })).data.head.sha;
    const file = await repos.getContent({ ...shop, path, ref: head });

    const written = await repos.createOrUpdateFileContents({
      ...shop,
      path,
      branch: head,
      message: 'More',
      content: Buffer.from(manifest.replaceAll('256Mi', '640Mi')).toString('base64'),
      sha: 'sha' in file.data ? file.data.sha : '',
    });
    await pulls.update({ ...shop, pull_number, title: 'new title', body: 'new body' });
    const after = (await pulls.get({ ...shop, pull_number })).data;
    const files = await pulls.listFiles({ ...shop, pull_number });

    expect(after).toMatchObject({ title: 'new title', body: 'new body', commits: 2, changed_files: 1 });
    expect([before === after.head.sha, after.head.sha]).toEqual([false, written.data.commit.sha]);
    expect(files.data[0]?.patch).toContain('640Mi');
    expect(files.data[0]?.patch).not.toContain('512Mi');
  });

  test('is found by its branch; a head without its owner filters nothing', async () => {
    const { person } = await startTestGithub();
    await openRaise(person, 'oomkeeper/a');
    await openRaise(person, 'oomkeeper/b');
    const { pulls } = person.rest;
    await pulls.update({ ...shop, pull_number: 1, state: 'closed' });
    const numbers = async (filter: object) =>
      (await pulls.list({ ...shop, ...filter })).data.map(({ number }) => number);

    expect(await numbers({})).toEqual([2]);
    expect(await numbers({ state: 'all' })).toEqual([2, 1]);
    expect(await numbers({ state: 'all', head: 'acme:oomkeeper/a' })).toEqual([1]);
    expect(await numbers({ head: 'acme:oomkeeper/a' })).toEqual([]);
    expect(await numbers({ state: 'all', head: 'oomkeeper/a' })).toEqual([2, 1]);
    expect(await numbers({ state: 'all', base: 'other' })).toEqual([]);
    expect(await numbers({ state: 'all', per_page: 1, page: 2 })).toEqual([1]);
    const page = await pulls.list({ ...shop, state: 'all', per_page: 1 });
    expect(page.headers.link).toMatch(/pulls\?state=all&per_page=1&page=2>; rel="next"/);
  });

  test('merges into a protected branch, and says who did it; what it changed stays visible', async () => {
    const { control, person } = await startTestGithub();
    const pull_number = await openRaise(person);
    control.configure('acme/shop', { protected: true });
    const { pulls, repos } = person.rest;
    const { head: tip } = (await pulls.get({ ...shop, pull_number })).data;

    const merged = await pulls.merge({ ...shop, pull_number, sha: tip.sha });
    const after = await pulls.get({ ...shop, pull_number });
    const main = await repos.getBranch({ ...shop, branch: 'main' });
    const files = await pulls.listFiles({ ...shop, pull_number });
    const again = await refusalOf(pulls.merge({ ...shop, pull_number }));

    expect(merged.data).toMatchObject({ merged: true, message: 'Pull Request successfully merged' });
    expect(after.data).toMatchObject({
      state: 'closed',
      merged: true,
      merged_by: { login: 'oomkeeper-machine' },
      merge_commit_sha: merged.data.sha,
    });
    expect(main.data.commit.sha).toBe(merged.data.sha);
    expect(main.data.commit.commit.message).toBe(
      `Merge pull request #1 from acme/${head}\n\ncheckout: memory limit 256Mi -> 512Mi`,
    );
    expect(files.data).toMatchObject([{ filename: path, changes: 4 }]);
    expect(again).toMatchObject({ status: 405, message: 'Pull Request is not mergeable' });
    expect(control.files('acme/shop')[path]).toBe(raised);
  });

  test('keeps what happened on the base branch meanwhile, and does not merge where both changed a line', async () => {
    const { control, person } = await startTestGithub();
    const first = await openRaise(person, 'oomkeeper/a');
    const second = await openRaise(person, 'oomkeeper/b');
    control.push({ repo: 'acme/shop', files: { [path]: manifest.replace('port: 80', 'port: 81') } });
    control.push({ repo: 'acme/shop', branch: 'oomkeeper/b', files: { [path]: raised.replaceAll('512Mi', '768Mi') } });

    const merged = await person.rest.pulls.merge({ ...shop, pull_number: first, merge_method: 'squash' });
    const clash = await refusalOf(person.rest.pulls.merge({ ...shop, pull_number: second }));
    const commit = await person.rest.git.getCommit({ ...shop, commit_sha: merged.data.sha });

    expect(control.files('acme/shop')[path]).toBe(raised.replace('port: 80', 'port: 81'));
    expect(commit.data.parents).toHaveLength(1);
    expect(commit.data.message).toContain('(#1)');
    expect(clash).toMatchObject({ status: 405, message: 'Pull Request is not mergeable' });
  });

  test.each([
    ['a head that moved on', { sha: 'f'.repeat(40) }, 409, 'Head branch was modified'],
    ['a way that the repository forbids', { merge_method: 'rebase' }, 405, 'Rebase merges are not allowed'],
  ] as const)('is not merged with %s', async (_, wrong, status, message) => {
    const { control, person } = await startTestGithub();
    const pull_number = await openRaise(person);

    const refused = await refusalOf(person.rest.pulls.merge({ ...shop, pull_number, ...wrong }));

    expect(refused).toMatchObject({ status, message: expect.stringContaining(message) });
    expect(control.files('acme/shop')[path]).toBe(manifest);
  });

  test('a draft is not merged', async () => {
    const { person } = await startTestGithub();
    await branchWithRaise(person);
    const opened = await person.rest.pulls.create({ ...shop, head, base: 'main', title: 't', draft: true });

    const refused = await refusalOf(person.rest.pulls.merge({ ...shop, pull_number: opened.data.number }));

    expect(refused).toMatchObject({ status: 405, message: 'Pull Request is still a draft' });
  });

  test('closes, reopens and, once merged, stays closed', async () => {
    const { person } = await startTestGithub();
    const pull_number = await openRaise(person);
    const { pulls } = person.rest;
    const set = async (state: 'open' | 'closed') => (await pulls.update({ ...shop, pull_number, state })).data;

    const closed = await set('closed');
    const issue = await person.rest.issues.get({ ...shop, issue_number: pull_number });
    const unmergeable = await refusalOf(pulls.merge({ ...shop, pull_number }));
    const reopened = await set('open');
    await pulls.merge({ ...shop, pull_number });
    const refused = await refusalOf(set('open'));

    expect(closed).toMatchObject({ state: 'closed', merged: false, merged_by: null, closed_at: expect.any(String) });
    expect(issue.data).toMatchObject({
      state: 'closed',
      closed_by: { login: 'oomkeeper-machine' },
      pull_request: { merged_at: null },
    });
    expect(unmergeable.status).toBe(405);
    expect(reopened).toMatchObject({ state: 'open', closed_at: null });
    expect(refused).toMatchObject({ status: 422, errors: [{ field: 'state', code: 'invalid' }] });
  });

  test('asks nobody for a review who is no collaborator, or who wrote it', async () => {
    const { person } = await startTestGithub({ people: ['amira', 'oomkeeper-machine'] });
    const pull_number = await openRaise(person);
    const ask = async (reviewers: string[]) =>
      refusalOf(person.rest.pulls.requestReviewers({ ...shop, pull_number, reviewers }));

    expect(await ask(['eve'])).toMatchObject({
      status: 422,
      message: expect.stringContaining('not a collaborator of the acme/shop repository'),
    });
    expect(await ask(['oomkeeper-machine'])).toMatchObject({
      status: 422,
      message: 'Review cannot be requested from pull request author.',
    });
  });

  test('that is not there is a 404 for every question', async () => {
    const { person } = await startTestGithub();
    const { issues, pulls } = person.rest;
    const pull = { ...shop, pull_number: 9 };
    const issue = { ...shop, issue_number: 9 };

    const statuses = await Promise.all(
      [
        pulls.get(pull),
        pulls.update({ ...pull, title: 'x' }),
        pulls.listFiles(pull),
        pulls.merge(pull),
        issues.addLabels({ ...issue, labels: ['x'] }),
        issues.createComment({ ...issue, body: 'x' }),
      ].map(async (call) => (await refusalOf(call)).status),
    );

    expect(statuses).toEqual([404, 404, 404, 404, 404, 404]);
  });
});
