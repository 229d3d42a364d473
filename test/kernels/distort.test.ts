import { describeKernel } from './suite.ts';

describeKernel('distort');
