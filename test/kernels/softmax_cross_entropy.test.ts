import { describeKernel } from './suite.ts';

describeKernel('softmax_cross_entropy');
