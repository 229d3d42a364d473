import { describeKernel } from './suite.ts';

describeKernel('dense_output_int8');
