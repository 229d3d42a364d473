// What a build exports: one function for each kernel of src/network/kernels.ts, and the barrier.
export { adamw } from './adamw';
export { barrier } from './barrier';
export { confusion } from './confusion';
export { dense_backward_input } from './dense_backward_input';
export { dense_backward_weight } from './dense_backward_weight';
export { dense_forward } from './dense_forward';
export { gather_batch } from './gather_batch';
export { sgd } from './sgd';
export { softmax_cross_entropy } from './softmax_cross_entropy';
