import * as fc from 'fast-check';

/*
 * Inputs that are nearly right: seeds with a few changes. What a server, a person or an attacker sends wrongly is mostly
 * close to what is right; text made of chance alone does not get beyond the first check.
 */

/** Values that nobody expects, wherever they stand. */
const odd: readonly unknown[] = [
  null,
  true,
  '',
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '0',
  '-1',
  '1e999',
  '99999999999999999999Gi',
  'NaN',
  '9999-99-99T99:99:99Z',
  '0000-01-01T00:00:00Z',
  '2026-11-30T12:00:00.123456789+99:99',
  '__proto__',
  '\u0000',
  '\ud800',
  '\udc00x',
  '\u202e<!channel>',
  ':a'.repeat(2_000),
  '$JAVA_OPTS '.repeat(500),
  'x'.repeat(20_000),
  [],
  [[]],
  [null],
  {},
  { '': '' },
  // Neither a text nor a number can be made of it.
  { toString: 1, valueOf: 1 },
  { length: { toString: 1, valueOf: 1 } },
  nested(150),
];

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

interface Edit {
  /** Which of the places, modulo their number. */
  readonly at: number;
  readonly how: 'replace' | 'drop' | 'repeat' | 'rename' | 'copy';
  readonly value: unknown;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'replace', 'drop', 'repeat', 'rename', 'copy'),
  value: fc.oneof(fc.constantFrom(...odd), fc.string({ unit: 'binary', maxLength: 30 }), fc.double(), fc.jsonValue()),
});

/** A seed with up to four values replaced, dropped, repeated, renamed, or copied to another place. */
export function nearJson(seeds: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 4 }))
    .map(([seed, edits]) => edits.reduce((so, one) => withEdit(so, one), structuredClone(seed)));
}

interface Place {
  readonly holder: unknown[] | Record<string, unknown>;
  readonly key: string | number;
}

function withEdit(root: unknown, { at, how, value }: Edit): unknown {
  const places = placesIn(root);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return value;
  const { holder, key } = place;
  const before: unknown = Reflect.get(holder, key);
  switch (how) {
    case 'replace':
      set(place, structuredClone(value));
      break;
    case 'drop':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      break;
    case 'repeat':
      if (Array.isArray(holder)) holder.push(structuredClone(before));
      else set(place, [before, structuredClone(before)]);
      break;
    case 'rename':
      // A list has no names; `length` would even be one that it does not take.
      if (Array.isArray(holder)) break;
      Reflect.deleteProperty(holder, key);
      set({ holder, key: JSON.stringify(value).slice(0, 50) }, before);
      break;
    case 'copy': {
      const other = places[(at >>> 3) % places.length];
      if (other) set(other, structuredClone(before));
    }
  }
  return root;
}

/** Also where the key is `__proto__`, which an assignment would take for something else. */
function set({ holder, key }: Place, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function placesIn(root: unknown): readonly Place[] {
  const places: Place[] = [];
  const waiting: unknown[] = [root];
  for (let value = waiting.pop(); value !== undefined && places.length < 5_000; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const holder = Array.isArray(value) ? value : (value as Record<string, unknown>);
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const inside: unknown = Reflect.get(holder, key);
      if (typeof inside === 'object' && inside !== null) waiting.push(inside);
    }
  }
  return places;
}

const piece = fc.oneof(
  fc.constantFrom(
    '\r\n',
    '\t',
    '\n---\n',
    ' #',
    ': ',
    '- ',
    '&a ',
    '*a',
    '!!binary ',
    '{{ .Values.x }}',
    '|\n',
    '>-\n',
    '"',
    "'",
    '\ufeff',
    '\u0000',
    '\u2028',
    '@',
    '%',
    '{',
    ']',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

/** A seed with up to five pieces put in, cut out, or lines moved. */
export function nearText(seeds: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('insert', 'cut', 'repeat-line', 'drop-line', 'indent'),
    piece,
    length: fc.nat({ max: 30 }),
  });
  return fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 5 })).map(([seed, changes]) =>
    changes.reduce((text, { at, how, piece: put, length }) => {
      const place = at % (text.length + 1);
      const lines = text.split('\n');
      const line = at % lines.length;
      switch (how) {
        case 'insert':
          return `${text.slice(0, place)}${put}${text.slice(place)}`;
        case 'cut':
          return `${text.slice(0, place)}${text.slice(place + length)}`;
        case 'repeat-line':
          return lines.toSpliced(line, 0, lines[(at >>> 4) % lines.length] ?? '').join('\n');
        case 'drop-line':
          return lines.toSpliced(line, 1).join('\n');
        case 'indent':
          return lines.with(line, `${' '.repeat(length % 5)}${lines[line] ?? ''}`).join('\n');
      }
    }, seed),
  );
}

/** Bytes with up to three of them changed, or the end cut off; often none. */
export function damaged(bytes: Buffer): fc.Arbitrary<Buffer> {
  const hit = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
  return fc.tuple(fc.array(hit, { maxLength: 3 }), fc.option(fc.nat(), { freq: 5 })).map(([hits, cut]) => {
    const copy = Buffer.from(bytes);
    for (const [at, byte] of hits) if (copy.length > 0) copy[at % copy.length] = byte;
    return cut === null ? copy : copy.subarray(0, cut % (copy.length + 1));
  });
}
