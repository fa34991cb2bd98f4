package io.fundamentallm.runtime.cpu.train.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.AdapterDirectory.Factor;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import io.fundamentallm.training.FineTuning;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weight-decomposed adapters beside what PyTorch computes, see dora.py. */
class AdaptersTest {
  private static final int OUTPUTS = 5;
  private static final int INPUTS = 7;
  private static final int RANK = 2;

  private static float[] numbers(int count, double factor, int seed) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (factor * Math.sin(1.7 * i + seed));
    }
    return numbers;
  }

  private static Map<String, double[]> vectors() throws IOException {
    Map<String, double[]> vectors = new HashMap<>();
    try (InputStream in =
        AdaptersTest.class.getResourceAsStream("/io/fundamentallm/runtime/cpu/train/dora.txt")) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" ", -1))
          .forEach(
              parts ->
                  vectors.put(
                      parts[0],
                      Arrays.stream(parts).skip(1).mapToDouble(Double::parseDouble).toArray()));
    }
    return vectors;
  }

  private static float[] turned(boolean turn, int rows, int columns, float[] x) {
    float[] turned = x.clone();
    for (int i = 0; turn && i < x.length; i++) {
      turned[i % columns * rows + i / columns] = x[i];
    }
    return turned;
  }

  private static void assertClose(float[] actual, double[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void decomposed_weights_and_their_gradients_are_those_of_pytorch(boolean transposed)
      throws IOException {
    Map<String, double[]> expected = vectors();
    List<Integer> shape = transposed ? List.of(INPUTS, OUTPUTS) : List.of(OUTPUTS, INPUTS);
    FineTuning.Lora lora = new FineTuning.Lora(RANK, 6, List.of(), false).withDecomposition();
    float[] w = turned(transposed, OUTPUTS, INPUTS, numbers(OUTPUTS * INPUTS, 1, 1));
    float[] dw = turned(transposed, OUTPUTS, INPUTS, numbers(OUTPUTS * INPUTS, 1, 5));
    try (Parallel parallel = Parallel.ofThreads(2)) {
      Adapters adapters =
          new Adapters(
              Kernels.best(),
              parallel,
              List.of(new Adapters.Matrix("layer", new Tensor("layer", shape, 0, true))),
              lora,
              transposed,
              name -> true,
              1);
      adapters
          .peft()
          .read(
              List.of(
                  adapters.peft().of(adapters.weights()).get(0).name().contains("lora_A")
                      ? factor("lora_A", List.of(RANK, INPUTS), numbers(RANK * INPUTS, 0.3, 2))
                      : factor("lora_B", List.of(OUTPUTS, RANK), numbers(OUTPUTS * RANK, 0.2, 3)),
                  adapters.peft().of(adapters.weights()).get(0).name().contains("lora_A")
                      ? factor("lora_B", List.of(OUTPUTS, RANK), numbers(OUTPUTS * RANK, 0.2, 3))
                      : factor("lora_A", List.of(RANK, INPUTS), numbers(RANK * INPUTS, 0.3, 2)),
                  factor("lora_magnitude_vector", List.of(OUTPUTS), magnitudes())),
              adapters.weights());
      float[] made = new float[OUTPUTS * INPUTS];
      adapters.applyAll(List.of(w), made);
      assertClose(turned(transposed, INPUTS, OUTPUTS, made), expected.get("made"));
      float[] gradients = adapters.gradients(made, dw.clone()).clone();
      assertGradients(adapters, gradients, expected);
      // the same, added part by part
      Arrays.fill(adapters.gradients(), 0f);
      adapters.addGradients(adapters.all().get(0), made, half(dw), 0);
      adapters.addGradients(adapters.all().get(0), made, half(dw), 0);
      assertGradients(adapters, adapters.gradients(), expected);
    }
  }

  private static float[] half(float[] x) {
    float[] half = x.clone();
    for (int i = 0; i < x.length; i++) {
      half[i] /= 2;
    }
    return half;
  }

  private static float[] magnitudes() {
    float[] m = numbers(OUTPUTS, 1, 4);
    for (int i = 0; i < m.length; i++) {
      m[i] += 2;
    }
    return m;
  }

  private static Factor factor(String name, List<Integer> shape, float[] values) {
    return new Factor(name, shape, values);
  }

  private static void assertGradients(
      Adapters adapters, float[] gradients, Map<String, double[]> expected) {
    for (var factor : adapters.peft().of(gradients)) {
      String name = factor.name();
      String key = name.contains("lora_A") ? "a" : name.contains("lora_B") ? "b" : "m";
      assertClose(factor.values(), expected.get(key));
    }
  }
}
