import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The folder of the project, absolute, without a slash at its end. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

/** What this project fetched and may fetch again: ignored by git, safe to delete. */
export const cacheRoot = join(projectRoot, '.cache');

/** Where npm puts the programs of the installed packages, Node 24 among them. */
export const programsRoot = join(projectRoot, 'node_modules', '.bin');
