// What a build for int8 networks exports: all that their plans call. It is a module of its own because few need it, and
// because a browser may lack its instructions and have those of the others.
export { barrier } from './barrier';
export { confusion } from './confusion';
export { dense_forward_int8, dense_forward_int8_active } from './dense_forward_int8';
export { dense_output_int8 } from './dense_output_int8';
export { gather_batch_int8, gather_batch_int8_active } from './gather_batch_int8';
export { softmax_cross_entropy } from './softmax_cross_entropy';
