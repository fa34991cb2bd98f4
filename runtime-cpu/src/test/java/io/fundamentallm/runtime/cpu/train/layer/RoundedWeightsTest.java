package io.fundamentallm.runtime.cpu.train.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Precision;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import io.fundamentallm.runtime.cpu.kernels.product.RoundedWeights;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Copies of weights in 16 bits are those of the weights of the moment. */
@Tag("onednn")
@EnabledIf("io.fundamentallm.runtime.cpu.kernels.KernelSets#oneDnnRuns")
class RoundedWeightsTest {
  private static final int BATCH = 12;
  private static final int STEPS = 64;

  /** The same kernels, which note what copies they make. */
  private static Kernels watched(Kernels of, List<Object> copies) {
    ProductKernels product =
        (ProductKernels)
            Proxy.newProxyInstance(
                ProductKernels.class.getClassLoader(),
                new Class<?>[] {ProductKernels.class},
                (proxy, method, arguments) -> {
                  Object result = method.invoke(of.product(), arguments);
                  if (result instanceof RoundedWeights) {
                    copies.add(result);
                  }
                  return result;
                });
    return new Kernels(
        of.name(),
        of.withoutBf16(),
        of.first(),
        product,
        of.norm(),
        of.attention(),
        of.elementwise(),
        of.update());
  }

  static Stream<TrainableConfig> configs() {
    TrainableConfig tied = TrainableConfig.gpt2(300, STEPS, 128, 2, 4);
    return Stream.of(tied, TrainableConfig.llama(300, STEPS, 128, 2, 4, 2, 384, false));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void a_changed_model_computes_as_a_new_one_with_its_weights(TrainableConfig config) {
    List<Object> copies = new ArrayList<>();
    Kernels kernels = watched(KernelSets.oneDnn().get(0).with(Precision.BF16), copies);
    int[] tokens = new Random(5).ints(BATCH * STEPS + 1, 0, 300).toArray();
    int[] inputs = Arrays.copyOf(tokens, BATCH * STEPS);
    int[] targets = Arrays.copyOfRange(tokens, 1, tokens.length);
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer changed = TrainableTransformer.initial(config, kernels, parallel, 1);
      Loss before = changed.forwardBackward(inputs, targets, BATCH, STEPS);
      float[] first = changed.gradients().clone();
      assertThat(copies).isEmpty();
      assertThat(changed.forwardBackward(inputs, targets, BATCH, STEPS)).isEqualTo(before);
      assertThat(changed.gradients()).as("with the copy").isEqualTo(first);
      assertThat(copies).hasSize(1);
      float[] weights = changed.parameters();
      for (int i = 0; i < weights.length; i++) {
        weights[i] *= 1.5f;
      }
      TrainableTransformer anew =
          new TrainableTransformer(
              config, kernels, parallel, weights.clone(), Objective.MAXIMUM_LIKELIHOOD);
      Loss after = changed.forward(inputs, targets, BATCH, STEPS);
      assertThat(after).isEqualTo(anew.forward(inputs, targets, BATCH, STEPS)).isNotEqualTo(before);
      int[] prompt = Arrays.copyOf(tokens, STEPS);
      assertThat(changed.logits(prompt)).isEqualTo(anew.logits(prompt));
      assertThat(changed.forwardBackward(inputs, targets, BATCH, STEPS))
          .isEqualTo(anew.forwardBackward(inputs, targets, BATCH, STEPS));
      assertThat(changed.gradients()).isEqualTo(anew.gradients());
      changed.close();
      anew.close();
    }
  }
}
