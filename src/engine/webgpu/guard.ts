// Ends the loops of a shader that somebody is writing. One that never ends would hold the device, and where that
// is the processor, as SwiftShader, no browser ever takes it back: nothing else on the page could use WebGPU.
import { InputError } from '../../errors.ts';

/**
 * Rounds of one loop in one invocation: many times what any kernel needs for the shapes that it is tried on, and
 * fewer than lavapipe's 65,536, after which it leaves a loop and says nothing.
 */
export const MAX_ROUNDS = 65_000;

/** Rounds of all loops in one invocation, where no invocation waits for others: loops may call what loops. */
const MAX_ROUNDS_IN_ALL = 1_000_000;

/** Where a loop that was ended leaves its line: in the group of the step, after it. */
export const GUARD_BINDING = 1;

/** What is thrown once a loop was ended. @param line of its text, from 1 */
export function endlessLoop(line: number): InputError {
  const [rounds, all] = [MAX_ROUNDS, MAX_ROUNDS_IN_ALL].map((count) => count.toLocaleString('en'));
  return new InputError(
    `line ${line}: this loop was ended after ${rounds} rounds, or ${all} with the loops around it`,
  );
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * The shader with an end to each of its loops: after `rounds` in one invocation a loop is left, and its line
 * stands in the guard's binding. Lines keep their numbers. A text that does not parse comes back with no harm done
 * but to its error.
 * @param source WGSL
 */
export function guardLoops(source: string, rounds = MAX_ROUNDS): string {
  const code = withoutComments(source);
  const insertions: Insertion[] = [];
  // The compiler wants to see that all invocations come to a barrier: what a count in all decides, they may not.
  const waits = /Barrier\s*\(/.test(code);
  let loops = 0;
  for (const { begin, end } of functionBodies(code)) {
    const counters: string[] = [];
    for (const { index: keyword } of code.slice(begin, end).matchAll(/\b(?:for|while|loop)\b/g)) {
      const at = begin + keyword;
      const body = bodyOf(code, at, end);
      if (body === undefined) continue;
      const counter = `guardedRounds${++loops}`;
      const line = code.slice(0, at).split('\n').length;
      counters.push(`var ${counter} = 0u;`);
      insertions.push({
        at: body,
        text: waits
          ? check(`${counter} >= ${rounds}u`, line, [counter])
          : check(`${counter} >= ${rounds}u || guardedInAll >= ${MAX_ROUNDS_IN_ALL}u`, line, [
              counter,
              'guardedInAll',
            ]),
      });
    }
    // Declared by the function, so that a loop within a loop has no more rounds in all; and one by one, so that
    // the compiler sees which loops all invocations leave together.
    if (counters.length > 0) insertions.push({ at: begin, text: ` ${counters.join(' ')}` });
  }
  if (loops === 0) return source;
  const guarded = insertions
    .toSorted((a, b) => b.at - a.at)
    .reduce((text, { at, text: more }) => text.slice(0, at) + more + text.slice(at), source);
  return `${guarded}
var<private> guardedInAll: u32;
@group(1) @binding(${GUARD_BINDING}) var<storage, read_write> guardedLine: atomic<u32>;
`;
}

/** At the beginning of a loop's body. */
function check(condition: string, line: number, counters: readonly string[]): string {
  const counted = counters.map((counter) => `${counter}++;`).join(' ');
  return ` if (${condition}) { atomicStore(&guardedLine, ${line}u); break; } ${counted}`;
}

/** Spaces in place of comments: everything else stays where it is. */
function withoutComments(source: string): string {
  let code = '';
  for (let at = 0; at < source.length; ) {
    const two = source.slice(at, at + 2);
    const end = two === '//' ? endOfLine(source, at) : two === '/*' ? endOfBlock(source, at) : at;
    if (end > at) code += source.slice(at, end).replace(/[^\n]/g, ' ');
    else code += source[at];
    at = Math.max(end, at + 1);
  }
  return code;
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
}

/** Comments in blocks may be nested. */
function endOfBlock(source: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < source.length; at++) {
    const two = source.slice(at, at + 2);
    if (two !== '/*' && two !== '*/') continue;
    depth += two === '/*' ? 1 : -1;
    at++;
    if (depth === 0) return at + 1;
  }
  return source.length;
}

/** From behind its `{` to its `}`. */
interface Body {
  readonly begin: number;
  readonly end: number;
}

function functionBodies(code: string): Body[] {
  return [...code.matchAll(/\bfn\s+\w+\s*\(/g)].flatMap(({ index, 0: head }) => {
    const parameters = closing(code, index + head.length - 1, '(', ')');
    const open = parameters === undefined ? -1 : code.indexOf('{', parameters);
    const end = open < 0 ? undefined : closing(code, open, '{', '}');
    return end === undefined ? [] : [{ begin: open + 1, end }];
  });
}

/** Behind the `{` of a loop's body. @param at the loop's keyword */
function bodyOf(code: string, at: number, end: number): number | undefined {
  const open = code.indexOf('{', at);
  return open < 0 || open >= end ? undefined : open + 1;
}

/** Where the bracket at `at` is closed. */
function closing(code: string, at: number, left: string, right: string): number | undefined {
  let depth = 0;
  for (let i = at; i < code.length; i++) {
    if (code[i] === left) depth++;
    else if (code[i] === right && --depth === 0) return i;
  }
  return undefined;
}
