import { describe, expect, onTestFinished, test } from 'vitest';
import { startControl } from '../../../sandbox/control.ts';
import { githubRoutes } from '../../../sandbox/github/github-routes.ts';
import { openRaise, raised, startTestGithub, type TestGithub } from './github-world.ts';

async function startTestControl(): Promise<{ readonly github: TestGithub; readonly url: string }> {
  const github = await startTestGithub({ pageUrl: () => 'http://127.0.0.1:4040/github/#' });
  const control = await startControl({ routes: githubRoutes(github), port: 0 });
  onTestFinished(control.close);
  return { github, url: control.url };
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, ...((await response.json()) as object) };
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

describe('the control API of the GitHub simulator', () => {
  test('shows repositories and pull requests with their diff', async () => {
    const { github, url } = await startTestControl();
    await openRaise(github.installation);

    const state = await get(`${url}/github/state`);

    expect(state).toMatchObject({
      version: expect.any(Number),
      people: ['amira', 'sam', 'lena'],
      repositories: [
        {
          name: 'acme/shop',
          defaultBranch: 'main',
          isArchived: false,
          isProtected: false,
          pulls: [
            {
              number: 1,
              state: 'open',
              author: 'oomkeeper[bot]',
              isDraft: false,
              hasConflicts: false,
              files: [{ path: 'apps/checkout.yaml', additions: 2, deletions: 2, patch: expect.stringContaining('+') }],
            },
          ],
        },
      ],
    });
    const pull = await github.person.rest.pulls.get({ owner: 'acme', repo: 'shop', pull_number: 1 });
    expect(pull.data.mergeable).toBeNull();
    expect(pull.data.html_url).toBe('http://127.0.0.1:4040/github/#/acme/shop/pull/1');
  });

  test('merges and closes as a person, once', async () => {
    const { github, url } = await startTestControl();
    await openRaise(github.person, 'oomkeeper/a');
    await openRaise(github.person, 'oomkeeper/b');
    const first = { repo: 'acme/shop', number: 1, user: 'amira' };

    const merged = await post(`${url}/github/merge`, first);
    const again = await post(`${url}/github/merge`, first);
    const closed = await post(`${url}/github/close`, { ...first, number: 2 });
    const stranger = await post(`${url}/github/merge`, { ...first, user: 'eve' });
    const incomplete = await post(`${url}/github/merge`, { repo: 'acme/shop' });

    expect(merged).toEqual({ status: 200, ok: true });
    expect(again).toEqual({ status: 409, ok: false, error: 'Pull Request is not mergeable' });
    expect(closed).toEqual({ status: 200, ok: true });
    expect(stranger).toEqual({ status: 409, ok: false, error: 'There is no person eve' });
    expect(incomplete).toEqual({ status: 400, ok: false, error: 'invalid_arguments' });
    expect(github.control.pulls('acme/shop').map(({ merged: by, state }) => [state, by?.by.login])).toEqual([
      ['closed', 'amira'],
      ['closed', undefined],
    ]);
  });

  test('writes and reads files', async () => {
    const { url } = await startTestControl();
    const files = { 'apps/checkout.yaml': raised, 'README.md': null };

    const written = await post(`${url}/github/files`, { repo: 'acme/shop', files });
    const unknown = await post(`${url}/github/files`, { repo: 'acme/none', files });
    const wrong = await post(`${url}/github/files`, { repo: 'acme/shop', files: { a: 1 } });
    const read = await get(`${url}/github/files?repo=acme/shop`);

    expect(written).toMatchObject({ ok: true });
    expect(unknown).toEqual({ status: 409, ok: false, error: 'Not Found' });
    expect(wrong).toMatchObject({ status: 400 });
    expect(read).toEqual({ 'apps/checkout.yaml': raised });
  });

  test('injects faults, sets the webhook, and gives logs line by line', async () => {
    const { github, url } = await startTestControl();

    const unknown = await post(`${url}/github/faults`, { kind: 'earthquake' });
    const injected = await post(`${url}/github/faults`, { kind: 'http-500', operation: 'repos/get', count: 3 });
    await github.person.rest.repos.get({ owner: 'acme', repo: 'shop' }).catch(() => undefined);
    const list = await get(`${url}/github/faults`);
    await fetch(`${url}/github/faults`, { method: 'DELETE' });
    const cleared = await github.person.rest.repos.get({ owner: 'acme', repo: 'shop' });
    const noUrl = await post(`${url}/github/webhook`, { url: 'nonsense' });
    const off = await post(`${url}/github/webhook`, { url: null });
    const log = await (await fetch(`${url}/github/log`)).text();

    expect(unknown).toMatchObject({ status: 400, error: 'unknown_fault' });
    expect(injected).toMatchObject({ id: 'F1' });
    expect(list).toMatchObject([{ kind: 'http-500', fired: 1, remaining: 2 }]);
    expect([cleared.status, noUrl, off]).toMatchObject([200, { status: 400 }, { ok: true }]);
    expect(log.trim().split('\n')).toHaveLength(2);
    expect(log).not.toContain(github.token);
  });

  test('tells of every change by server-sent events', async () => {
    const { github, url } = await startTestControl();
    const response = await fetch(`${url}/github/events`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();

    const first = await reader?.read();
    github.control.configure('acme/shop', { archived: true });
    const second = await reader?.read();
    await reader?.cancel();

    expect(first?.value).toBe('event: state\ndata: {"version":0}\n\n');
    expect(second?.value).toBe('event: state\ndata: {"version":1}\n\n');
  });

  test('seeds more repositories, each once', async () => {
    const { github } = await startTestControl();
    const repositories = [{ owner: 'acme', repo: 'charts', files: { 'values.yaml': 'a: 1\n' }, archived: true }];

    github.control.seed({ repositories });

    expect(() => github.control.seed({ repositories })).toThrow('there is a repository acme/charts already');
    expect(github.control.files('ACME/Charts')).toEqual({ 'values.yaml': 'a: 1\n' });
  });
});
