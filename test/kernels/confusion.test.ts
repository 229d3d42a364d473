import { describeKernel } from './suite.ts';

describeKernel('confusion');
