// What `npm run compiled` writes: products of the WebGPU engine, and of peers, as a GPU's compiler sees them.

export interface CompiledKernel {
  readonly kernel: string;
  /** Empty for a peer's. */
  readonly tiling: string;
  /** The GPU's, by Mesa's name. */
  readonly family: string;
  /** Instructions of the main loop. */
  readonly instructions: number;
  /** How many of them multiply and add. */
  readonly multiplyAdds: number;
  /** How many of them read workgroup memory. */
  readonly ldsReads: number;
  /** How many of them keep an index within bounds. */
  readonly clamps: number;
  /** Loads from buffers in the whole kernel, and those of four words among them. */
  readonly loads: number;
  readonly wideLoads: number;
  /** Vector registers. */
  readonly registers: number;
  readonly spilled: number;
  /** Bytes of workgroup memory. */
  readonly ldsBytes: number;
  /** Waves that a processor can hold. */
  readonly waves: number;
}

export interface Compiled {
  readonly schema: 'mnist-kernels/compiled@1';
  readonly kernels: readonly CompiledKernel[];
}
