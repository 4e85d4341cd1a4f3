import { z } from 'zod';

/** The worst first. */
const severities = ['critical', 'high', 'low'] as const;

/** How bad an incident is for those who depend on the workload. */
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

/** Whether a severity is at least as bad as another. */
export function isAtLeast(severity: Severity, from: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(from);
}
