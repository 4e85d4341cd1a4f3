import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAlerts } from '../../src/adapters/alertmanager/webhook.ts';
import { failureOf } from '../../src/adapters/kubernetes/transport/transport.ts';
import { containerKill } from '../../src/core/kill/detect/make-kill.ts';
import { readPod } from '../../src/core/kill/pod.ts';
import { readTermination } from '../../src/core/kill/termination.ts';
import { redact } from '../../src/core/redact/redact.ts';
import { isLinear } from './growth.ts';
import { podInState } from '../unit/core/kill/pod-yaml.ts';

/** Pieces that the expressions begin at, go on with, or turn back on. */
const pieces = (
  'password token secret_ pwd sig Authorization:_Basic_ cookie: bearer_ :// @ :@ / eyJ eyJaaaaaaaa. xoxb- sk- ghp_ AKIA ' +
  'hvs. SG. -----BEGIN_A----- -----END_A----- \n a A1 = " \\" \' _ , & < > -> [ ;a $ x -- . \u{1F600} \\'
)
  .split(' ')
  .map((piece) => piece.replaceAll('_', ' '));

/** What found its beginning again at each place, or its end only at that of the text, while this was written. */
const steep = (
  '://pwd eyJ eyJa. [redacted]token= token=[redacted] password=" secret_\\" cookie:" ://@ ://: password secret-- A1 a@ ,a ' +
  'token_abcdefgh -----BEGIN_A----- sk- SG.a. \\"\n pass=$pass'
)
  .split(' ')
  .map((unit) => unit.replaceAll('_', ' '));

test.each(steep)('a text of nothing but %j costs no more time a letter when it is longer', (unit) => {
  const letters = 120_000;
  const text = unit.repeat(Math.ceil(letters / unit.length));

  expect(isLinear((size) => redact(text.slice(0, size)), letters / 8)).toBe(true);
});

/** What each way into the store makes of hostile text that names a secret. */
const entrances: readonly (readonly [string, (text: string) => unknown])[] = [
  ['the message of a termination', messageOfKill],
  ['an alert', alertOf],
  [
    'an answer of the API server',
    (text) => failureOf(500, JSON.stringify({ message: text }), { path: '/api' }).message,
  ],
];

function alertOf(summary: string): unknown {
  const alert = {
    status: 'firing',
    labels: { alertname: 'OOM' },
    annotations: { summary },
    startsAt: '',
    fingerprint: 'a',
  };
  return readAlerts(JSON.stringify({ version: '4', alerts: [alert] }));
}

function messageOfKill(text: string): string | null {
  const state = `{ terminated: { exitCode: 137, reason: OOMKilled, message: ${JSON.stringify(text)}, containerID: a } }`;
  const pod = readPod(podInState(state));
  const container = pod?.containers[0];
  const termination = readTermination({ terminated: { exitCode: 137, reason: 'OOMKilled', message: text } });
  if (!pod || !container || !termination) throw new Error('the pod is not readable');
  const origin = { cluster: 'prod', fingerprint: 'f', startedBeforeWatch: false, seenAtMs: 0 };
  const exit = { pod, container, termination, beforeDeletion: false };
  return containerKill(origin, exit, { kind: 'container', suspect: false }).message;
}

test.each(entrances)('%s is stored without a password, a login and a key', (_, enter) => {
  const key = `-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQ\\n-----END PRIVATE KEY-----`;
  const text = `heap full; DB_PASSWORD=hunter2 redis://:hunter2@a:1,b:2 ${key}`;

  const stored = JSON.stringify(enter(text));

  expect(stored).toContain('heap full; DB_PASSWORD=[redacted]');
  expect(stored).not.toMatch(/hunter2|MIIEvQ/);
});

describe('whatever a text is made of', () => {
  const text = array(constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));

  test('what was redacted once is not changed by doing it again', () => {
    assert(
      property(text, (given) => {
        const once = redact(given);
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 3000, seed: 33 },
    );
  });

  test('as many lines come out as go in', () => {
    assert(
      property(text, (given) => {
        expect(redact(given).split('\n')).toHaveLength(given.split('\n').length);
      }),
      { numRuns: 2000, seed: 34 },
    );
  });
});
