// What `npm run compiled` writes: products of the WebGPU engine, and of peers, as a GPU's compiler sees them.

export interface CompiledKernel {
  readonly kernel: string;
  /** Empty for a peer's. */
  readonly tiling: string;
  /** Of the GPU, by Mesa's name. */
  readonly family: string;
  /** Of the main loop. */
  readonly instructions: number;
  /** Of them, those that multiply and add. */
  readonly multiplyAdds: number;
  /** Of them, reads of workgroup memory. */
  readonly ldsReads: number;
  /** Of them, those that keep an index within bounds. */
  readonly clamps: number;
  /** Of the whole kernel: loads from buffers, and those of four words. */
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
