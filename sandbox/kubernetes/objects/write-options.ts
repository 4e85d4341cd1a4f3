import { forbiddenField, invalid } from '../server/api-error.ts';
import type { Cause } from '../server/api-error.ts';

export interface WriteOptions {
  readonly dryRun: boolean;
  /** Who the change is booked on in managedFields. */
  readonly manager: string;
}

const longestManager = 128;
const validations = ['', 'Ignore', 'Strict', 'Warn'];

/** Reads and checks the query of a write; `kind` is `CreateOptions`, `PatchOptions` or `DeleteOptions`. Throws 422. */
export function parseWriteOptions(kind: string, query: URLSearchParams, userAgent: string | undefined): WriteOptions {
  const causes: Cause[] = [];
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const unsupported = (field: string, value: unknown, supported: string): void => {
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
    causes.push({ reason: 'FieldValueNotSupported', message, field });
  };
  if (dryRun.some((value) => value !== 'All')) unsupported('dryRun', dryRun, '"All"');
  const validation = query.get('fieldValidation') ?? '';
  if (!validations.includes(validation)) {
    unsupported('fieldValidation', validation, validations.map((value) => JSON.stringify(value)).join(', '));
  }
  const fieldManager = query.get('fieldManager') ?? '';
  if (Buffer.byteLength(fieldManager) > longestManager) {
    const message = `Too long: may not be more than ${longestManager} bytes`;
    causes.push({ reason: 'FieldValueTooLong', message, field: 'fieldManager' });
  }
  if (kind === 'PatchOptions' && query.has('force')) {
    causes.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  }
  if (causes.length > 0) throw invalid(kind, 'meta.k8s.io', '', causes);
  const agent = userAgent?.split('/')[0]?.trim() ?? '';
  return { dryRun: dryRun.length > 0, manager: fieldManager || agent || 'unknown' };
}
