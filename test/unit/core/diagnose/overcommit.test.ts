import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Findings, NodeFacts } from '../../../../src/core/evidence/evidence.ts';
import { nodeSubject } from '../../../../src/core/kill/kill.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { findingsOf, found, killAt, killedAt, Mi, minute, runBefore } from '../../../fixtures/findings.ts';

const Gi = 1024 * Mi;
const kill = killAt(killedAt, 60 * minute, { limitBytes: 2 * Gi, requestBytes: 256 * Mi });

function nodeOf(changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    node: 'node-1',
    allocatableBytes: 8 * Gi,
    requestedBytes: 6 * Gi,
    limitBytes: 20 * Gi,
    unlimitedPods: 0,
    usedBytes: 7.5 * Gi,
    pressureSince: null,
    enoughSince: null,
    exceeding: [
      { pod: 'batch/import-1', usedBytes: 4 * Gi, requestBytes: 1 * Gi },
      { pod: 'shop/cart-2', usedBytes: 600 * Mi, requestBytes: 512 * Mi },
    ],
    victims: [],
    ...changes,
  };
}

/** Killed at 500Mi of 2Gi because its node ran out. */
function findingsWith(node: NodeFacts): Findings {
  const nodeOom = { node: 'node-1', at: killedAt, outOf: 'machine' as const, victim: null, isNamed: true };
  return {
    ...findingsOf([runBefore(kill, () => 500, 15_000)]),
    node: found(node),
    nodeOom: found(nodeOom),
  };
}

describe('an overcommitted node', () => {
  test('is the verdict where pods above their requests took what was promised to others', () => {
    const [verdict] = diagnose(findingsWith(nodeOf()), kill, [kill], killedAt).hypotheses;

    expect(verdict).toMatchObject({
      cause: 'overcommit',
      sentence:
        'Overcommitted: node-1 has 8Gi for pods, and other pods, above all batch/import-1, used 3404Mi more than they asked for',
    });
    expect(verdict?.for).toContain('Pods of node-1 asked for 6Gi of 8Gi, and may use 20Gi.');
  });

  test('is answered by the request of whoever is furthest above it', () => {
    const findings = findingsWith(nodeOf());

    const { fix } = recommend(diagnose(findings, kill, [kill], killedAt), findings, kill, [kill]);

    expect(fix).toMatchObject({ kind: 'adjust-requests', pod: 'batch/import-1' });
    expect('requestBytes' in fix ? fix.requestBytes : 0).toBeGreaterThanOrEqual(4 * 1.15 * Gi);
  });

  test.each([
    ['its pods may not use more than it has', { limitBytes: 7 * Gi }],
    ['they kept to what nobody had asked for', { requestedBytes: 2 * Gi }],
    ['nobody measured', { usedBytes: null }],
    ['its size is not known', { allocatableBytes: null }],
  ] as const)('is not it where %s', (_, changes) => {
    const findings = findingsWith(nodeOf(changes));

    expect(diagnose(findings, kill, [kill], killedAt).hypotheses[0]?.cause).toBe('node-pressure');
  });

  test('is not it where its pods kept to their part and the machine was used up: too little is kept for the system', () => {
    const victim = { process: 'java', pid: 7, rssBytes: 500 * Mi };
    const ofNode = killAt(killedAt, 0, {
      kind: 'node',
      subject: nodeSubject('prod', 'node-1'),
      outOf: 'machine',
      victim,
    });
    const node = nodeOf({ limitBytes: 7 * Gi, usedBytes: 5 * Gi, exceeding: [], capacityBytes: 8.25 * Gi });
    const findings = { ...findingsOf([]), node: found(node) };

    const { fix } = recommend(diagnose(findings, ofNode, [ofNode], killedAt), findings, ofNode, [ofNode]);

    expect(fix).toMatchObject({ kind: 'add-node-memory' });
    expect(fix.why).toContain('the 256Mi that the kubelet keeps for the system (systemReserved, kubeReserved)');
  });

  test('is told in the thread of the node itself', () => {
    const ofNode = killAt(killedAt, 0, { kind: 'node', subject: nodeSubject('prod', 'node-1') });
    const findings = { ...findingsOf([]), node: found(nodeOf()) };

    const diagnosis = diagnose(findings, ofNode, [ofNode], killedAt);

    expect(diagnosis.hypotheses[0]?.cause).toBe('overcommit');
    expect(recommend(diagnosis, findings, ofNode, [ofNode]).fix).toMatchObject({ pod: 'batch/import-1' });
  });
});
