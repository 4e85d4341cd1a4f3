import { expect, test } from 'vitest';
import { leftWords, tryKillJson, tryKillText } from '../../../../src/app/try-kill/try-kill-text.ts';
import type { TryKillResult } from '../../../../src/app/try-kill/try-kill-text.ts';
import { Failure } from '../../../../src/core/failure.ts';

const at = Date.UTC(2026, 10, 30, 21, 0, 2);
const killed: TryKillResult = {
  end: { is: 'killed', at, exitCode: 137, reason: 'OOMKilled', node: 'n1' },
  pod: 'oomkeeper-try-kill-x7f2k',
  namespace: 'shop',
  server: 'https://cluster.example.com',
  channel: { name: 'shop-oncall', isKnown: true },
  left: null,
};

test('a kill says where to look; the channel stands alone only where this shell knows it', () => {
  expect(tryKillText(killed).split('\n').slice(0, 2)).toEqual([
    'Killed: pod oomkeeper-try-kill-x7f2k in shop on n1 at 21:00:02 UTC (OOMKilled, exit code 137).',
    'Slack: a thread in #shop-oncall, usually within a second of the kill. It says that it is a test.',
  ]);
  expect(tryKillText({ ...killed, channel: { name: 'oom-alerts', isKnown: false } })).toContain(
    "#oom-alerts, or the channel that OOMKEEPER_CHANNEL or a route of the bot's policy names",
  );
});

test('what did not happen and what is left behind is said with what to do, and no text of the cluster moves the terminal', () => {
  const left = leftWords(new Failure('cluster-unreachable', 'nobody \u001b[2J answers'), killed);
  const words = tryKillText({ ...killed, end: { is: 'not-killed', why: 'image', words: 'No such image.' }, left });

  expect(words).toBe(
    'Not killed. No such image.\nThe pod could not be removed: nobody  [2J answers. Remove it with: kubectl delete pod -n shop -l oomkeeper.dev/try-kill=true\n',
  );
  expect(tryKillText({ ...killed, end: { is: 'interrupted' } })).toBe('Stopped.\nThe pod is removed.\n');
});

test('for programs it is one object', () => {
  expect(tryKillJson(killed)).toMatchObject({
    killed: true,
    killedAt: '2026-11-30T21:00:02.000Z',
    exitCode: 137,
    reason: 'OOMKilled',
    channel: 'shop-oncall',
    removed: true,
  });
  expect(tryKillJson({ ...killed, end: { is: 'not-killed', why: 'late', words: 'w' }, left: 'l' })).toMatchObject({
    killed: false,
    killedAt: null,
    exitCode: null,
    reason: 'late',
    text: 'w',
    removed: false,
  });
});
