package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.format.BaseModel;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.Activations;
import io.fundamentallm.runtime.cpu.train.layer.Loss;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Activation checkpointing. */
class LowMemoryTest {
  @TempDir private Path folder;

  private static float[] gradients(
      BaseModel model, boolean again, Objective objective, Loss[] losses) {
    Activations.Kind kind =
        new Activations.Kind(model.config(), objective.terms().dropout() > 0, again);
    int[] inputs = new Random(3).ints(6 * 8, 0, 11).toArray();
    int[] targets = new Random(4).ints(6 * 8, 0, 11).toArray();
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer transformer =
          new TrainableTransformer(kind, Kernels.best(), parallel, model.parameters(), objective);
      for (int step = 1; step <= 2; step++) {
        transformer.begin(step);
        losses[0] = transformer.addGradients(inputs, targets, 6, 8, 96);
        losses[0] = transformer.addGradients(targets, inputs, 6, 8, 96);
      }
      return transformer.gradients();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "mixtral"})
  void bits_are_the_same(String type) throws IOException {
    TinyModel tiny =
        switch (type) {
          case "gpt2" -> TinyModel.gpt2();
          case "mixtral" -> TinyModel.experts("mixtral");
          default -> TinyModel.llama(type);
        };
    BaseModel model = BaseModel.read(tiny.write(folder));
    Objective plain = Objective.MAXIMUM_LIKELIHOOD;
    Objective dropout =
        new Objective(
            TrainingObjective.MAXIMUM_LIKELIHOOD.withDropout(0.1),
            plain.begin(),
            plain.end(),
            7,
            plain.sampling());
    for (Objective objective : new Objective[] {plain, dropout}) {
      Loss[] full = new Loss[1];
      Loss[] low = new Loss[1];
      assertThat(gradients(model, true, objective, low))
          .isEqualTo(gradients(model, false, objective, full));
      assertThat(low).isEqualTo(full);
    }
  }

  @Test
  void activations_take_at_most_half_the_memory() {
    for (TrainableConfig config :
        new TrainableConfig[] {
          TrainableConfig.llama(1024, 256, 256, 6, 8, 8, 704, true),
          TrainableConfig.gpt2(50257, 1024, 768, 12, 12)
        }) {
      long full = Activations.bytes(new Activations.Kind(config, false, false), 512);
      long low = Activations.bytes(new Activations.Kind(config, false, true), 512);
      assertThat(low).isLessThan(full / 2);
    }
  }

  @Test
  void an_unknown_recipe_is_refused() {
    TrainingPlan plan = TrainingPlan.builder(folder).memory("none").build();
    assertThatThrownBy(() -> new CpuTrainer(1).check(plan))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no memory \"none\"; there are full, low");
  }
}
