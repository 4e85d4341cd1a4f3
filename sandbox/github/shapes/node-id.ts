/** The id that GraphQL would know something by; here it only has to be there and differ. */
export function nodeId(kind: string, id: number | string): string {
  return `${kind}_${Buffer.from(`${kind}:${id}`).toString('base64url')}`;
}

/** `2026-11-24T12:00:00Z`: GitHub writes no fractions of a second. */
export function timeText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
