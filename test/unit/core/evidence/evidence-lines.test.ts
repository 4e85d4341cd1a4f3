import { describe, expect, test } from 'vitest';

import { evidenceLines } from '../../../../src/core/evidence/evidence-lines.ts';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import { lastSample } from '../../../../src/core/evidence/last-sample.ts';
import {
  findingsOf,
  found,
  killAt,
  killedAt,
  runBefore,
  Mi,
  minute,
  nothingFound,
} from '../../../fixtures/findings.ts';

const kill = killAt(killedAt, 58 * minute, { limitBytes: 512 * Mi });
const run = {
  ...runBefore(kill, () => 300, 15_000),
  samples: [
    { t: killedAt - 37_000, workingSetBytes: 398 * Mi },
    { t: killedAt - 22_000, workingSetBytes: 412 * Mi },
    { t: killedAt + 8_000, workingSetBytes: 412 * Mi },
  ],
};

const everything: Findings = {
  spec: found({
    limitBytes: 512 * Mi,
    requestBytes: 256 * Mi,
    podLimitBytes: null,
    qosClass: 'Burstable',
    image: 'shop:2',
    env: {},
    hiddenEnv: [],
    envFrom: false,
    args: [],
    memoryVolumes: [{ name: 'tmp', mountPath: '/tmp', sizeLimitBytes: null }],
  }),
  restarts: found({ restartCount: 4, ends: [] }),
  usage: findingsOf([run]).usage,
  rollout: found({
    revision: '7',
    startedAt: killedAt - 90 * minute,
    previousRevision: '6',
    changed: ['image shop:1 -> shop:2'],
    limit: null,
    heapFlags: null,
  }),
  log: found({ lines: ['a', 'b', 'c', 'x'.repeat(500)] }),
};

function texts(findings: Findings): Record<string, string> {
  return Object.fromEntries(evidenceLines(findings, kill, [kill]).map(({ label, text }) => [label, text]));
}

describe('the lines of evidence', () => {
  test('say what was found, in a fixed order', () => {
    const lines = texts(everything);

    expect(lines).toEqual({
      Spec: 'limit 512Mi, request 256Mi, Burstable, image shop:2, volume in memory at /tmp',
      Restarts: 'restarted 4 times (checkout-bbbbbbb-11111), one kill known, killed 58 min after its last start',
      Usage: 'last sample 412Mi, 22 s before the kill; limit 512Mi',
      Rollout: 'revision 7 since 90 min before this kill: changed image shop:1 -> shop:2',
      Log: `last lines: b ⏎ c ⏎ ${'x'.repeat(160)}…`,
    });
    expect(Object.keys(lines)).toEqual(['Spec', 'Restarts', 'Usage', 'Rollout', 'Log']);
  });

  test('name both limits where it was changed at about the time of the kill', () => {
    const [line] = evidenceLines(everything, { ...kill, orLimitBytes: 768 * Mi }, [kill]).filter(
      ({ label }) => label === 'Usage',
    );

    expect(line?.text).toContain('; limit 512Mi or 768Mi (changed at about the time of the kill)');
  });

  test('keep what is missing, with its reason and source', () => {
    const lines = evidenceLines(nothingFound('Prometheus at http://p:9090 did not answer in time'), kill, [kill]);

    expect(lines).toHaveLength(5);
    for (const line of lines)
      expect(line).toMatchObject({
        missing: true,
        text: 'Prometheus at http://p:9090 did not answer in time',
        source: 'test',
        at: killedAt,
      });
  });

  test.each([
    [
      { JAVA_TOOL_OPTIONS: '-Xmx900m -Dpassword=secret' },
      'JVM, -Xmx900m in JAVA_TOOL_OPTIONS: a heap of up to 900Mi under the limit of 512Mi',
    ],
    [
      { JAVA_OPTS: '-Xmx300m' },
      'JVM, -Xmx300m in JAVA_OPTS, if its start script reads that: a heap of up to 300Mi under the limit of 512Mi',
    ],
    [{ NODE_OPTIONS: '' }, 'Node.js, no heap flag: a heap of up to 256Mi under the limit of 512Mi'],
    [{ GOMEMLIMIT: '400MiB' }, 'Go, GOMEMLIMIT=400MiB'],
    [{ PYTHONUNBUFFERED: '1' }, 'Python'],
  ])('tell the runtime and its heap for %o', (env, text) => {
    const spec = everything.spec.found ? found({ ...everything.spec.value, env }) : everything.spec;

    expect(texts({ ...everything, spec })['Runtime']).toBe(text);
  });

  test('say when usage was found but none of the killed run', () => {
    const other = { ...run, containerId: 'containerd://other' };

    const [, , usage] = evidenceLines(findingsOf([other]), kill, [kill]);

    expect(usage).toMatchObject({
      missing: true,
      text: 'no sample of the killed run was taken; samples are 15 s apart',
    });
  });
});

describe('the last sample', () => {
  test('is the last one before the kill, not one that lingers after it', () => {
    expect(lastSample(everything, kill)).toEqual({ bytes: 412 * Mi, beforeKillMs: 22_000 });
  });

  test.each([
    ['there is no usage', nothingFound('none')],
    ['the run was too short for a scrape', findingsOf([])],
    ['only the run before was seen', findingsOf([{ ...run, containerId: 'containerd://before' }])],
  ])('is null when %s', (_, findings) => {
    expect(lastSample(findings, kill)).toBeNull();
  });
});
