/** A map that keeps the `max` entries used last, so that memory stays bounded whatever comes from outside. */
export interface Recent<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  readonly delete: (key: string) => void;
  /** The one used longest ago first. */
  readonly values: () => readonly Value[];
}

/** Getting an entry counts as using it. */
export function createRecent<Value>(max: number): Recent<Value> {
  const entries = new Map<string, Value>();

  function set(key: string, value: Value): void {
    entries.delete(key);
    entries.set(key, value);
    if (entries.size <= max) return;
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
  }

  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
    delete: (key) => {
      entries.delete(key);
    },
    values: () => [...entries.values()],
  };
}
