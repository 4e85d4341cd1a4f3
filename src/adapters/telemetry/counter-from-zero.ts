import { Counter } from 'prom-client';
import type { CounterConfiguration } from 'prom-client';

interface Labels<Label extends string> {
  readonly labelNames: readonly Label[];
  /** Values, in the order of their labels, that are known to come: they are served as 0 from the beginning. */
  readonly known: readonly (readonly string[])[];
}

/** Values that begin to be counted between two scrapes. */
interface Held {
  readonly values: readonly string[];
  count: number;
  /** A scrape has read the 0. */
  isRead: boolean;
}

/**
 * A counter of which every series is read as 0 before it rises. To `rate()` and `increase()` a series that appears with a
 * value has not risen, so the first event of each label would raise no alert. What is counted under labels that nobody
 * could foresee is held back for one scrape, in which they are 0.
 */
export function counterFromZero<Label extends string>({
  known,
  labelNames,
  ...options
}: Pick<CounterConfiguration<Label>, 'name' | 'help' | 'registers'> & Labels<Label>): {
  readonly inc: (labels: Readonly<Record<Label, string>>) => void;
} {
  const begun = new Set<string>();
  const held = new Map<string, Held>();
  const counter = new Counter({
    ...options,
    labelNames: [...labelNames],
    collect: () => {
      for (const [key, one] of held) {
        if (one.isRead) {
          counter.labels(...one.values).inc(one.count);
          held.delete(key);
        }
        one.isRead = true;
      }
    },
  });
  const begin = (values: readonly string[]): void => {
    begun.add(JSON.stringify(values));
    counter.labels(...values).inc(0);
  };
  for (const values of known) begin(values);
  return {
    inc: (labels) => {
      const values = labelNames.map((name) => labels[name]);
      const key = JSON.stringify(values);
      const waiting = held.get(key);
      if (waiting !== undefined) waiting.count += 1;
      else if (begun.has(key)) counter.labels(...values).inc();
      else {
        begin(values);
        held.set(key, { values, count: 1, isRead: false });
      }
    },
  };
}
