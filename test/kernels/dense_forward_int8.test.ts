import { describeKernel } from './suite.ts';

describeKernel('dense_forward_int8');
