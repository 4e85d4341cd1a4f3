import { expect, test } from 'vitest';
import { editManifest } from '../../../../../src/core/remediate/edit/edit-manifest.ts';
import { fileChange } from '../../../../../src/core/remediate/edit/file-change.ts';
import type { ManifestEdit } from '../../../../../src/core/remediate/edit/manifest-edit.ts';
import { undoEdit } from '../../../../../src/core/remediate/edit/undo-edit.ts';
import { deployment, resources, toMore, withFlag } from '../../../../fixtures/manifests.ts';

const path = 'apps/checkout.yaml';
const plain = deployment(resources);
const onlyLimit = deployment('resources:\n  limits:\n    memory: 512Mi # measured\n');
const withOptions = deployment(`${resources}env:\n  - name: JAVA_TOOL_OPTIONS\n    value: "-Xmx400m -Dkey=secret"\n`);
const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: checkout\n';

/** What was merged: the file afterwards, and what is needed to take it back. */
function merged(before: string, edit: ManifestEdit = toMore) {
  const change = editManifest(before, edit);
  if (!change.ok) throw new Error(change.text);
  const { hash } = fileChange(path, before, change.pieces);
  return { after: change.text, file: { path, before, edit, approved: hash } };
}

interface Case {
  readonly name: string;
  readonly before: string;
  readonly edit?: ManifestEdit;
  /** What others do to the file afterwards. */
  readonly others?: (text: string) => string;
}

const cases: readonly Case[] = [
  { name: 'nothing else has changed', before: plain },
  { name: 'a quantity that people write otherwise', before: plain.replace('512Mi', '"0.5Gi"') },
  { name: 'lines that were put in go', before: onlyLimit },
  { name: 'a word of a variable', before: withOptions, edit: withFlag('-Xmx500m', 'JAVA_TOOL_OPTIONS', '-Xmx400m') },
  { name: 'a variable that was put in goes', before: plain, edit: withFlag('-Xmx500m') },
  { name: 'line ends of Windows', before: plain.replaceAll('\n', '\r\n') },
  { name: 'another image meanwhile', before: plain, others: (text) => text.replace('shop:1.4', 'shop:1.5') },
  { name: 'another document before it', before: plain, others: (text) => `${service}---\n${text}` },
  { name: 'lines above and below', before: plain, others: (text) => `# ours\n${text}# end\n` },
  {
    name: 'another container with the same lines before it',
    before: plain,
    others: (text) =>
      text.replace(
        '        - name: app\n',
        '        - name: other\n          resources:\n            limits:\n              memory: 640Mi\n            requests:\n              memory: 640Mi\n        - name: app\n',
      ),
  },
  {
    name: 'the same line in the same container, where it means something else',
    before: plain,
    others: (text) =>
      text.replace('          resources:\n', '          notes:\n              memory: 640Mi\n          resources:\n'),
  },
];

test.each(cases)('every line is what it was, and what others changed stays: $name', ({ before, edit, others }) => {
  const change = others ?? ((text: string) => text);
  const { after, file } = merged(before, edit);

  const undone = undoEdit(change(after), file);

  expect(undone).toMatchObject({ ok: true, text: change(before) });
});

test('it says what is written, line by line, without what stays of a line', () => {
  const { after, file } = merged(withOptions, withFlag('-Xmx500m', 'JAVA_TOOL_OPTIONS', '-Xmx400m'));

  const undone = undoEdit(after, file);

  if (!undone.ok) throw new Error(undone.text);
  const { diff } = fileChange(path, after, undone.pieces);
  expect(diff).toContain('-              memory: 640Mi\n+              memory: 512Mi');
  expect(diff).toMatch(/-.*-Xmx500m…|-.*Xmx500m/);
  expect(diff).not.toContain('secret');
  expect(undone.restores).toMatchObject({ limit: '512Mi', request: '256Mi' });
});

interface Refused extends Case {
  readonly reason: string;
  readonly approved?: string;
}

const refusals: readonly Refused[] = [
  {
    name: 'the limit was raised further',
    before: plain,
    others: (text) => text.replace('640Mi', '800Mi'),
    reason: 'changed-since',
  },
  {
    name: 'the line has a comment by now',
    before: plain,
    others: (text) => text.replace('640Mi', '640Mi # agreed'),
    reason: 'changed-since',
  },
  {
    name: 'it was written in another way',
    before: plain,
    others: (text) => text.replace('640Mi', '655360Ki'),
    reason: 'changed-since',
  },
  { name: 'it was taken back by hand', before: plain, others: () => plain, reason: 'nothing-to-change' },
  { name: 'the object is gone', before: plain, others: () => service, reason: 'not-found' },
  { name: 'it is no YAML any more', before: plain, others: (text) => `${text}\n\t- ]`, reason: 'not-yaml' },
  { name: 'something else was merged than was approved', before: plain, approved: 'another', reason: 'changed-since' },
];

test.each(refusals)('nothing is undone where $name', ({ before, edit, others, reason, approved }) => {
  const { after, file } = merged(before, edit);

  const undone = undoEdit(others?.(after) ?? after, { ...file, ...(approved !== undefined && { approved }) });

  expect(undone).toMatchObject({ ok: false, reason });
});
