import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';

/*
 * What `src` declares and nothing in `src` reads: tests alone keep it alive. Members are told apart by name only, so that
 * one of a common name can hide; what is found is certain, but for what is handed on to others (see `forOthers`).
 */
export interface Source {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

interface Declared {
  readonly name: string;
  readonly path: string;
  readonly line: number;
}

/** Members that others read, or that a test has to see: each with who does. */
const forOthers: Readonly<Record<string, string>> = {
  because: 'each no names its reason, whoever asks',
  connected: 'tests wait until both sockets stand',
  cursor: 'Slack',
  inclusive: 'Slack',
  latest: 'Slack',
  oldest: 'Slack',
  replyMapping: 'ioredis',
  resultType: 'the schema itself: a literal',
};

/** One line for each member that is never read, and each export that is neither imported nor used where it is made. */
export function unreached(sources: readonly Source[]): readonly string[] {
  const members: Declared[] = [];
  const exported: Declared[] = [];
  const read = new Set<string>();
  const imported = new Set<string>();
  const used = new Map<string, number>();
  for (const { path, text } of sources) {
    const { program, errors } = parseSync(path, text);
    const [error] = errors;
    if (error) throw new Error(`${path} cannot be parsed: ${error.message}`);
    const at = (start: number): number => text.slice(0, start).split('\n').length;
    const addImport = (from: string, name: string): void => {
      imported.add(`${posix.join(posix.dirname(path), from)} ${name}`);
    };
    const addExport = (name: string, start: number): void => {
      exported.push({ name, path, line: at(start) });
    };
    new Visitor({
      TSPropertySignature({ key, start }) {
        const name = nameOf(key);
        if (name !== null) members.push({ name, path, line: at(start) });
      },
      TSMethodSignature({ key, start }) {
        const name = nameOf(key);
        if (name !== null) members.push({ name, path, line: at(start) });
      },
      CallExpression({ callee, arguments: [shape] }) {
        const isSchema =
          callee.type === 'MemberExpression' && /^(strict|loose)?object$/i.test(nameOf(callee.property) ?? '');
        if (!isSchema || shape?.type !== 'ObjectExpression') return;
        for (const property of shape.properties) {
          const name = property.type === 'Property' ? nameOf(property.key) : null;
          if (name !== null) members.push({ name, path, line: at(property.start) });
        }
      },
      MemberExpression({ property, computed }) {
        const name = computed && property.type !== 'Literal' ? null : nameOf(property);
        if (name !== null) read.add(name);
      },
      ObjectPattern({ properties }) {
        for (const property of properties) {
          const name = property.type === 'Property' ? nameOf(property.key) : null;
          if (name !== null) read.add(name);
        }
      },
      BinaryExpression({ operator, left }) {
        if (operator === 'in' && left.type === 'Literal') read.add(String(left.value));
      },
      ImportDeclaration({ source, specifiers }) {
        for (const one of specifiers)
          addImport(source.value, one.type === 'ImportSpecifier' ? (nameOf(one.imported) ?? '*') : '*');
      },
      ImportExpression({ source }) {
        if (source.type === 'Literal') addImport(String(source.value), '*');
      },
      ExportNamedDeclaration({ declaration, start }) {
        if (declaration?.type === 'VariableDeclaration') {
          for (const { id } of declaration.declarations) if (id.type === 'Identifier') addExport(id.name, start);
        } else if (declaration !== null && 'id' in declaration && declaration.id?.type === 'Identifier')
          addExport(declaration.id.name, start);
      },
      Identifier({ name }) {
        used.set(`${path} ${name}`, (used.get(`${path} ${name}`) ?? 0) + 1);
      },
    }).visit(program);
  }
  const isUsed = ({ path, name }: Declared): boolean =>
    imported.has(`${path} ${name}`) || imported.has(`${path} *`) || (used.get(`${path} ${name}`) ?? 0) > 1;
  return [
    ...members
      .filter(({ name }) => !read.has(name) && forOthers[name] === undefined)
      .map(({ name, path, line }) => `${path}:${line} ${name} is never read`),
    ...exported.filter((one) => !isUsed(one)).map(({ name, path, line }) => `${path}:${line} ${name} is never used`),
  ];
}

function nameOf(key: { readonly type: string; readonly name?: unknown; readonly value?: unknown }): string | null {
  if (key.type === 'Identifier') return String(key.name);
  return key.type === 'Literal' ? String(key.value) : null;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const sources = globSync('src/**/*.ts').map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(path, 'utf8'),
  }));
  const found = unreached(sources);
  if (sources.length === 0) throw new Error('There is no src here.');
  process.stdout.write(found.map((line) => `${line}\n`).join(''));
  process.exitCode = found.length === 0 ? 0 : 1;
}
