import { expect, test } from 'vitest';
import { readAlerts } from '../../src/adapters/alertmanager/webhook.ts';
import { withoutFormat } from '../../src/adapters/slack/blocks/elements.ts';
import { escapeLine, escapeText, mention, plainText, withPeople } from '../../src/adapters/slack/blocks/escape.ts';
import { fit } from '../../src/adapters/slack/blocks/fit.ts';
import { shownLine, shownLines } from '../../src/app/command-line/terminal-text.ts';
import { heapOf } from '../../src/core/diagnose/runtimes/heap.ts';
import { wordsOf } from '../../src/core/diagnose/runtimes/words.ts';
import { evictionUsage } from '../../src/core/evidence/node/eviction-usage.ts';
import { readCgroup } from '../../src/core/kill/cgroup.ts';
import { readOomReport } from '../../src/core/kill/detect/oom-report.ts';
import { readStopOrder } from '../../src/core/kill/detect/stop-order.ts';
import { jobOwner } from '../../src/core/kill/subject.ts';
import { editManifest } from '../../src/core/remediate/edit/edit-manifest.ts';
import { hasWords, withWords } from '../../src/core/recommend/change-words.ts';
import { driftOf } from '../../src/core/remediate/drift.ts';
import { redact } from '../../src/core/redact/redact.ts';
import { parseSource } from '../../src/core/remediate/source.ts';
import { parseCommand } from '../../src/core/talk/command.ts';
import { markdownBlock, markdownCode, markdownText } from '../../src/core/talk/markdown.ts';
import { parsePullRequestPayload } from '../../src/core/talk/pull-request.ts';
import { parseDuration } from '../../src/core/units/duration.ts';
import { invisible } from '../../src/core/units/invisible.ts';
import { parseQuantity } from '../../src/core/units/quantity.ts';
import { isLinear } from './growth.ts';
import { wordChange } from '../fixtures/manifests.ts';

/** What regular expressions here look for, and what they do not find in it. */
const pieces = [
  [':a', ':', '_', '`', '*', '<', '<@', '<http', '&', '{0}', '@here', '\u202e', '\u3164', '\ud83d', '😀', 'a', 'A-'],
  [' ', '\t', '\n', '\r\n', ' a\n', '- ', '-', '/', '.', '1', '1m', '"', "'", `"'`, '\\"', '${a', '$(a', '$A ', '{{'],
  ['victim process: ', 'Killed process 1 (', 'task=', 'anon-rss:1', 'pod00000000-', 'Container a was using 1'],
  ['password=', 'https://a:', '-----BEGIN KEY-----\n', 'bearer '],
  ['<!-- oomkeeper {', 'Container ', 'container_oom_events_total{a="', '-Xmx1 ', '--share ', '#1', 'www.', '[a]: '],
].flat();
/** What they look for an end of, which never comes. */
const beginnings = [
  ':',
  '${',
  '"',
  "'",
  '<@',
  '<!-- oomkeeper {',
  'Container a was using ',
  'victim process: ',
  'task=',
];
const texts = [
  ...pieces.map((piece) => ({ start: '', piece })),
  ...beginnings.flatMap((start) => ['a', '1', ' '].map((piece) => ({ start, piece }))),
];
/** What a reader of YAML counts, remembers or compares. */
const yamlPieces = [
  '{0}',
  '[',
  '{a: ',
  '- - ',
  '- a\n',
  'a: b\n',
  '"\\q',
  '*a ',
  '&a ',
  '---\n',
  '? ',
  '\t',
  '#\n',
  '{{',
];

const event = (reason: string, message: string): object => ({
  involvedObject: { kind: 'Node', name: 'node-1' },
  lastTimestamp: '2026-11-24T06:10:00Z',
  reason,
  message,
});
const edit = {
  kind: 'Deployment',
  name: 'web',
  namespace: 'shop',
  container: 'app',
  to: { limitBytes: 2, requestBytes: 2 },
  env: [],
};
const lower = wordChange('JAVA_TOOL_OPTIONS', '-Xmx900m', '-Xmx384m', true);
const valuesWith = (value: string) => ({ limit: null, request: null, variables: [{ name: lower.name, value }] });
const spec = { env: {}, hiddenEnv: [], envFrom: false, args: [], image: null };

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  escapeText,
  escapeLine,
  plainText,
  withoutFormat,
  mention,
  withPeople: (text) => withPeople(text, ['U1']),
  fit: (text) => fit(text, text.length - 1),
  markdownText: (text) => markdownText(text, text.length),
  markdownCode: (text) => markdownCode(text, text.length),
  markdownBlock: (text) => markdownBlock(text, 'diff', text.length),
  shownLine,
  shownLines,
  parseCommand,
  parseDuration,
  parseQuantity,
  parseSource,
  parsePullRequestPayload,
  wordsOf,
  heapInArgs: (text) => heapOf({ ...spec, args: ['java', text] }),
  heapInEnv: (text) => heapOf({ ...spec, env: { JAVA_TOOL_OPTIONS: text } }),
  heapInImage: (text) => heapOf({ ...spec, image: text }),
  readCgroup,
  jobOwner,
  evictionUsage: (text) => evictionUsage({ kind: 'eviction', message: text }),
  kernelWords: (text) => readOomReport(event('OOMKilling', text)),
  systemOom: (text) => readOomReport(event('SystemOOM', text)),
  stopOrder: (text) => readStopOrder({ ...event('Killing', text), involvedObject: { kind: 'Pod', name: 'a' } }),
  readAlerts,
  redact,
  withWords: (text) => withWords(text, lower),
  hasWords: (text) => hasWords(text, lower),
  driftOf: (text) => driftOf(valuesWith(text), { memory: edit.to, variables: [] }, { ...edit, env: [lower] }),
};

test.each(Object.entries(readers))('%s takes time in proportion to what it reads', (_, read) => {
  expect(
    texts.filter(({ start, piece }) => !isLinear((size) => read(start + piece.repeat(size / piece.length)), 5_000)),
  ).toEqual([]);
});

test('a manifest takes time in proportion to its length, whatever is wrong with it', () => {
  const slow = yamlPieces.filter((piece) => !isLinear((size) => editManifest(piece.repeat(size), edit), 500));

  expect(slow).toEqual([]);
});

test('keys of a manifest are not each compared with all others', () => {
  const keys = (count: number): string => Array.from({ length: count }, (_, index) => `k${index}: v\n`).join('');

  expect(isLinear((size) => editManifest(`kind: Deployment\n${keys(size)}`, edit), 2_500)).toBe(true);
});

test('the invisible characters are those that Unicode calls so', () => {
  const hidden = '\u061c\u00ad\u180e\u3164\u200b\u2028\u202e\u2066\ufeff\u0000\u0085\ud83d\u{e0041}';

  expect(hidden.replaceAll(invisible, '')).toBe('');
});
