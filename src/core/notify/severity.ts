import { z } from 'zod';

/** How bad an incident is for those who depend on the workload, the worst first. */
export const severitySchema = z.enum(['critical', 'high', 'low']);
export type Severity = z.infer<typeof severitySchema>;
