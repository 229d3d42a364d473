// The guided path: the same product written five times, each faster than the one before on a GPU.
const FILES = import.meta.glob<string>('./*.wgsl', { query: '?raw', import: 'default' });

interface PathStep {
  readonly title: string;
  /** Left out, the file that ships. */
  readonly file?: string;
  /** What to look at. */
  readonly lesson: string;
  /** Something to try. */
  readonly task: string;
}

export const PATH: readonly PathStep[] = [
  {
    title: 'One element an invocation',
    file: '1_element',
    lesson:
      'A shader is what one invocation does; thousands run at once. global_invocation_id says which element of y is its own. It reads a row of x and a column of the kernel: two loads for each multiply-add.',
    task: 'Leave out the line that returns at the edge, and see which elements go wrong.',
  },
  {
    title: 'A row of them',
    file: '2_row',
    lesson:
      'Each invocation computes four neighbouring units. A vec4f is loaded and multiplied as one, and what is loaded of x serves four sums.',
    task: 'Start the sum at the bias: then finish() adds it twice. How far off is that?',
  },
  {
    title: 'A tile in workgroup memory',
    file: '3_tile',
    lesson:
      'The 256 invocations of a workgroup load what they all need once, into memory that they share. The barriers make each wait until all have loaded, and until all have read.',
    task: 'Take away the second workgroupBarrier(): is it always noticed?',
  },
  {
    title: 'Registers',
    file: '4_registers',
    lesson:
      'Workgroup memory is fast, registers are faster. With 4 × 4 sums an invocation reads eight values for sixteen multiply-adds.',
    task: 'Exchange two rows of sums and look at the pattern of the errors.',
  },
  {
    title: 'The one that ships',
    lesson:
      'Larger tiles, a choice by shape and device, and for adapters that run on the processor no workgroup memory at all: caches do there what tiles do on a GPU.',
    task: 'Plant one of the errors of the test suite, and find it by the map alone.',
  },
];

/** @param step from 1 @throws Error if its text cannot be loaded */
export async function stepText(step: number): Promise<string | undefined> {
  const { file } = PATH[step - 1];
  return file === undefined ? undefined : FILES[`./${file}.wgsl`]();
}

/** All texts that have a file of their own, for who times them. @throws Error as stepText() */
export function pathTexts(): Promise<(string | undefined)[]> {
  return Promise.all(PATH.map((_, index) => stepText(index + 1)));
}

/** The variant whose grid the steps have: workgroups of 16 × 16 elements. */
export const PATH_VARIANT = { name: 'split', shader: 'dense_forward_split' } as const;
