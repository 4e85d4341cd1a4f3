import { burstsOf } from '../../evidence/shape/bursts.ts';
import { nearShare } from '../../evidence/shape/run-shape.ts';
import { tellsOfKilledProcess } from '../../kill/child-words.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';

/** A rise that fell again without a restart counts if it came this close to the limit. */
const leastRise = 0.3;

/** One process of the container was killed; the main one kept running. */
export function childProcess({ trigger, limitBytes, findings }: Facts): Hypothesis | null {
  if (trigger.kind !== 'child-process') return null;
  const run = findings.usage.found
    ? findings.usage.value.runs.find(
        ({ pod, containerId }) => pod === trigger.pod && containerId === trigger.containerId,
      )
    : undefined;
  const bursts = run && limitBytes !== null ? (burstsOf(run, limitBytes * leastRise)?.bursts ?? []) : [];
  const fell = bursts.filter(
    ({ over, seenBytes }) => over && limitBytes !== null && seenBytes > limitBytes * (nearShare - 0.2),
  );
  const said = findings.log.found && findings.log.value.lines.some(tellsOfKilledProcess);
  const under = limitBytes === null ? '' : ` under the limit of ${formatBytes(limitBytes)}`;
  return {
    cause: 'child-process',
    confidence: said || fell.length > 0 ? 0.9 : 0.82,
    sentence: `One process of the container was killed for memory${under}; its main process kept running`,
    for: [
      trigger.exitCode === null || trigger.exitCode === 137
        ? 'The container itself was not killed.'
        : `The container ended later on its own, with exit code ${trigger.exitCode}; its status still says OOMKilled.`,
      ...fell
        .slice(-1)
        .map(({ seenBytes }) => `Usage rose to ${formatBytes(seenBytes)} or more and fell at once, without a restart.`),
      ...(said ? ['Its log reports a killed process.'] : []),
    ],
    against: [],
  };
}
