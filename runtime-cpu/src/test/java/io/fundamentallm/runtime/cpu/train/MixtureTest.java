package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.BaseModel;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.Loss;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MixtureTest {
  @TempDir private Path folder;

  /** Three experts, of which a token takes two. */
  @Test
  void an_expert_that_no_token_chose_has_no_gradient() throws IOException {
    BaseModel model = BaseModel.read(TinyModel.experts("mixtral").write(folder));
    ParameterLayout layout = new ParameterLayout(model.config());
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer transformer =
          new TrainableTransformer(
              model.config(),
              Kernels.best(),
              parallel,
              model.parameters(),
              Objective.MAXIMUM_LIKELIHOOD);
      int[] many = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
      transformer.forwardBackward(many, many, 2, 8);
      transformer.forwardBackward(new int[] {3}, new int[] {1}, 1, 1);
      int unused = 0;
      for (int expert = 0; expert < 3; expert++) {
        String name = "model.layers.0.block_sparse_moe.experts." + expert + ".w2.weight";
        ParameterLayout.Tensor tensor = layout.tensor(name);
        int from = tensor.offset();
        float[] gradient = Arrays.copyOfRange(transformer.gradients(), from, from + tensor.size());
        unused += Arrays.equals(gradient, new float[gradient.length]) ? 1 : 0;
      }
      assertThat(unused).isEqualTo(1);
    }
  }

  @Test
  void padding_at_the_end_changes_neither_loss_nor_gradients() throws IOException {
    BaseModel model =
        BaseModel.read(TinyModel.experts("mixtral").set("router_aux_loss_coef", 0.5).write(folder));
    int none = Objective.IGNORE_INDEX;
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TrainableTransformer transformer =
          new TrainableTransformer(
              model.config(),
              Kernels.best(),
              parallel,
              model.parameters(),
              Objective.MAXIMUM_LIKELIHOOD);
      Loss whole =
          transformer.forwardBackward(
              new int[] {3, 1, 4, 1, 5, 9, 2, 6}, new int[] {1, 4, 1, 5, 9, 2, 6, 5}, 2, 4);
      float[] expected = transformer.gradients().clone();
      Loss padded =
          transformer.forwardBackward(
              new int[] {3, 1, 4, 1, 7, 7, 7, 5, 9, 2, 6, 8, 8, 8},
              new int[] {1, 4, 1, 5, none, none, none, 9, 2, 6, 5, none, none, none},
              2,
              7);
      assertThat(padded.count()).isEqualTo(whole.count());
      assertThat(padded.sum()).isCloseTo(whole.sum(), within(1e-5));
      assertThat(transformer.gradients()).containsExactly(expected, within(1e-5f));
      // a window of nothing but padding, as the last of an evaluation has
      Loss empty =
          transformer.forwardBackward(new int[] {3, 1, 0, 0}, new int[] {1, 4, none, none}, 2, 2);
      assertThat(empty.sum()).isFinite();
    }
  }
}
