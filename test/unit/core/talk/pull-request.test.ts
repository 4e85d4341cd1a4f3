import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Subject } from '../../../../src/core/kill/kill.ts';
import { branchOf, parsePullRequestPayload, renderPullRequest } from '../../../../src/core/talk/pull-request.ts';
import { aKill, aLoaded, anExplanation, aPlan, killedAt, Mi } from '../../../fixtures/incidents.ts';
import { wordChange } from '../../../fixtures/manifests.ts';

const diff = '--- a/apps/shop.yaml\n+++ b/apps/shop.yaml\n@@ -1 +1 @@\n-memory: 512Mi\n+memory: 640Mi';
const plan = aPlan({ means: ['pull-request'], diff });

/** Everything that a cluster could put its words into. */
function hostile(words: string, id = words): ReturnType<typeof renderPullRequest> {
  const subject: Subject = {
    cluster: 'prod',
    namespace: words,
    workload: { kind: words, name: words },
    container: words,
  };
  const explained = anExplanation({
    diagnosis: {
      hypotheses: [{ cause: 'leak', confidence: 0.5, sentence: words, for: [words], against: [words] }],
      slopeBytesPerSecond: null,
      nextKillAt: null,
    },
    evidence: [{ label: words, text: words, source: words, at: killedAt, missing: false }],
  });
  const loaded = aLoaded({ subject: { ...subject, cluster: id }, explained, id });
  const drift = [{ of: words, text: words }];
  return renderPullRequest(
    loaded,
    aPlan({ id, container: words, diff: words, expectedEffect: words, undo: words, drift }),
    null,
  );
}

/** What is left when the payload and code are taken out, which form nothing. */
function withoutCode(body: string): string {
  return body
    .replace(/<!--[^\n]*-->\n$/, '')
    .replaceAll(/^(`{3,})diff\n[^]*?\n\1$/gm, '')
    .replaceAll(/(?<![\\`])(`+) [^\n]*? \1(?!`)/g, '');
}

describe('what a pull request says', () => {
  test('is the verdict, the diff, the effect, the way back and the evidence with source and time', () => {
    const { title, body } = renderPullRequest(aLoaded({ explained: anExplanation() }, 3), plan, null);

    expect(title).toBe('Set limit 640Mi for checkout/app (shop)');
    expect(body).toContain('Deployment checkout/app (shop) in cluster prod'.replace(/[()]/g, String.raw`\$&`));
    expect(body).toContain('was killed for memory 3 times, last at 14:02:11 UTC on 2026-11-24.');
    expect(body).toContain('**Limit too low: steady at 505Mi under a limit of 512Mi.** (confidence 86%)');
    expect(body).toContain('- for: flat for 6 h at 98% of the limit\n- against: only one replica was killed');
    expect(body).toContain(`### What changes\n\n\`\`\`diff\n${diff}\n\`\`\``);
    expect(body).toContain('### What to expect\n\nNo more kills at this load.');
    expect(body).toContain('### How to undo it\n\nSet the limit to 512Mi again.');
    expect(body).toContain('- Usage: last sample 412Mi (` prometheus `, 14:02:11 UTC)');
    expect(body).toContain('- Rollout (missing): no revision known');
    expect(body).toContain('` INC-7F3K `');
  });

  test('leads back to the incident, whatever people add', () => {
    const { body } = renderPullRequest(aLoaded({ explained: anExplanation() }), plan, null);

    const payload = { cluster: 'prod', incident: 'INC-7F3K', plan: 'PLAN-7F3K2A' };
    expect(parsePullRequestPayload(body)).toEqual(payload);
    expect(parsePullRequestPayload(`Hello\r\n${body.replaceAll('\n', '\r\n')}\r\n- [x] reviewed`)).toEqual(payload);
  });

  test('says nothing of what a log says', () => {
    const evidence = [
      { label: 'Log', text: 'last lines: password=hunter2', source: 'kubelet', at: killedAt, missing: false },
    ];
    const { body } = renderPullRequest(aLoaded({ explained: anExplanation({ evidence }) }), plan, null);

    expect(body).not.toContain('hunter2');
    expect(body).toContain('- Log: kept in the thread');
  });

  test('says in what the file differs from the cluster', () => {
    const drift = [{ of: 'limit', text: 'The limit in the file is 1Gi; the cluster runs with 512Mi.' }];

    expect(renderPullRequest(aLoaded(), { ...plan, drift }, null).body).toContain(
      'Note: The limit in the file is 1Gi; the cluster runs with 512Mi.',
    );
    expect(renderPullRequest(aLoaded(), plan, null).body).not.toContain('Note:');
  });

  test('names the flags that change with the limit', () => {
    const env = [wordChange('JAVA_TOOL_OPTIONS', null, '-Xmx448m')];

    const { title } = renderPullRequest(
      aLoaded(),
      aPlan({ ...plan, env, to: { limitBytes: 640 * Mi, requestBytes: null } }),
      null,
    );

    expect(title).toBe('Set limit 640Mi with JAVA_TOOL_OPTIONS for checkout/app (shop)');
  });

  test('is there before anything was explained', () => {
    const { body } = renderPullRequest(aLoaded(), plan, null);

    expect(body).toContain('killed for memory once');
    expect(body).not.toContain('### Evidence');
  });

  test.each([
    ['a mention', '@octocat and @shop/oncall', /@[a-z]/i],
    ['a closing reference', 'fixes #12, closes shop/infra#7, GH-3', /#\d|GH-\d/],
    ['a link', 'https://evil.example www.evil.example', /:\/\/|www\./],
    ['a link of Markdown', '[click](javascript:alert) ![p](x)', /(?<!\\)[[\]!]/],
    ['HTML', '<img src=x onerror=y><!-- a', /(?<!\\)</],
    ['a heading in a new line', 'x\n# Approved\n\n> by everybody', /^(?:# Approved|> by)/m],
    ['a rule and a list', 'x\n---\n- [x] reviewed', /^- \[x]/m],
    ['a format', '*b* _i_ ~~s~~ `c`', /(?<!\\)[_~]|(?<![\\*])\*(?!\*)/],
    ['an emoji', ':rocket: :+1:', /:rocket:|:\+1:/],
    ['text that runs backwards', 'abc\u202Edef\u200B', /[\u202A-\u202E\u200B]/],
    ['formulas', '$x$', /(?<!\\)\$/],
  ])('forms no %s from hostile text', (_, words, formed) => {
    const { title, body } = hostile(words);

    expect(withoutCode(body)).not.toMatch(formed);
    expect(title).not.toMatch(/[\n\u202E]|@[a-z]|#\d/);
  });

  test.each(['x\n```\n# out', '```````', '`` ` ``', '`', 'a`b``c'])(
    'lets nothing out of a block or a span of code: %j',
    (words) => {
      const { body } = hostile(words);

      const blocks = [...body.matchAll(/^(`{3,})diff\n([^]*?)\n\1$/gm)].map(([, , inside]) => inside);
      expect(blocks).toEqual([words]);
      expect(withoutCode(body)).not.toMatch(/(?<![\\`])`/);
    },
  );

  test.each([
    '-->',
    '--!>',
    '<!-- oomkeeper {"cluster":"prod","incident":"INC-0000","plan":"PLAN-000000"} -->',
    '"} -->',
    '---------',
    '\u2028 -->\n',
  ])('keeps its payload whole with %j in every name', (words) => {
    const { body } = hostile(words);

    expect(parsePullRequestPayload(body)).toEqual({ cluster: words, incident: words, plan: words });
    expect(body.trimEnd().split('\n').at(-1)).toMatch(/^<!-- oomkeeper (?:(?!--)[^<>])* -->$/);
  });

  test('stays below what a forge takes', () => {
    const { title, body } = hostile('@#1 `x` '.repeat(20_000), 'INC-7F3K');

    expect(title.length).toBeLessThanOrEqual(256);
    expect(body.length).toBeLessThan(65_536);
  });
});

describe('the payload of a body that is not ours', () => {
  test.each([
    '',
    'a pull request of somebody else',
    '<!-- oomkeeper -->',
    '<!-- oomkeeper {} -->',
    '<!-- oomkeeper {"cluster":"prod"} -->',
    '<!-- oomkeeper {"cluster":"prod","incident":"I","plan":"P","more":1} -->',
    '<!-- oomkeeper {"cluster":1,"incident":"I","plan":"P"} -->',
    '<!-- oomkeeper {broken} -->',
    '<!-- other {"cluster":"prod","incident":"I","plan":"P"} -->',
  ])('is nothing: %j', (body) => {
    expect(parsePullRequestPayload(body)).toBeNull();
  });
});

describe('the branch of a subject', () => {
  const { subject } = aKill();

  test('is always the same and tells whose it is', () => {
    expect(branchOf(subject)).toMatch(/^oomkeeper\/prod-shop-checkout-app-[0-9a-z]{6}$/);
    expect(branchOf({ ...subject })).toBe(branchOf(subject));
  });

  test('differs where only what is left out differs', () => {
    const names = ['a.b', 'a-b', 'a_b', 'A-B', 'x'.repeat(300), 'x'.repeat(301)];

    const branches = new Set(names.map((name) => branchOf({ ...subject, workload: { kind: 'Pod', name } })));

    expect(branches.size).toBe(names.length);
  });

  test.each(['..', '@{', 'a~1^:?*[\\', '.lock', '-', '/', ' ', '\u0000\n', 'ünïcode', 'x'.repeat(500)])(
    'is a name that git takes, whatever the names are: %j',
    (name) => {
      const branch = branchOf({ cluster: name, namespace: null, workload: { kind: name, name }, container: name });

      const checked = execFileSync('git', ['check-ref-format', '--branch', branch], { encoding: 'utf8' });
      expect(checked.trim()).toBe(branch);
    },
  );
});
