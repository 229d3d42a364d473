import { describeKernel } from './suite.ts';

describeKernel('dense_backward_input');
