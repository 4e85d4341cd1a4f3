import { createHash } from 'node:crypto';

/** An alert as it was posted. Times are ms UTC. */
export interface GivenAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly generatorURL: string;
}

export interface StoredAlert extends GivenAlert {
  /** The same for the same labels. */
  readonly fingerprint: string;
  readonly updatedAt: number;
}

export interface AlertStore {
  readonly put: (alert: GivenAlert) => void;
  /** Those that have not ended. */
  readonly firing: () => readonly StoredAlert[];
  /** All that it was told of, ended or not, in the order in which they came first. */
  readonly all: () => readonly StoredAlert[];
}

/** Alerts by their labels; what comes again while it fires keeps its first start. `now` is ms UTC. */
export function createAlertStore(now: () => number): AlertStore {
  const alerts = new Map<string, StoredAlert>();
  return {
    put: (alert) => {
      const fingerprint = fingerprintOf(alert.labels);
      const before = alerts.get(fingerprint);
      const goesOn = before !== undefined && before.endsAt >= alert.startsAt;
      const startsAt = goesOn ? Math.min(before.startsAt, alert.startsAt) : alert.startsAt;
      alerts.set(fingerprint, { ...alert, startsAt, fingerprint, updatedAt: now() });
    },
    firing: () => [...alerts.values()].filter(({ endsAt }) => endsAt > now()),
    all: () => [...alerts.values()],
  };
}

function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}
