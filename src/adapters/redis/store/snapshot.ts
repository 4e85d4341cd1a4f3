import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import type { Incident, Loaded } from '../../../core/incident/incident.ts';
import { incidentDocument, killDocument, requestDocument } from './incident-documents.ts';

/** The answer of the forms `read` and `update` of the commit script: see `snapshot` there. */
export const snapshotSchema = z.tuple([
  z.string(),
  z.string(),
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.array(z.string()),
  z.array(z.string()),
]);
export type Snapshot = z.infer<typeof snapshotSchema>;

/**
 * Reads what is stored of an incident of this cluster. The version is the stored one, whatever the document says.
 * @throws Failure('other-cluster') for an incident that says it is of another one, and those of `Stored.read`
 */
export function readSnapshot(cluster: string, id: string, snapshot: Snapshot): Loaded {
  const [version, document, count, firstAt, lastAt, recent, requests] = snapshot;
  const incident = incidentDocument.read(`incident ${id}`, document);
  refuseOthers(cluster, id, incident);
  return {
    incident: { ...incident, version: Number(version) },
    tally: {
      count,
      firstAt,
      lastAt,
      recent: recent.map((json) => killDocument.read(`a kill of incident ${id}`, json)),
    },
    requests: requests
      .map((json) => requestDocument.read(`a request of incident ${id}`, json))
      .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
  };
}

/** A document is about what its key says: else it chooses whose policy applies, or which incident is changed. */
function refuseOthers(cluster: string, id: string, { id: own, subject, trigger }: Incident): void {
  if (own !== id) throw new Failure('bad-document', `What is stored of incident ${id} is of incident ${own}`);
  const named = [subject, trigger.subject].find((one) => one.cluster !== cluster);
  if (named !== undefined)
    throw new Failure('other-cluster', `Incident ${id} is stored for cluster ${cluster} and says ${named.cluster}`);
}
