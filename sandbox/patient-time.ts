/** Time that does not pass while those who ought to use it cannot. */
export interface PatientTime {
  /** Ms since some fixed moment; never goes back, and never goes faster than real ones. */
  readonly now: () => number;
  /** From the next beat on time stands still while this is true. The returned function takes it back. */
  readonly standStillWhile: (isLate: () => boolean) => () => void;
  /** From now on it is real time. */
  readonly stop: () => void;
}

const beatMs = 10;
/** On a machine that has time a timer is late by this at most. */
const toleratedMs = 10;

/**
 * Real time that waits for whoever is late. A beat that comes late says that this process's event loop did not run
 * meanwhile, and of that no more counts than the beat; others are asked about at each beat.
 */
export function createPatientTime(): PatientTime {
  const reasons = new Set<() => boolean>();
  let passed = 0;
  let beatAt = performance.now();
  let stands = false;
  let longest = beatMs + toleratedMs;

  function now(): number {
    return stands ? passed : passed + Math.min(performance.now() - beatAt, longest);
  }

  function beat(): void {
    passed = now();
    beatAt = performance.now();
    stands = [...reasons].some((isLate) => isLate());
  }

  const beats = setInterval(beat, beatMs).unref();
  return {
    now,
    standStillWhile: (isLate) => {
      reasons.add(isLate);
      return () => {
        reasons.delete(isLate);
      };
    },
    stop: () => {
      clearInterval(beats);
      reasons.clear();
      beat();
      longest = Infinity;
    },
  };
}

/** Real time, for whoever looks on: it waits for nobody. */
export const realTime: PatientTime = {
  now: () => performance.now(),
  standStillWhile: () => () => undefined,
  stop: () => undefined,
};
