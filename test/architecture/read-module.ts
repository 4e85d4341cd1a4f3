import { posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export interface ModuleImport {
  /** A path from the project's root for a file of this project, else the name of the package or built-in. */
  readonly target: string;
  readonly isOwn: boolean;
  /** Nothing of it is left at run time. */
  readonly isType: boolean;
  /** Names that are taken from it; `*` for all. */
  readonly names: readonly string[];
}

/** What the rules look at in one file. */
export interface ModuleFacts {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly ModuleImport[];
  readonly hasDefaultExport: boolean;
  readonly hasEnum: boolean;
  /** It exports, and everything that it exports is declared elsewhere. */
  readonly isBarrel: boolean;
  /** Expressions like `process.env`, `Date.now`, `new Date()`, `setTimeout()`, by which a module reaches the world. */
  readonly reaches: readonly string[];
  /** `beforeEach()` and the like outside of any function. */
  readonly hasHookAtTop: boolean;
}

const globalCalls = new Set(['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']);
const hooks = new Set(['beforeAll', 'beforeEach', 'afterEach', 'afterAll']);
const globalObjects = new Set(['process', 'console', 'performance', 'crypto', 'Date', 'Math']);

/** @throws Error where the file is not TypeScript that can be parsed: facts of half a file would be a lie */
export function readModule(path: string, text: string): ModuleFacts {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error) throw new Error(`${path} cannot be parsed: ${error.message}`);

  const imports: ModuleImport[] = [];
  const reaches = new Set<string>();
  let hasEnum = false;
  let hasDefaultExport = false;
  const add = (specifier: string, isType: boolean, names: readonly string[]): void => {
    const isOwn = specifier.startsWith('.');
    const target = isOwn ? posix.join(posix.dirname(path), specifier) : specifier;
    imports.push({ target, isOwn, isType, names });
  };

  new Visitor({
    ImportDeclaration(node) {
      const names = node.specifiers.map((specifier) =>
        specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier'
          ? specifier.imported.name
          : '*',
      );
      const areTypes = node.specifiers.map(
        (specifier) => specifier.type === 'ImportSpecifier' && specifier.importKind === 'type',
      );
      const isType = node.importKind === 'type' || (areTypes.length > 0 && areTypes.every(Boolean));
      add(node.source.value, isType, names);
    },
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string') add(node.source.value, false, ['*']);
    },
    TSImportType(node) {
      add(node.source.value, true, ['*']);
    },
    ExportNamedDeclaration(node) {
      if (node.source) add(node.source.value, node.exportKind === 'type', ['*']);
      hasDefaultExport ||= node.specifiers.some(
        ({ exported }) => exported.type === 'Identifier' && exported.name === 'default',
      );
    },
    ExportAllDeclaration(node) {
      add(node.source.value, node.exportKind === 'type', ['*']);
    },
    ExportDefaultDeclaration() {
      hasDefaultExport = true;
    },
    TSEnumDeclaration() {
      hasEnum = true;
    },
    MemberExpression(node) {
      const { object, property } = node;
      if (object.type !== 'Identifier' || !globalObjects.has(object.name)) return;
      if (property.type === 'Identifier') reaches.add(`${object.name}.${property.name}`);
      if (property.type === 'Literal') reaches.add(`${object.name}.${String(property.value)}`);
    },
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && globalCalls.has(node.callee.name)) reaches.add(`${node.callee.name}()`);
    },
    NewExpression(node) {
      const isNow = node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0;
      if (isNow) reaches.add('new Date()');
    },
    VariableDeclarator(node) {
      const isTakenApart = node.id.type === 'ObjectPattern' && node.init?.type === 'Identifier';
      if (isTakenApart && node.init?.type === 'Identifier' && globalObjects.has(node.init.name)) {
        for (const property of node.id.type === 'ObjectPattern' ? node.id.properties : []) {
          const name = property.type === 'Property' && property.key.type === 'Identifier' ? property.key.name : '*';
          reaches.add(`${node.init.name}.${name}`);
        }
      }
    },
  }).visit(program);

  const others = program.body.filter(({ type }) => type !== 'ImportDeclaration');
  const isBarrel =
    others.length > 0 &&
    others.every(
      (statement) =>
        statement.type === 'ExportAllDeclaration' ||
        (statement.type === 'ExportNamedDeclaration' && statement.declaration === null),
    );
  const hasHookAtTop = program.body.some(
    (statement) =>
      statement.type === 'ExpressionStatement' &&
      statement.expression.type === 'CallExpression' &&
      statement.expression.callee.type === 'Identifier' &&
      hooks.has(statement.expression.callee.name),
  );
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return { path, lines, imports, hasDefaultExport, hasEnum, isBarrel, reaches: [...reaches], hasHookAtTop };
}
