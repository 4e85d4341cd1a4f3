import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How all our texts begin a command: as it is typed in a checkout. */
const byNpm = 'npm run -s oomkeeper --';
/** In an image, whose PATH has it. */
const byName = 'oomkeeper';
const npmsScript = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));

/** A text of ours with its commands as whoever reads it types them: an image has the program, and no script for npm. */
export function asTyped(text: string, inCheckout = existsSync(npmsScript)): string {
  return inCheckout ? text : text.replaceAll(byNpm, byName);
}
