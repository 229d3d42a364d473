import { describeKernel } from './suite.ts';

describeKernel('sgd');
