import { redactWords } from '../redact/redact-words.ts';
import { canonicalJson } from './fields-hash.ts';
import type { Difference } from './roll-back/template-differences.ts';

const groups: Readonly<Record<string, string>> = {
  containers: 'container',
  initContainers: 'init container',
  ephemeralContainers: 'ephemeral container',
  volumes: 'volume',
};

/**
 * One line for a difference, `container app: image shop:2 -> shop:1`; null where it is longer than `most` characters.
 * Values of variables, annotations and headers are not shown, of command lines not what may be a secret.
 */
export function differenceWords({ path, from, to, whole }: Difference, most: number): string | null {
  const place = placeOf(path);
  const line = (): string | null => {
    const verb = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed';
    if (whole) return `${place} ${verb}`;
    const [old, now] = [valueWords(path, from, most), valueWords(path, to, most)];
    if (old === null || now === null) return null;
    return isHidden(path) || old === now ? `${place} ${verb} (value not shown)` : `${place} ${old} -> ${now}`;
  };
  const words = line();
  return words === null || words.length > most ? null : words;
}

/** `container app: resources.limits.memory`, `volume cfg:`, `pod: hostNetwork`, `label app`, `other: metadata.name`. */
function placeOf(path: readonly string[]): string {
  const [top = '', second = '', third, ...rest] = path;
  const group = top === 'spec' && Object.hasOwn(groups, second) ? groups[second] : undefined;
  if (group !== undefined && third !== undefined) return `${group} ${plain(third)}: ${fieldWords(rest)}`.trimEnd();
  if (top === 'metadata' && second === 'labels' && third !== undefined) return `label ${plain(third)}`;
  if (top === 'metadata' && second === 'annotations' && third !== undefined) return `annotation ${plain(third)}`;
  return top === 'spec' ? `pod: ${fieldWords(path.slice(1))}` : `other: ${fieldWords(path)}`;
}

function fieldWords(path: readonly string[]): string {
  const [first, name, ...rest] = path;
  // `env LOG_LEVEL`, and not `env.LOG_LEVEL.value`.
  if (first === 'env' && name !== undefined)
    return ['env', plain(name), ...(rest.length === 0 || rest[0] === 'value' ? [] : [fieldWords(rest)])].join(' ');
  return path.map(plain).join('.');
}

function isHidden(path: readonly string[]): boolean {
  const [last, , list] = path.toReversed();
  if (path[0] === 'metadata' && path[1] === 'annotations') return true;
  if (path.includes('volumeAttributes') || path.includes('options')) return path.includes('volumes');
  return last === 'env' || (last === 'value' && (list === 'env' || list === 'httpHeaders'));
}

function valueWords(path: readonly string[], value: unknown, most: number): string | null {
  if (value === undefined) return 'none';
  // Before anything is searched in it: a text from a cluster has any length.
  if (canonicalJson(value).length > most && !isHidden(path)) return null;
  if (isHidden(path)) return '';
  const last = path.at(-1);
  if (Array.isArray(value) && (last === 'command' || last === 'args'))
    return visible(canonicalJson(redactWords(value.map(String))));
  return typeof value === 'string' ? plain(value) : visible(canonicalJson(value));
}

/** A name or a value as it is, in quotes where it could be taken for something else. */
function plain(text: string): string {
  return /^[\w./:@+,-]+$/.test(text) && text !== 'none' ? text : visible(JSON.stringify(text));
}

/** What cannot be seen would make two texts look alike. */
function visible(text: string): string {
  return text.replaceAll(
    /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
