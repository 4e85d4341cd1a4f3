import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/project.mjs';

/** A page of documentation, by its path from the project's folder. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

const paths = [
  'README.md',
  'CONTRIBUTING.md',
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];
export const pages: readonly Page[] = paths.map((path) => ({
  path,
  text: readFileSync(join(projectRoot, path), 'utf8'),
}));

export function pageAt(path: string): string {
  const page = pages.find((one) => one.path === path);
  if (page === undefined) throw new Error(`there is no page ${path}`);
  return page.text;
}

/** A block of code, with what the comment right above it says it is. */
export interface Block {
  readonly language: string;
  /** What stands in `<!-- … -->` above it; empty without. */
  readonly marker: string;
  readonly text: string;
}

const fenced = /(?:<!-- ([^\n]*) -->\n\n)?^( *)```([a-z]*)\n(.*?)^ *```$/gms;
/** The blocks of a page, in its order; those in lists without the indentation of the list. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(fenced)].map(([, marker = '', indent = '', language = '', text = '']) => ({
    language,
    marker,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** What a page has its reader type: the lines of its blocks for a shell, then the commands in its sentences. */
export function commandLines(page: string): readonly string[] {
  const blocks = blocksOf(page).filter(({ language }) => language === 'sh');
  return [...blocks.flatMap(linesOf), ...inlineCommands(page)];
}

/** Those that end in a backslash go on in the next. */
function linesOf({ text }: Block): readonly string[] {
  return text
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Commands within sentences. One of kubectl or helm with fewer than four words is the name of a command, and not a line to type. */
function inlineCommands(page: string): readonly string[] {
  const spans = [
    ...proseOf(page).matchAll(/`((?:npm (?:run|test)|docker|helm|kubectl|redis-cli|oomkeeper) [^`\n]+)`/g),
  ];
  return spans
    .map(([, command = '']) => command)
    .filter((command) => /^(?:npm|docker|oomkeeper)/.test(command) || command.split(' ').length > 3);
}

/** The page without its blocks of code, which hold no links and no headings. */
export function proseOf(page: string): string {
  return page.replaceAll(fenced, '');
}
