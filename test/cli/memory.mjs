// Loaded before the command line (`node --import`): prints the median of what its process holds, sampled while
// it runs: heap, buffers and WASM memory that is not shared, in bytes.
// @ts-check
/** @type {number[]} */
const samples = [];

setInterval(() => {
  const { heapUsed, external } = process.memoryUsage();
  samples.push(heapUsed + external);
}, 50).unref();

process.on('exit', () => {
  const median = samples.sort((a, b) => a - b)[samples.length >> 1];
  process.stderr.write(`holds ${median}\n`);
});
