import { describeKernel } from './suite.ts';

describeKernel('dense_forward');
