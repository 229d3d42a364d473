// WGSL, AssemblyScript and WebAssembly's text as the editor colours them: keywords, types, numbers, comments and attributes.
import { StreamLanguage, type StreamParser, type StringStream } from '@codemirror/language';

interface Words {
  readonly keywords: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
  readonly atoms: ReadonlySet<string>;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const WGSL: Words = {
  keywords: words(
    'alias break case const const_assert continue continuing default diagnostic discard else enable fn for if let loop override requires return struct switch var while',
  ),
  types: words(
    'array atomic bool f16 f32 i32 u32 ptr vec2 vec3 vec4 vec2f vec3f vec4f vec2u vec3u vec4u vec2i vec3i vec4i vec2h vec3h vec4h mat2x4f mat4x4f storage uniform workgroup private function read write read_write',
  ),
  atoms: words('true false'),
};

const ASSEMBLY_SCRIPT: Words = {
  keywords: words(
    'as break case const continue default do else export for from function if import let new of return switch type while',
  ),
  types: words(
    'bool f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 usize v128 void i8x16 i16x8 i32x4 i64x2 f32x4 f64x2',
  ),
  atoms: words('true false null Infinity NaN'),
};

const INSTRUCTIONS: Words = {
  keywords: words('func param result local loop if then else end block br br_if br_table return call'),
  types: words('i32 i64 f32 f64 v128 i8x16 i16x8 i32x4 i64x2 f32x4 f64x2 memory'),
  atoms: words(''),
};

interface State {
  /** How deep in comments of blocks. */
  depth: number;
}

/** A language of C's family. @param nested its comments of blocks may be nested */
function language(name: string, { keywords, types, atoms }: Words, nested: boolean): StreamLanguage<State> {
  const comment = (stream: StringStream, state: State): string => {
    while (!stream.eol()) {
      if (stream.match('*/')) {
        state.depth--;
        if (state.depth === 0) break;
      } else if (nested && stream.match('/*')) state.depth++;
      else stream.next();
    }
    return 'comment';
  };
  const parser: StreamParser<State> = {
    name,
    startState: () => ({ depth: 0 }),
    copyState: ({ depth }) => ({ depth }),
    languageData: { commentTokens: { line: '//', block: { open: '/*', close: '*/' } } },
    token(stream, state) {
      if (state.depth > 0) return comment(stream, state);
      if (stream.eatSpace()) return null;
      if (stream.match('//')) {
        stream.skipToEnd();
        return 'comment';
      }
      if (stream.match('/*')) {
        state.depth = 1;
        return comment(stream, state);
      }
      if (stream.match(/^@\w+/)) return 'meta';
      if (stream.match(/^(['"]).*?\1/)) return 'string';
      if (stream.match(/^(0[xX][\da-fA-F]+|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)[iufh]?/)) return 'number';
      const [word] = (stream.match(/^[A-Za-z_]\w*/) as RegExpMatchArray | null) ?? [''];
      if (word === '') {
        stream.next();
        return 'operator';
      }
      if (keywords.has(word)) return 'keyword';
      if (types.has(word)) return 'typeName';
      if (atoms.has(word)) return 'atom';
      return /^\s*\(/.test(stream.string.slice(stream.pos)) ? 'variableName.function' : 'variableName';
    },
    tokenTable: {},
  };
  return StreamLanguage.define(parser);
}

export const wgsl = language('wgsl', WGSL, true);
export const assemblyScript = language('assemblyscript', ASSEMBLY_SCRIPT, false);
export const instructions = language('webassembly', INSTRUCTIONS, false);
