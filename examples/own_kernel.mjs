// A kernel of one's own in place of one that ships: changed WGSL, held against the float64 oracle.
// It needs the package webgpu in Node; in a browser it is the same.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createSession } from 'mnist-kernels';

const file = createRequire(import.meta.url).resolve('mnist-kernels/shaders/dense_forward.wgsl');
const source = await readFile(file, 'utf8');
const ops = {
  x: Float32Array.of(1, -2),
  kernel: Float32Array.of(3, 4, 5, 6),
  bias: Float32Array.of(0.5, 0.5),
};
const constants = { rows: 1, inputs: 2, units: 2, activation: 'leaky_relu' };

/** Runs it once, and says whether it is right on every awkward shape. */
async function tryOut(title, wgsl) {
  const session = await createSession({ backend: 'webgpu', shaders: { dense_forward: wgsl } });
  const { y } = await session.runKernel('dense_forward', ops, constants);
  const rows = await session.validate(['dense_forward']);
  const wrong = rows.filter(({ pass }) => !pass);
  console.log(`${title}: y = ${[...y]}; ${rows.length - wrong.length} of ${rows.length} shapes are right`);
  await session.close();
}

await tryOut('as it ships', source);
await tryOut('with half the slope', source.replace('const LEAK: f32 = 0.2;', 'const LEAK: f32 = 0.1;'));
