// Reads what a source file imports, in every form the language has, and holds it against the table.
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { parseSync } from 'vite';
import { emptyNames, extensions, pureRooms, rooms, testPackages } from './table.ts';

interface Import {
  specifier: string;
  typeOnly: boolean;
}

type Tree = { type: string } & Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && 'type' in value;

function literal(node: unknown): string | undefined {
  return isTree(node) && node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined;
}

function identifier(node: unknown): string | undefined {
  return isTree(node) && node.type === 'Identifier' && typeof node['name'] === 'string' ? node['name'] : undefined;
}

/** `import { type A, type B } from` brings in types alone, as `import type` does. */
function bringsTypesOnly(node: Tree): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isTree) : [];
  return specifiers.length > 0 && specifiers.every((each) => (each['importKind'] ?? each['exportKind']) === 'type');
}

/** What this one node imports; undefined when it is no import, a null specifier when it is one that cannot be read. */
function importOf(node: Tree): { specifier: string | null; typeOnly: boolean } | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return { specifier: literal(node['source']) ?? null, typeOnly: bringsTypesOnly(node) };
    case 'ExportNamedDeclaration':
      if (!node['source']) return undefined;
      return { specifier: literal(node['source']) ?? null, typeOnly: bringsTypesOnly(node) };
    case 'ImportExpression':
      return { specifier: literal(node['source']) ?? null, typeOnly: false };
    case 'TSImportType':
      return { specifier: literal(node['source']) ?? null, typeOnly: true };
    case 'TSExternalModuleReference':
      return { specifier: literal(node['expression']) ?? null, typeOnly: false };
    case 'TSModuleDeclaration':
      return literal(node['id']) === undefined ? undefined : { specifier: literal(node['id']) ?? null, typeOnly: true };
    case 'CallExpression': {
      if (identifier(node['callee']) !== 'require') return undefined;
      const [first] = Array.isArray(node['arguments']) ? node['arguments'] : [];
      return { specifier: literal(first) ?? null, typeOnly: false };
    }
    default:
      return undefined;
  }
}

/** Names the clock or the dice that this node reads, if it reads one. */
function chanceOf(node: Tree): string | undefined {
  if (node.type === 'MemberExpression') {
    const name = `${identifier(node['object'])}.${identifier(node['property']) ?? literal(node['property'])}`;
    if (name === 'Date.now' || name === 'Math.random') return name;
  }
  const argumentCount = Array.isArray(node['arguments']) ? node['arguments'].length : 0;
  if (node.type === 'NewExpression' && identifier(node['callee']) === 'Date' && argumentCount === 0)
    return 'new Date()';
  if (node.type === 'CallExpression' && identifier(node['callee']) === 'Date') return 'Date()';
  return undefined;
}

function read(
  file: string,
  source: string,
): { imports: Import[]; chance: string[]; broken: string[]; electron: boolean } {
  const { program, comments, errors } = parseSync(file, source);
  const found = {
    imports: [] as Import[],
    chance: [] as string[],
    broken: errors.map((error) => `does not parse: ${error.message}`),
    electron: false,
  };
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) walk(each);
      return;
    }
    if (!isTree(value)) return;
    const imported = importOf(value);
    if (imported && imported.specifier !== null) {
      found.imports.push({ specifier: imported.specifier, typeOnly: imported.typeOnly });
    } else if (imported) {
      found.broken.push('imports a name that is computed; name the file');
    }
    const chance = chanceOf(value);
    if (chance) found.chance.push(chance);
    if (identifier(value) === 'electron' || literal(value) === 'electron') found.electron = true;
    for (const child of Object.values(value)) walk(child);
  };
  walk(program);
  for (const comment of comments) {
    const reference = /^\/\s*<reference\s+(?:types|path)="([^"]+)"/.exec(comment.value)?.[1];
    if (reference) found.imports.push({ specifier: reference, typeOnly: true });
  }
  return found;
}

const isTest = (file: string): boolean => /\.(test|cases)\.tsx?$/.test(file);

const roomOf = (file: string): string | undefined => /^(?:src|electron)\/[^/]+(?=\/)/.exec(file)?.[0];

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

function packageAllowed(specifier: string, allowed: readonly string[]): boolean {
  if (isBuiltin(specifier))
    return allowed.includes(specifier) || (specifier.startsWith('node:') && allowed.includes('node:*'));
  return allowed.includes(packageOf(specifier));
}

function nameViolations(file: string): string[] {
  const name = posix.basename(file).replace(/\..*$/, '');
  const words = name.split(/[-_]|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase());
  const empty = words.find((word) => emptyNames.includes(word));
  return empty ? [`${file}: the name "${empty}" says nothing; name the file after what is in it`] : [];
}

/** Every way in which this file, at its path from the repository's root, breaks the table: one sentence each. */
export function violations(file: string, source: string): string[] {
  const found = nameViolations(file);
  const roomName = roomOf(file);
  const room = roomName === undefined ? undefined : rooms[roomName];
  if (roomName === undefined || room === undefined) {
    return [...found, `${file}: lies in no room; the rooms are ${Object.keys(rooms).join(', ')}`];
  }
  const test = isTest(file);
  const packages = test ? [...room.packages, ...testPackages] : room.packages;
  const allowed = `${roomName} may import ${room.rooms.join(', ') || 'no other room'} and ${packages.join(', ') || 'no package'}`;
  const { imports, chance, broken, electron } = read(file, source);

  found.push(...broken.map((reason) => `${file}: ${reason}`));
  for (const { specifier, typeOnly } of imports) {
    const refuse = (why: string): unknown => found.push(`${file}: imports '${specifier}': ${why}`);
    if (!specifier.startsWith('.')) {
      if (!packageAllowed(specifier, packages)) refuse(allowed);
      continue;
    }
    const target = posix.join(posix.dirname(file), specifier.replace(/\?.*$/, ''));
    const targetRoom = roomOf(target);
    const entry: string | undefined =
      targetRoom === roomName ? targetRoom : room.rooms.find((each) => each === targetRoom || each === target);
    if (entry === undefined) {
      refuse(allowed);
      continue;
    }
    if (entry !== roomName && room.typesOnly?.includes(entry) && !typeOnly) {
      refuse(`${roomName} may import only types of it`);
    }
    if (!extensions.includes(posix.extname(target))) refuse(`the import must end in ${extensions.join(', ')}`);
    if (!test && isTest(target)) refuse('only a test may import a test');
  }
  if (!test && pureRooms.includes(roomName)) {
    found.push(...chance.map((name) => `${file}: reads ${name}; in ${roomName} time and chance are arguments`));
  }
  if (electron && file.startsWith('src/')) found.push(`${file}: names electron; nothing under src/ may`);
  return found;
}
