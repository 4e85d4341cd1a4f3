import { envWords } from '../../core/recommend/env-words.ts';
import type { Fix, Mitigation } from '../../core/recommend/recommendation.ts';
import type { UsageSource } from '../../flow/answer/question-needs.ts';
import { isUndecided } from '../../flow/scan.ts';
import type { Said, Scan, ScanRow } from '../../flow/scan.ts';
import { usageWords } from './scan-text.ts';
import { jsonLine } from '../command-line/terminal-text.ts';

/** One JSON object per subject and line, then the summary. Sizes are bytes, times RFC 3339. */
export function scanJson({ rows, pods, notes }: Scan, usage: UsageSource): string {
  const suspects = rows.filter(isUndecided).length;
  const summary = {
    summary: true,
    pods,
    incidents: rows.length - suspects,
    suspects,
    usage: usageWords(usage),
    notes,
  };
  return [...rows.map(rowObject), summary].map(jsonLine).join('');
}

function rowObject({ kill, kills, firstKilledAt, lastKilledAt, lastSample, missing, said }: ScanRow): object {
  const { workload, namespace, container } = kill.subject;
  return {
    workload: { kind: workload.kind, namespace, name: workload.name },
    container,
    containerType: kill.containerType,
    pod: kill.pod,
    node: kill.node,
    kind: kill.kind,
    suspect: said.is === 'undecided',
    exitCode: kill.exitCode,
    reason: kill.reason,
    kills,
    restartCount: kill.restartCount,
    firstKilledAt: new Date(firstKilledAt).toISOString(),
    lastKilledAt: new Date(lastKilledAt).toISOString(),
    limitBytes: kill.limitBytes,
    requestBytes: kill.requestBytes,
    lastSampleBytes: lastSample?.bytes ?? null,
    ...saidObject(said),
    missing,
  };
}

function saidObject(said: Said): object {
  if (said.is === 'undecided')
    return { verdict: null, confidence: null, sentence: said.why, fix: null, mitigation: null, nextKillAt: null };
  const { diagnosis, recommendation } = said;
  const [verdict] = diagnosis.hypotheses;
  return {
    verdict: verdict?.cause ?? null,
    confidence: verdict?.confidence ?? null,
    sentence: verdict?.sentence ?? null,
    fix: fixObject(recommendation.fix),
    mitigation: recommendation.mitigation && mitigationObject(recommendation.mitigation),
    nextKillAt: diagnosis.nextKillAt === null ? null : new Date(diagnosis.nextKillAt).toISOString(),
  };
}

function fixObject(fix: Fix): object {
  const bytes = 'limitBytes' in fix ? fix.limitBytes : 'requestBytes' in fix ? fix.requestBytes : null;
  return {
    kind: fix.kind,
    bytes,
    holds: 'holds' in fix ? fix.holds : null,
    ...(fix.kind === 'set-heap' ? { env: fix.env.map(envWords) } : {}),
    ...(fix.kind === 'roll-back' ? { toRevision: fix.toRevision } : {}),
    ...(fix.kind === 'move-volume' ? { volume: fix.volume } : {}),
    ...(fix.kind === 'raise-limit' && fix.whose !== undefined ? { of: fix.whose } : {}),
    ...(fix.kind === 'adjust-requests' && fix.pod !== undefined ? { of: fix.pod } : {}),
    why: fix.why,
  };
}

function mitigationObject({ kind, limitBytes, buysMs, why, whose }: Mitigation): object {
  const buysSeconds = buysMs === null ? null : Math.round(buysMs / 1000);
  return { kind, bytes: limitBytes, buysSeconds, ...(whose === undefined ? {} : { of: whose }), why };
}
