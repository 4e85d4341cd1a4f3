import { stringify } from 'yaml';

import type { Scenario } from './scenario.ts';
import { manifestOf } from './scenario-workload.ts';

/**
 * The file that the story's workload is deployed from, as people write it: two documents, with comments that are none
 * of a tool's business.
 */
export function manifestTextOf(scenario: Scenario): string {
  const { name, namespace } = scenario.workload;
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
  const { kind, apiVersion, metadata, ...rest } = manifestOf(scenario);
  const workload = stringify({ apiVersion, kind, metadata, ...rest }, { lineWidth: 120 });
  // The first memory quantity is the limit or the request: whoever edits it has to leave the remark beside it alone.
  const remarked = workload.replace(/(\n\s+memory: \S+)/, '$1 # from the load test in spring');
  return [
    `# ${name}: deployed from this file, nothing here is written by a machine.`,
    stringify(service).trimEnd(),
    '---',
    `# Sizes are agreed with the owners of the namespace ${namespace}.`,
    remarked.trimEnd(),
    '',
  ].join('\n');
}
