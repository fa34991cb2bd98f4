package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParameterLayoutTest {

  @Test
  void gpt2_has_the_published_tensors_and_number_of_parameters() {
    ParameterLayout layout = new ParameterLayout(TrainableConfig.gpt2(50257, 1024, 768, 12, 12));
    assertThat(layout.size()).isEqualTo(124_439_808);
    assertThat(layout.tensors()).hasSize(148);
    assertThat(layout.tensor("wte.weight").shape()).isEqualTo(List.of(50257, 768));
    assertThat(layout.tensor("h.11.attn.c_attn.weight").shape()).isEqualTo(List.of(768, 2304));
    assertThat(layout.tensor("h.0.mlp.c_proj.weight").shape()).isEqualTo(List.of(3072, 768));
  }

  @Test
  void tensors_follow_one_another_without_gaps() {
    ParameterLayout layout = new ParameterLayout(TrainableConfig.gpt2(11, 6, 8, 2, 2));
    int offset = 0;
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      assertThat(tensor.offset()).isEqualTo(offset);
      offset += tensor.size();
    }
    assertThat(layout.size()).isEqualTo(offset);
    assertThat(layout.block(1).mlp().weight())
        .isEqualTo(layout.tensor("h.1.mlp.c_fc.weight").offset());
    assertThat(layout.finalNormBias()).isEqualTo(layout.tensor("ln_f.bias").offset());
  }

  @Test
  void matrices_decay_and_vectors_do_not() {
    ParameterLayout layout = new ParameterLayout(TrainableConfig.gpt2(11, 6, 8, 2, 2));
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      assertThat(tensor.decayed()).as(tensor.name()).isEqualTo(tensor.shape().size() == 2);
    }
  }

  @Test
  void an_unknown_tensor_is_refused_by_name() {
    ParameterLayout layout = new ParameterLayout(TrainableConfig.gpt2(11, 6, 8, 2, 2));
    assertThatThrownBy(() -> layout.tensor("h.2.ln_1.weight"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no tensor 'h.2.ln_1.weight' in a model of 2 layers");
  }

  @Test
  void more_parameters_than_an_array_holds_are_refused() {
    TrainableConfig config = TrainableConfig.gpt2(50257, 1024, 65536, 1, 1);
    assertThatThrownBy(() -> new ParameterLayout(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 2147483647 parameters");
  }
}
