// Loaded before the command line (`node --import`): prints the least that its process holds in the second half of
// its time, which is after a collection: heap, buffers and WASM memory that is not shared, in bytes.
// @ts-check
/** @type {number[]} */
const samples = [];

setInterval(() => {
  const { heapUsed, external } = process.memoryUsage();
  samples.push(heapUsed + external);
}, 50).unref();

process.on('exit', () => {
  const least = Math.min(...samples.slice(samples.length >> 1));
  process.stderr.write(`holds ${least}\n`);
});
