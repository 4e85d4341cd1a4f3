import type { Place } from './words.ts';

/** A flag that was found: its value (bytes or percent), as it is written, and where. */
export interface Setting {
  readonly value: number;
  readonly text: string;
  readonly place: Place;
}
