import { verify } from '@octokit/webhooks-methods';
import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mergeTexts, unifiedDiff } from '../../../sandbox/github/diff.ts';
import { readBody } from '../../../sandbox/http-router.ts';
import { listen } from '../../../sandbox/listen.ts';
import { branchWithRaise, manifest, openRaise, raised, refusalOf, shop, startTestGithub } from './github-world.ts';

const path = 'apps/checkout.yaml';
const head = 'oomkeeper/checkout';
const repo = 'acme/shop';

describe('a pull request', () => {
  test('is opened, edited, labelled and given reviewers', async () => {
    const { person } = await startTestGithub();
    const pull_number = await openRaise(person);
    const { issues, pulls } = person.rest;

    await issues.addLabels({ ...shop, issue_number: pull_number, labels: ['oomkeeper'] });
    await pulls.requestReviewers({ ...shop, pull_number, reviewers: ['lena'], team_reviewers: ['platform'] });
    await pulls.update({ ...shop, pull_number, title: 'new title', body: 'new body' });
    const { data } = await pulls.get({ ...shop, pull_number });

    expect(data).toMatchObject({
      number: 1,
      state: 'open',
      title: 'new title',
      body: 'new body',
      user: { login: 'oomkeeper-machine' },
      labels: [{ name: 'oomkeeper' }],
      requested_reviewers: [{ login: 'lena' }],
      requested_teams: [{ slug: 'platform' }],
      head: { ref: head },
      base: { ref: 'main' },
      merged: false,
      changed_files: 1,
    });
  });

  test.each([
    ['a second time for its branch', { head }, { message: `A pull request already exists for acme:${head}.` }],
    ['from a branch without commits', { head: 'main' }, { message: 'No commits between main and main' }],
    ['from an unknown branch', { head: 'none' }, { field: 'head', code: 'invalid' }],
    ['from somebody else’s branch', { head: 'eve:main' }, { field: 'head', code: 'invalid' }],
    ['into an unknown branch', { head, base: 'none' }, { field: 'base', code: 'invalid' }],
    ['without a title', { head: 'other', title: ' ' }, { field: 'title', code: 'missing_field' }],
  ])('is not opened %s', async (_, wrong, error) => {
    const { control, person } = await startTestGithub();
    await openRaise(person);

    const refused = await refusalOf(person.rest.pulls.create({ ...shop, base: 'main', title: 't', ...wrong }));

    expect(refused).toMatchObject({ status: 422, errors: [{ resource: 'PullRequest', ...error }] });
    expect(control.pulls(repo)).toHaveLength(1);
  });

  test('is found by its branch; a head without its owner filters nothing', async () => {
    const { control, person } = await startTestGithub();
    await openRaise(person, 'oomkeeper/a');
    await openRaise(person, 'oomkeeper/b');
    control.close({ repo, number: 1, user: 'sam' });
    const numbers = async (filter: object) =>
      (await person.rest.pulls.list({ ...shop, ...filter })).data.map(({ number }) => number);

    expect(await numbers({})).toEqual([2]);
    expect(await numbers({ state: 'all' })).toEqual([2, 1]);
    expect(await numbers({ state: 'all', per_page: 1 })).toEqual([2]);
    expect(await numbers({ state: 'all', head: 'acme:oomkeeper/a' })).toEqual([1]);
    expect(await numbers({ head: 'acme:oomkeeper/a' })).toEqual([]);
    expect(await numbers({ state: 'all', head: 'oomkeeper/a' })).toEqual([2, 1]);
    expect(await numbers({ state: 'all', base: 'other' })).toEqual([]);
  });

  test('is merged by a person into a protected branch, once, and follows its branch until then', async () => {
    const { control, person } = await startTestGithub();
    const pull_number = await openRaise(person);
    const before = (await person.rest.pulls.get({ ...shop, pull_number })).data.head.sha;
    control.push({ repo, branch: head, files: { 'notes.md': 'why\n' } });
    const after = (await person.rest.pulls.get({ ...shop, pull_number })).data;
    control.protect(repo);
    const merge = { repo, number: pull_number, user: 'lena' };

    const outcomes = [control.merge({ ...merge, user: 'eve' }), control.merge(merge), control.merge(merge)];
    const { data } = await person.rest.pulls.get({ ...shop, pull_number });

    expect([before === after.head.sha, after.changed_files]).toEqual([false, 2]);
    expect(outcomes).toEqual([
      { ok: false, error: 'There is no person eve' },
      { ok: true },
      { ok: false, error: 'Pull Request is not mergeable' },
    ]);
    expect(data).toMatchObject({ state: 'closed', merged: true, merged_by: { login: 'lena' }, changed_files: 2 });
    expect(data.merged_at).toBe(data.closed_at);
    expect(control.files(repo)).toMatchObject({ [path]: raised, 'notes.md': 'why\n' });
  });

  test('keeps what happened on the base branch meanwhile, and does not merge where both changed a line', async () => {
    const { control, person } = await startTestGithub();
    const number = await openRaise(person, 'oomkeeper/a');
    const second = await openRaise(person, 'oomkeeper/b');
    control.push({ repo, files: { [path]: manifest.replace('port: 80', 'port: 81') } });
    control.push({ repo, branch: 'oomkeeper/b', files: { [path]: raised.replaceAll('512Mi', '768Mi') } });

    const merged = control.merge({ repo, number, user: 'lena' });
    const clash = control.merge({ repo, number: second, user: 'lena' });

    expect(merged).toEqual({ ok: true });
    expect(control.files(repo)[path]).toBe(raised.replace('port: 80', 'port: 81'));
    expect(clash).toEqual({ ok: false, error: 'Pull Request is not mergeable' });
  });

  test('that was closed says by whom in the issue behind it only', async () => {
    const { control, person } = await startTestGithub();
    const number = await openRaise(person);

    const outcomes = [0, 1].map(() => control.close({ repo, number, user: 'sam' }));
    const issue = await person.rest.issues.get({ ...shop, issue_number: number });
    const pull = await person.rest.pulls.get({ ...shop, pull_number: number });

    expect(outcomes).toMatchObject([{ ok: true }, { ok: false }]);
    expect(issue.data).toMatchObject({ state: 'closed', closed_by: { login: 'sam' } });
    expect(pull.data).toMatchObject({ state: 'closed', merged_at: null, merged_by: null });
  });

  test('asks nobody for a review who is no collaborator, or who wrote it', async () => {
    const { person } = await startTestGithub({ people: ['amira', 'oomkeeper-machine'] });
    const pull_number = await openRaise(person);
    const ask = async (reviewers: string[]) =>
      refusalOf(person.rest.pulls.requestReviewers({ ...shop, pull_number, reviewers }));

    expect((await ask(['eve'])).message).toContain('not a collaborator of the acme/shop repository');
    expect((await ask(['oomkeeper-machine'])).message).toBe('Review cannot be requested from pull request author.');
  });

  test('that is not there is a 404 for every question', async () => {
    const { person } = await startTestGithub();
    const { issues, pulls } = person.rest;
    const calls = [
      pulls.get({ ...shop, pull_number: 9 }),
      pulls.update({ ...shop, pull_number: 9, title: 'x' }),
      issues.get({ ...shop, issue_number: 9 }),
      issues.addLabels({ ...shop, issue_number: 9, labels: ['x'] }),
    ];

    const refusals = await Promise.all(calls.map(refusalOf));

    expect(refusals.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });
});

describe('a diff', () => {
  test.each([
    ['nothing', 'a\nb\n', 'a\nb\n', ''],
    ['a new file', '', 'a\nb\n', '@@ -0,0 +1,2 @@\n+a\n+b'],
    ['a removed file', 'a\n', '', '@@ -1 +0,0 @@\n-a'],
    ['one line', 'a\nb\nc\n', 'a\nB\nc\n', '@@ -1,3 +1,3 @@\n a\n-b\n+B\n c'],
    ['a lost line end', 'a\nb\n', 'a\nb', '@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file'],
    [
      'two places',
      '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n',
      'zero\n1\n2\n3\n4\n5\n6\n7\n8\nnine\n',
      '@@ -1,4 +1,4 @@\n-0\n+zero\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-9\n+nine',
    ],
  ])('of %s is what git says', (_, before, after, expected) => {
    expect(unifiedDiff(before, after).patch).toBe(expected);
  });

  test('counts lines, also of texts that are too long for the shortest one', () => {
    const lines = (word: string): string => Array.from({ length: 4_000 }, (_, line) => `${word} ${line}\n`).join('');

    expect(unifiedDiff('a\nb\nc\n', 'a\nx\ny\nc\nd\n')).toMatchObject({ additions: 3, deletions: 1 });
    expect(unifiedDiff(lines('old'), lines('new'))).toMatchObject({ additions: 4_000, deletions: 4_000 });
  });

  const base = '1\n2\n3\n4\n5\n';
  test.each([
    ['changes far from each other', '1\nA\n3\n4\n5\n', '1\n2\n3\n4\nB\n', '1\nA\n3\n4\nB\n'],
    ['the same change on both sides', '1\nA\n3\n4\n5\n', '1\nA\n3\n4\n5\n', '1\nA\n3\n4\n5\n'],
    ['a change of one side only', base, '1\n2\n3\nB\n5\n', '1\n2\n3\nB\n5\n'],
    ['different changes of one line', '1\nA\n3\n4\n5\n', '1\nB\n3\n4\n5\n', undefined],
    ['changes of neighbouring lines', '1\nA\n3\n4\n5\n', '1\n2\nB\n4\n5\n', undefined],
  ])('is merged with another: %s', (_, ours, theirs, expected) => {
    expect(mergeTexts(base, ours, theirs)).toBe(expected);
  });
});

interface Received {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
  readonly text: string;
}

/** A receiver that keeps what it got, in the order in which it came. */
async function startReceiver(): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const header = (name: string): string => String(request.headers[name]);
      received.push({
        event: header('x-github-event'),
        guid: header('x-github-delivery'),
        signature: header('x-hub-signature-256'),
        text,
      });
      response.writeHead(202).end();
    });
  });
  const port = await listen(server, 0);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}/webhook`, received };
}

describe('webhooks', () => {
  test('are signed, start with a ping and tell of pull requests', async () => {
    const { control, installation, webhookSecret } = await startTestGithub();
    const { received, url } = await startReceiver();
    control.setWebhook(url);
    await control.idle();
    const number = await openRaise(installation);
    await control.idle();

    control.merge({ repo, number, user: 'amira' });
    await control.idle();

    expect(received.map(({ event }) => event)).toEqual(['ping', 'pull_request', 'pull_request']);
    const { signature = '', text = '' } = received.at(-1) ?? {};
    expect(JSON.parse(text)).toMatchObject({
      action: 'closed',
      number: 1,
      pull_request: { number: 1, merged: true, merged_by: { login: 'amira' }, base: { ref: 'main' } },
      repository: { full_name: 'acme/shop' },
      sender: { login: 'amira' },
    });
    expect(await verify(webhookSecret, text, signature)).toBe(true);
    expect(await verify('another secret', text, signature)).toBe(false);
  });

  test('may be doubled on demand, and are logged where nobody listens', async () => {
    const { complaints, control, faults, person } = await startTestGithub();
    const { received, url } = await startReceiver();
    control.setWebhook(url);
    faults.inject({ kind: 'webhook-twice', operation: 'pull_request' });

    await openRaise(person);
    await control.idle();
    control.setWebhook('http://127.0.0.1:1/');
    await control.idle();

    const [, first, second] = received;
    expect(received).toHaveLength(3);
    expect(second).toEqual(first);
    expect(complaints.map(({ message }) => message)).toEqual(['a webhook could not be delivered']);
  });
});

describe('faults on demand', () => {
  test.each([
    ['http-500', 500],
    ['http-502', 502],
    ['bad-credentials', 401],
    ['secondary-rate-limit', 403],
    ['rate-limit', 403],
    ['rate-limit-429', 429],
  ] as const)('%s answers so as often as asked and does nothing', async (kind, status) => {
    const { control, faults, person } = await startTestGithub();
    await branchWithRaise(person);
    faults.inject({ kind, operation: 'pulls/create', count: 2 });
    const create = async () => person.rest.pulls.create({ ...shop, head, base: 'main', title: 't' });

    const refused = [await refusalOf(create()), await refusalOf(create())];
    const none = control.pulls(repo).length;
    await create();

    expect(refused.map((refusal) => refusal.status)).toEqual([status, status]);
    expect([none, control.pulls(repo).length]).toEqual([0, 1]);
  });

  test.each(['http-500-after-success', 'timeout-after-success'] as const)(
    '%s does it and does not say so',
    async (kind) => {
      const { control, faults, person, requestLog } = await startTestGithub();
      await branchWithRaise(person);
      faults.inject({ kind, operation: 'pulls/create', holdMs: 20 });

      const create = person.rest.pulls.create({ ...shop, head, base: 'main', title: 't' });

      await expect(create).rejects.toMatchObject({ status: 500 });
      expect(control.pulls(repo)).toHaveLength(1);
      expect(requestLog().at(-1)).toMatchObject({ status: kind === 'timeout-after-success' ? null : 500, fault: kind });
    },
  );
});
