// Adam with Nesterov's momentum in tfjs's operations, which has none of its own: Dozat, "Incorporating Nesterov
// momentum into Adam", 2016, with one bias correction for both terms.
import * as tf from '@tensorflow/tfjs-core';

interface Moments {
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

export class NesterovAdam {
  private readonly moments = new Map<string, Moments>();
  private steps = 0;

  constructor(
    public learningRate: number,
    private readonly beta1: number,
    private readonly beta2: number,
    private readonly epsilon: number,
  ) {}

  /** Updates the variables of those names. */
  applyGradients(gradients: tf.NamedTensorMap): void {
    const { beta1, beta2, epsilon, learningRate } = this;
    this.steps++;
    const [rest1, rest2] = [1 - beta1 ** this.steps, 1 - beta2 ** this.steps];
    const { registeredVariables } = tf.engine();
    for (const [name, gradient] of Object.entries(gradients)) {
      const variable = registeredVariables[name];
      const { first, second } = this.momentsOf(name, variable);
      tf.tidy(() => {
        const share = tf.mul(gradient, 1 - beta1);
        first.assign(tf.add(tf.mul(first, beta1), share));
        second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
        const followed = tf.div(tf.add(tf.mul(first, beta1), share), rest1);
        const root = tf.add(tf.sqrt(tf.div(second, rest2)), epsilon);
        variable.assign(tf.sub(variable, tf.mul(tf.div(followed, root), learningRate)));
      });
    }
  }

  private momentsOf(name: string, { shape }: tf.Variable): Moments {
    const zeros = () => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    const known = this.moments.get(name) ?? { first: zeros(), second: zeros() };
    this.moments.set(name, known);
    return known;
  }

  dispose(): void {
    for (const { first, second } of this.moments.values()) tf.dispose([first, second]);
    this.moments.clear();
  }
}
