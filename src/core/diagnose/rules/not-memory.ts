import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { percent } from '../../units/percent.ts';
import { roughDuration } from '../../units/duration.ts';

/** A SIGKILL that the runtime doesn't call a memory kill, of a container that was this far from its limit. */
const farShare = 0.8;

/**
 * It was not killed for memory. Only where the runtime itself does not say `OOMKilled`: a low sample does not refute
 * the kernel, because usage after that sample was not seen.
 */
export function notMemory({ trigger, limitBytes, last, shape, findings }: Facts): Hypothesis | null {
  if (trigger.kind !== 'container' || trigger.reason === 'OOMKilled') return null;
  if (limitBytes === null || last === null) return null;
  const share = last.bytes / limitBytes;
  if (share >= farShare) return null;
  const resolution = findings.usage.found ? (findings.usage.value.resolutionMs ?? Infinity) : Infinity;
  const fresh = last.beforeKillMs <= Math.max(2 * resolution, 2000);
  const calm = shape?.pattern === 'flat';
  const seen = `${formatBytes(last.bytes)}, ${percent(share)} of the limit, ${roughDuration(last.beforeKillMs)} before the end`;
  return {
    cause: 'not-memory',
    confidence: fresh && calm ? 0.85 : fresh ? 0.65 : 0.4,
    sentence: `Not a memory kill: it ended with ${trigger.reason ?? 'no reason'} ${trigger.exitCode ?? ''} at ${seen}`,
    for: [`The runtime calls it ${trigger.reason ?? 'nothing'}, not OOMKilled.`, `Its last sample was ${seen}.`],
    against: [
      ...(fresh ? [] : ['What it used in between was not seen.']),
      ...(calm ? [] : ['Its usage was not flat before.']),
    ],
  };
}
