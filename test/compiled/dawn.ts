// WGSL as Tint, Dawn's compiler, hands it to a Vulkan driver: SPIR-V.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { swiftShader } from '../../src/hosts/software_gpu.ts';

const run = promisify(execFile);

export interface Source {
  readonly wgsl: string;
  readonly overrides?: { readonly [override: string]: number };
}

export interface Spirv {
  readonly words: Uint8Array;
  readonly entryPoint: string;
  /** Bindings of uniform buffers; all others are of storage buffers. */
  readonly uniforms: readonly { readonly group: number; readonly binding: number }[];
}

/** Processes at once. */
const TOGETHER = 4;

/** @throws Error if one does not compile */
export async function compileToSpirv(sources: readonly Source[]): Promise<Spirv[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-spirv-'));
  try {
    const compiled: Spirv[] = [];
    for (let first = 0; first < sources.length; first += TOGETHER) {
      const some = sources.slice(first, first + TOGETHER);
      compiled.push(...(await Promise.all(some.map((source, n) => compile(source, folder, first + n)))));
    }
    return compiled;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compile(source: Source, folder: string, index: number): Promise<Spirv> {
  const file = join(folder, `${index}.json`);
  writeFileSync(file, JSON.stringify(source));
  return assemble(await disassemblyOf(file, folder), folder, index);
}

/** Milliseconds without a word, after which a text that looks whole is. */
const SILENCE = 500;

/**
 * Dawn writes what it compiled to standard output, and hands it to the driver, which would go on for seconds:
 * its process is ended as soon as all is said.
 */
async function disassemblyOf(file: string, folder: string): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'dump_spirv.mjs'), file], {
    env: { ...process.env, VK_DRIVER_FILES: swiftShader(), XDG_RUNTIME_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors = text(child.stderr);
  let said = '';
  let silence: ReturnType<typeof setTimeout> | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    said += chunk;
    clearTimeout(silence);
    if (wholeAssemblyIn(said)) silence = setTimeout(() => child.kill('SIGKILL'), SILENCE);
  });
  await once(child, 'close');
  const assembly = wholeAssemblyIn(said);
  if (assembly === undefined) throw new Error(`Dawn did not compile a shader: ${await errors}`);
  return assembly;
}

/** As many functions have ended as have begun; more may follow. */
function wholeAssemblyIn(said: string): string | undefined {
  const assembly = said.split('/* Dumped SPIRV disassembly */')[1]?.split('/*')[0];
  const count = (pattern: RegExp) => assembly?.match(pattern)?.length ?? 0;
  const functions = count(/ = OpFunction /g);
  return functions > 0 &&
    count(/OpFunctionEnd\n/g) === functions &&
    assembly.trimEnd().endsWith('OpFunctionEnd')
    ? assembly
    : undefined;
}

async function assemble(assembly: string, folder: string, index: number): Promise<Spirv> {
  const [file, binary] = [join(folder, `${index}.spvasm`), join(folder, `${index}.spv`)];
  writeFileSync(file, assembly);
  await run('spirv-as', ['--target-env', 'vulkan1.3', file, '-o', binary]);
  const decorations = (name: string) =>
    new Map(
      [...assembly.matchAll(new RegExp(`OpDecorate (%\\S+) ${name} (\\d+)`, 'g'))].map((m) => [m[1], m[2]]),
    );
  const [groups, bindings] = [decorations('DescriptorSet'), decorations('Binding')];
  return {
    words: new Uint8Array(readFileSync(binary)),
    entryPoint: /OpEntryPoint GLCompute %\S+ "([^"]+)"/.exec(assembly)![1],
    uniforms: [...assembly.matchAll(/(%\S+) = OpVariable %\S+ Uniform\b/g)].map(([, variable]) => ({
      group: Number(groups.get(variable)),
      binding: Number(bindings.get(variable)),
    })),
  };
}
