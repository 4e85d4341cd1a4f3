import { auditLineSchema } from '../../../core/incident/audit.ts';
import { entrySchema, incidentSchema, requestSchema } from '../../../core/incident/incident.ts';
import { resultSchema } from '../../../core/incident/result.ts';
import { killSchema } from '../../../core/kill/kill.ts';
import { stored } from '../documents/stored.ts';

/** What the commit script writes, each as text to it. */
export const incidentDocument = stored('incident', incidentSchema);
export const killDocument = stored('kill', killSchema);
export const requestDocument = stored('request', requestSchema);
export const entryDocument = stored('entry', entrySchema);
export const auditLineDocument = stored('audit-line', auditLineSchema);
export const resultDocument = stored('result', resultSchema);
