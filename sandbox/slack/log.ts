/** Where a simulator complains; pino fits. */
export interface Log {
  readonly error: (fields: object, message: string) => void;
}
