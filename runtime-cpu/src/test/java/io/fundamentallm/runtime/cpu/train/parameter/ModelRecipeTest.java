package io.fundamentallm.runtime.cpu.train.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModelRecipeTest {
  private static ModelRecipe recipe(String architecture) {
    return ModelRecipe.of(
        TrainingPlan.builder(Path.of("model")).architecture(architecture).build(), 65);
  }

  @Test
  void the_defaults_are_a_small_model() {
    ModelRecipe gpt2 = recipe("gpt2");
    assertThat(gpt2.config()).isEqualTo(TrainableConfig.gpt2(65, 64, 128, 4, 4));
    assertThat(gpt2.config().innerSize()).isEqualTo(512);
    assertThat(gpt2.sinusoidal()).isFalse();
    assertThat(recipe("llama").config())
        .isEqualTo(TrainableConfig.llama(65, 64, 128, 4, 4, 4, 352, true));
  }

  @Test
  void options_reach_the_shape() {
    ModelRecipe gpt2 =
        recipe("gpt2(layers=1,heads=2,hidden-size=6,inner-size=7,positions=sinusoidal)");
    assertThat(gpt2.config().layers()).isEqualTo(1);
    assertThat(gpt2.config().heads()).isEqualTo(2);
    assertThat(gpt2.config().keyValueHeads()).isEqualTo(2);
    assertThat(gpt2.config().hiddenSize()).isEqualTo(6);
    assertThat(gpt2.config().innerSize()).isEqualTo(7);
    assertThat(gpt2.sinusoidal()).isTrue();
    assertThat(
            recipe(
                    "llama(layers=1,heads=4,key-value-heads=2,hidden-size=8,inner-size=7,tied=false)")
                .config())
        .isEqualTo(TrainableConfig.llama(65, 64, 8, 1, 4, 2, 7, false));
  }

  @Test
  void what_cannot_be_is_refused_by_name() {
    assertRefused(
        "lama", "no architecture \"lama\". Did you mean \"llama\"? There are auto, gpt2, llama");
    assertRefused("rwkv", "no architecture \"rwkv\"; there are auto, gpt2, llama");
    assertRefused("gpt2(tied=false)", "architecture \"gpt2\" has no option \"tied\"");
    assertRefused(
        "gpt2(key-value-heads=2)", "architecture \"gpt2\" has no option \"key-value-heads\"");
    assertRefused("gpt2(positions=rotary)", "one of learned, sinusoidal");
    assertRefused("gpt2(layers=0)", "option \"layers\"");
    assertRefused(
        "gpt2(heads=3)",
        "option \"heads\": \"3\" is not a divisor of hidden-size=128, as 2 and 4 are");
    assertRefused(
        "llama(hidden-size=6)", "\"4\" is not a divisor of hidden-size=6, as 3 and 6 are");
    assertRefused(
        "gpt2(hidden-size=3,heads=4)", "\"4\" is not a divisor of hidden-size=3, as 3 is");
    assertRefused("llama(positions=sinusoidal)", "has no option \"positions\"");
    assertRefused(
        "llama(key-value-heads=3)",
        "option \"key-value-heads\": \"3\" is not a divisor of heads=4, as 2 and 4 are");
    assertRefused("llama(hidden-size=12)", "must be even for rotary positions, not 3");
  }

  private static void assertRefused(String architecture, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> recipe(architecture))
        .withMessageContaining(message);
  }
}
