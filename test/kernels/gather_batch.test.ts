import { describeKernel } from './suite.ts';

describeKernel('gather_batch');
