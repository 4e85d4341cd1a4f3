import { describe, expect, test } from 'vitest';
import { coverageLines } from '../../../sandbox/github/api/operations.ts';
import { startTestGithub } from './github-world.ts';

const covered = [
  'GET /app',
  'GET /rate_limit',
  'GET /repos/{owner}/{repo}',
  'GET /repos/{owner}/{repo}/commits',
  'GET /repos/{owner}/{repo}/contents/{path+}',
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
  'GET /repos/{owner}/{repo}/git/ref/heads/{branch+}',
  'GET /repos/{owner}/{repo}/installation',
  'GET /repos/{owner}/{repo}/issues/{number}',
  'GET /repos/{owner}/{repo}/pulls',
  'GET /repos/{owner}/{repo}/pulls/{number}',
  'PATCH /repos/{owner}/{repo}/git/refs/heads/{branch+}',
  'PATCH /repos/{owner}/{repo}/pulls/{number}',
  'POST /app/installations/{installation_id}/access_tokens',
  'POST /repos/{owner}/{repo}/git/refs',
  'POST /repos/{owner}/{repo}/issues/{number}/labels',
  'POST /repos/{owner}/{repo}/pulls',
  'POST /repos/{owner}/{repo}/pulls/{number}/requested_reviewers',
  'PUT /repos/{owner}/{repo}/contents/{path+}',
];

/** What GitHub has beside it and a client may well try. */
const uncovered = [
  'GET /user',
  'GET /repos/acme/shop/branches/main',
  'GET /repos/acme/shop/pulls/1/files',
  'PUT /repos/acme/shop/pulls/1/merge',
  'GET /repos/acme/shop/commits/main',
  'GET /repos/acme/shop/compare/main...other',
  'GET /repos/acme/shop/pulls/1/reviews',
  'GET /installation/repositories',
  'GET /search/code',
  'DELETE /repos/acme/shop/git/refs/heads/main',
  'DELETE /repos/acme/shop/contents/README.md',
  'POST /graphql',
  'GET /nothing/of/the/kind',
];

describe('the coverage of the GitHub simulator', () => {
  test('is exactly this table', () => {
    expect(coverageLines().toSorted()).toEqual(covered);
  });

  test.each(['', '/api/v3'])(
    'is answered, below "%s" too, and everything else is a 501 with a line in the log',
    async (prefix) => {
      const { apiUrl, complaints, requestLog, token } = await startTestGithub();
      const status = async (line: string): Promise<number> => {
        const [method = '', path = ''] = line.split(' ');
        const named = path
          .replace('{owner}', 'acme')
          .replace('{repo}', 'shop')
          .replaceAll(/\{\w+\+?\}/g, '1');
        const headers = { authorization: `Bearer ${token}` };
        const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
        return (await fetch(`${apiUrl}${prefix}${named}`, { method, headers, ...body })).status;
      };

      const answered = await Promise.all(covered.map(status));
      const complaintsBefore = complaints.length;
      const refused = await Promise.all(uncovered.map(status));

      expect(answered.filter((code) => code >= 500)).toEqual([]);
      expect(complaintsBefore).toBe(0);
      expect(refused).toEqual(uncovered.map(() => 501));
      expect(complaints.map(({ message }) => message)).toEqual(
        uncovered.map(() => 'the GitHub simulator does not cover this path'),
      );
      expect(requestLog()).toHaveLength(covered.length + uncovered.length);
      expect(requestLog().filter(({ isEnterprise }) => isEnterprise !== (prefix !== ''))).toEqual([]);
    },
  );

  test('refuses arguments that GitHub understands and it does not, instead of ignoring them', async () => {
    const { complaints, person } = await startTestGithub();

    const call = person.rest.pulls.update({ owner: 'acme', repo: 'shop', pull_number: 1, base: 'other' });

    await expect(call).rejects.toMatchObject({ status: 501 });
    expect(complaints).toMatchObject([
      { message: 'the GitHub simulator does not cover the arguments base of pulls/update' },
    ]);
  });

  test('logs every request with what it did, and no token', async () => {
    const { person, requestLog, token } = await startTestGithub();

    await person.rest.repos.get({ owner: 'acme', repo: 'shop' });
    await person.rest.repos.get({ owner: 'acme', repo: 'nothing' }).catch(() => undefined);

    expect(requestLog()).toMatchObject([
      { seq: 1, method: 'GET', path: '/repos/acme/shop', operation: 'repos/get', status: 200 },
      { seq: 2, path: '/repos/acme/nothing', operation: 'repos/get', status: 404, error: 'Not Found' },
    ]);
    expect(JSON.stringify(requestLog())).not.toContain(token);
  });
});
