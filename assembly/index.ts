// What a build exports: the kernels of src/network/kernels.ts, their fusions (src/engine/wasm/fusions.ts),
// the barrier and the roofline probe. index_distort.ts and index_int8.ts have those that only some plans call.
export { adamw } from './adamw';
export { barrier } from './barrier';
export { confusion } from './confusion';
export { dense_backward_input, dense_backward_input_active } from './dense_backward_input';
export {
  dense_backward_weight,
  dense_backward_weight_active_adamw,
  dense_backward_weight_active_sgd,
  dense_backward_weight_adamw,
  dense_backward_weight_sgd,
} from './dense_backward_weight';
export { dense_forward, dense_forward_active } from './dense_forward';
export { gather_batch, gather_batch_active } from './gather_batch';
export { list_active } from './list_active';
export { roofline } from './roofline';
export { sgd } from './sgd';
export { softmax_cross_entropy } from './softmax_cross_entropy';
