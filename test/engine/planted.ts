// Errors that are planted in shaders. Compiling is what takes the time on a software adapter, so all errors
// of a tiling share an engine, which compiles the one shader that was changed and has the others from before.

import type { Engine } from '../../src/engine/engine.ts';
import { openWebgpu } from '../../src/engine/webgpu/engine.ts';
import type { Tiling } from '../../src/engine/webgpu/kernels/tiles.ts';
import { WGSL_SOURCES } from '../../src/engine/webgpu/shader_sources.ts';
import { nodeHost } from '../../src/hosts/node.ts';

interface PlantedError {
  /** In shaders/, without `.wgsl`. */
  readonly file: string;
  readonly tiling: Tiling;
  /** The first occurrence of `from` becomes `to`. */
  readonly from: string;
  readonly to: string;
}

export class PlantableEngines {
  /** The engine looks up its shaders whenever it prepares a plan. */
  readonly #sources: { [shader: string]: string } = { ...WGSL_SOURCES };
  readonly #engines = new Map<Tiling, Promise<Engine>>();

  /**
   * One for each tiling, with the shaders that ship; but for `registers` with a GPU's variants throughout, and with
   * products of bytes by hand.
   */
  engine(tiling: Tiling): Promise<Engine> {
    const options = { tiling, software: tiling === 'registers', packedProducts: false };
    const engine = this.#engines.get(tiling) ?? openWebgpu(nodeHost(), options, this.#sources);
    this.#engines.set(tiling, engine);
    return engine;
  }

  /** What `use` makes of an engine that has the error in all plans it prepares meanwhile. */
  async withError<T>(
    { file, tiling, from, to }: PlantedError,
    use: (engine: Engine) => Promise<T>,
  ): Promise<T> {
    const source = WGSL_SOURCES[file];
    if (!source.includes(from)) throw new Error(`${file} has no "${from}"`);
    this.#sources[file] = source.replace(from, to);
    try {
      return await use(await this.engine(tiling));
    } finally {
      this.#sources[file] = source;
    }
  }

  async dispose(): Promise<void> {
    for (const engine of this.#engines.values()) (await engine).dispose();
  }
}
