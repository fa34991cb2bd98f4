package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.train.layer.Dropout;
import io.fundamentallm.runtime.cpu.train.layer.ReferenceAttention;
import io.fundamentallm.runtime.cpu.train.layer.ReferenceLayers;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformerTest;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The hand-written backward of the double-precision reference against central differences. */
class ReferenceGradientsTest {

  private static final double H = 1e-5;

  private static double[] random(int length, Random random) {
    double[] x = new double[length];
    for (int i = 0; i < length; i++) {
      x[i] = random.nextGaussian();
    }
    return x;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  /** Checks that gradient is the derivative of loss with respect to x, which loss reads. */
  private static void check(String name, double[] x, double[] gradient, DoubleSupplier loss) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < x.length; i++) {
      double kept = x[i];
      x[i] = kept + H;
      double above = loss.getAsDouble();
      x[i] = kept - H;
      double below = loss.getAsDouble();
      x[i] = kept;
      double numeric = (above - below) / (2 * H);
      difference += Math.pow(numeric - gradient[i], 2);
      norm += numeric * numeric;
    }
    assertThat(norm).as(name).isPositive();
    assertThat(Math.sqrt(difference / norm)).as(name).isLessThan(1e-6);
  }

  @Test
  void linear() {
    Random random = new Random(1);
    double[] x = random(3 * 5, random);
    double[] w = random(5 * 4, random);
    double[] b = random(4, random);
    double[] dy = random(3 * 4, random);
    double[] dx = new double[15];
    double[] dw = new double[20];
    double[] db = new double[4];
    ReferenceLayers.linearBackward(3, 5, 4, x, w, dy, dx, dw, db);
    DoubleSupplier loss = () -> dot(dy, ReferenceLayers.linear(3, 5, 4, x, w, b));
    check("x", x, dx, loss);
    check("w", w, dw, loss);
    check("b", b, db, loss);
  }

  @Test
  void norm() {
    Random random = new Random(2);
    double[] x = random(3 * 7, random);
    double[] gamma = random(7, random);
    double[] beta = random(7, random);
    double[] dy = random(3 * 7, random);
    double[] dx = new double[21];
    double[] dgamma = new double[7];
    double[] dbeta = new double[7];
    ReferenceLayers.normBackward(3, 7, 1e-5, x, gamma, dy, dx, dgamma, dbeta);
    DoubleSupplier loss = () -> dot(dy, ReferenceLayers.norm(3, 7, 1e-5, x, gamma, beta));
    check("x", x, dx, loss);
    check("gamma", gamma, dgamma, loss);
    check("beta", beta, dbeta, loss);
  }

  @Test
  void gelu() {
    Random random = new Random(3);
    double[] x = random(50, random);
    double[] dy = random(50, random);
    double[] dx = new double[50];
    ReferenceLayers.geluBackward(x, dy, dx);
    check("x", x, dx, () -> dot(dy, ReferenceLayers.gelu(x)));
  }

  @Test
  void rms_norm() {
    Random random = new Random(7);
    double[] x = random(3 * 7, random);
    double[] gamma = random(7, random);
    double[] dy = random(3 * 7, random);
    double[] dx = new double[21];
    double[] dgamma = new double[7];
    ReferenceLayers.rmsNormBackward(3, 7, 1e-5, x, gamma, dy, dx, dgamma);
    DoubleSupplier loss = () -> dot(dy, ReferenceLayers.rmsNorm(3, 7, 1e-5, x, gamma));
    check("x", x, dx, loss);
    check("gamma", gamma, dgamma, loss);
  }

  @Test
  void swiglu() {
    Random random = new Random(8);
    double[] x = random(3 * 2 * 5, random);
    double[] dy = random(3 * 5, random);
    double[] dx = new double[30];
    ReferenceLayers.swigluBackward(3, 5, x, dy, dx);
    check("x", x, dx, () -> dot(dy, ReferenceLayers.swiglu(3, 5, x)));
  }

  @Test
  void rotary_positions() {
    Random random = new Random(9);
    double[] x = random(2 * 3 * 10, random);
    double[] dy = random(2 * 3 * 10, random);
    double[] dx = ReferenceLayers.turned(r -> r % 3, 2, 4, 10, 100, true, dy);
    check("x", x, dx, () -> dot(dy, ReferenceLayers.turned(r -> r % 3, 2, 4, 10, 100, false, x)));
  }

  /** Of rows of 5 tokens: two documents in the first window, padding in both. */
  private static ReferenceSwitches switches(double smoothing, double zLoss) {
    int[] begins = {0, 0, 2, 2, 2, 0, 0, 0, 0, 0};
    boolean[] hidden = {false, false, false, true, false, true, false, true, false, false};
    return new ReferenceSwitches(smoothing, zLoss, begins, hidden, ReferenceGradientsTest::mask);
  }

  private static double mask(Dropout.Place place, int layer, int head, int row, int element) {
    int any = 31 * (31 * (31 * place.ordinal() + layer) + head) + 7 * row + 3 * element;
    return any % 4 == 0 ? 0 : 4 / 3.0;
  }

  static List<ReferenceSwitches> settings() {
    ReferenceSwitches documents = switches(0, 0);
    return List.of(
        ReferenceSwitches.NONE,
        new ReferenceSwitches(0.1, 0, new int[0], new boolean[0], ReferenceSwitches.NONE.masks()),
        new ReferenceSwitches(0, 0.01, new int[0], new boolean[0], ReferenceSwitches.NONE.masks()),
        new ReferenceSwitches(
            0, 0, documents.begins(), documents.hidden(), ReferenceSwitches.NONE.masks()),
        new ReferenceSwitches(0, 0, new int[0], new boolean[0], documents.masks()),
        switches(0.1, 0.01));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void attention(ReferenceSwitches switches) {
    for (ReferenceAttention.Heads heads :
        List.of(new ReferenceAttention.Heads(3, 3, 2), new ReferenceAttention.Heads(4, 2, 2))) {
      Random random = new Random(4);
      double[] qkv = random(2 * 5 * heads.wide(), random);
      double[] dout = random(2 * 5 * heads.count() * heads.size(), random);
      double[] dqkv = new double[qkv.length];
      ReferenceAttention.Setting setting = new ReferenceAttention.Setting(5, heads, switches, 1);
      ReferenceAttention.backward(setting, qkv, dout, dqkv);
      check("qkv", qkv, dqkv, () -> dot(dout, ReferenceAttention.forward(setting, qkv)));
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void cross_entropy(ReferenceSwitches switches) {
    Random random = new Random(5);
    double[] logits = random(4 * 6, random);
    int[] targets = {1, -100, 5, 0};
    double[] dlogits = new double[24];
    ReferenceLoss.backward(6, logits, targets, -100, switches, dlogits);
    check(
        "logits", logits, dlogits, () -> ReferenceLoss.forward(6, logits, targets, -100, switches));
  }

  static List<TrainableConfig> shapes() {
    return List.of(
        TrainableConfig.gpt2(11, 6, 8, 2, 2),
        TrainableConfig.llama(11, 6, 8, 2, 2, 2, 12, true),
        TrainableConfig.llama(11, 6, 8, 2, 4, 2, 5, false));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void the_whole_model(ReferenceSwitches switches) {
    for (TrainableConfig config : shapes()) {
      Random random = new Random(6);
      float[] flat = TrainableTransformerTest.randomParameters(config, random);
      ReferenceTransformer model = new ReferenceTransformer(config, flat).with(switches);
      int[] inputs = {3, 1, 4, 1, 5, 9, 2, 6, 5, 10};
      int[] targets = {1, 4, 1, 5, -100, 2, 6, 5, 3, -100};
      model.backward(inputs, targets, 2, 5, -100);
      for (ParameterLayout.Tensor tensor : new ParameterLayout(config).tensors()) {
        String name = tensor.name();
        check(
            name,
            model.parameter(name),
            model.gradient(name).clone(),
            () -> model.loss(inputs, targets, 2, 5, -100));
      }
    }
  }
}
