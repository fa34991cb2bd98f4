package io.fundamentallm.runtime.cpu.train.layer;

import static io.fundamentallm.runtime.cpu.train.layer.TrainableTransformerTest.assertClose;
import static io.fundamentallm.runtime.cpu.train.layer.TrainableTransformerTest.doubles;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.norm.NormKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.NormStatistics;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.ReferenceSwitches;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each layer in single precision against the double-precision reference, forward and backward. */
class LayersTest {

  private static final int ROWS = 13;

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void linear_agrees_with_the_reference(Kernels kernels) {
    int inputs = 24;
    int outputs = 41;
    Random random = new Random(1);
    float[] parameters = KernelSets.random(3 + inputs * outputs + outputs, random);
    Linear linear = new Linear(inputs, outputs, 3, 3 + inputs * outputs, false);
    float[] x = KernelSets.random(ROWS * inputs, random);
    float[] dy = KernelSets.random(ROWS * outputs, random);
    float[] y = new float[ROWS * outputs];
    float[] dx = new float[ROWS * inputs];
    float[] gradients = new float[parameters.length];
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TeamProduct product = new TeamProduct(kernels.product(), parallel);
      linear.forward(product, parameters, ROWS, shifted(x), all(y));
      linear.backward(product, parameters, ROWS, shifted(dy), all(dx));
      // In two batches.
      Arrays.fill(gradients, Float.NaN);
      linear.gradients(product, gradients, true, 6, shifted(x), shifted(dy));
      linear.gradients(
          product,
          gradients,
          false,
          ROWS - 6,
          new Floats(x, 6 * inputs),
          new Floats(dy, 6 * outputs));
    }

    double[] w = doubles(parameters, linear.weight(), inputs * outputs);
    double[] b = doubles(parameters, linear.bias(), outputs);
    double[] expectedDx = new double[dx.length];
    double[] dw = new double[w.length];
    ReferenceLayers.linearBackward(
        ROWS, inputs, outputs, doubles(x), w, doubles(dy), expectedDx, dw, new double[b.length]);
    assertClose("y", y, ReferenceLayers.linear(ROWS, inputs, outputs, doubles(x), w, b));
    assertClose("dx", dx, expectedDx);
    assertClose("dw", slice(gradients, linear.weight(), w.length), dw);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void norm_agrees_with_the_reference(Kernels kernels) {
    int c = 45;
    Random random = new Random(2);
    float[] parameters = KernelSets.random(2 * c + 1, random);
    Norm norm = new Norm(c, 1e-5f, 1, 1 + c, 0);
    float[] x = KernelSets.random(ROWS * c, random);
    float[] dy = KernelSets.random(ROWS * c, random);
    float[] y = new float[ROWS * c];
    float[] dx = new float[ROWS * c];
    float[] gradients = new float[parameters.length];
    NormStatistics statistics = new NormStatistics(ROWS);
    NormKernels norms = kernels.norm();
    Normalization in = norm.in(parameters);
    norms.forward(in, 0, 5, shifted(x), all(y), statistics);
    norms.forward(in, 5, ROWS - 5, shifted(x), all(y), statistics);
    norms.backward(in, 0, 5, shifted(dy), shifted(x), statistics, all(dx));
    norms.backward(in, 5, ROWS - 5, shifted(dy), shifted(x), statistics, all(dx));
    Normalization into = norm.in(gradients);
    norms.parameterGradients(into, ROWS, 0, 32, shifted(dy), shifted(x), statistics);
    norms.parameterGradients(into, ROWS, 32, c - 32, shifted(dy), shifted(x), statistics);

    double[] gamma = doubles(parameters, 1, c);
    double[] beta = doubles(parameters, 1 + c, c);
    double[] expectedDx = new double[dx.length];
    double[] dgamma = new double[c];
    double[] dbeta = new double[c];
    ReferenceLayers.normBackward(
        ROWS, c, 1e-5f, doubles(x), gamma, doubles(dy), expectedDx, dgamma, dbeta);
    assertClose("y", y, ReferenceLayers.norm(ROWS, c, 1e-5f, doubles(x), gamma, beta));
    assertClose("dx", dx, expectedDx);
    assertClose("dgamma", slice(gradients, 1, c), dgamma);
    assertClose("dbeta", slice(gradients, 1 + c, c), dbeta);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void attention_agrees_with_the_reference_in_one_block_and_in_several(Kernels kernels) {
    int batch = 2;
    int c = 20;
    int heads = 2;
    int context = 3 * Attention.BLOCK;
    TransformerConfig.Attention shape = TransformerConfig.Attention.of(heads, heads, c / heads);
    Random random = new Random(3);
    try (Parallel parallel = Parallel.ofThreads(2)) {
      Compute compute = new Compute(kernels, parallel, Attention.scores(shape, context));
      Attention attention = new Attention(compute, 0, shape, 0, context);
      for (int steps : new int[] {1, 7, Attention.BLOCK, Attention.BLOCK + 1, context}) {
        float[] qkv = KernelSets.random(batch * steps * 3 * c, random);
        float[] dout = KernelSets.random(batch * steps * c, random);
        float[] out = new float[dout.length];
        float[] logSumExp = new float[batch * heads * steps];
        float[] dqkv = KernelSets.random(qkv.length, random);
        Pass pass = new Pass(batch, steps, null, Dropout.NONE, new int[0]);
        attention.forward(pass, shifted(qkv), all(out), logSumExp);
        float[] deltas = new float[logSumExp.length];
        attention.backward(
            pass, shifted(qkv), all(out), logSumExp, shifted(dout), deltas, all(dqkv));
        double[] expected = new double[qkv.length];
        ReferenceAttention.Setting setting =
            new ReferenceAttention.Setting(
                steps,
                new ReferenceAttention.Heads(heads, heads, c / heads),
                ReferenceSwitches.NONE,
                0);
        ReferenceAttention.backward(setting, doubles(qkv), doubles(dout), expected);
        assertClose("out", out, ReferenceAttention.forward(setting, doubles(qkv)));
        assertClose("dqkv", dqkv, expected);
      }
    }
  }

  /** The same floats, further back in an array. */
  private static Floats shifted(float[] x) {
    float[] array = new float[x.length + 7];
    System.arraycopy(x, 0, array, 7, x.length);
    return new Floats(array, 7);
  }

  private static Floats all(float[] x) {
    return new Floats(x, 0);
  }

  private static float[] slice(float[] x, int from, int length) {
    return Arrays.copyOfRange(x, from, from + length);
  }
}
