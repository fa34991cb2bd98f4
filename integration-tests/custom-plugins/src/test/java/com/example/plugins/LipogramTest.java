package com.example.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.Samplers;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.SamplerContract;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.text.Tokenizer;
import org.junit.jupiter.api.Test;

/** The contract of every sampler, and what this one promises besides. */
class LipogramTest extends SamplerContract {
  private static final Tokenizer TOKENIZER = Tokenizers.learn("character", "abcdefghijklmnopqrsTu");

  @Override
  protected Recipe<Sampler> sampler() {
    return Samplers.parse("lipogram=et");
  }

  @Override
  protected Binding binding() {
    int size = TOKENIZER.vocabulary().size();
    return Binding.of(ModelInfo.builder("test", size, 64).build(), TOKENIZER);
  }

  @Test
  void the_letters_are_never_chosen_while_others_are_left() {
    for (long seed = 0; seed < 500; seed++) {
      assertThat(choose(seed, new float[TOKENIZER.vocabulary().size()])).isNotIn("e", "T");
    }
  }

  @Test
  void where_nothing_else_is_left_the_best_of_the_letters_is_chosen() {
    float[] row = new float[TOKENIZER.vocabulary().size()];
    java.util.Arrays.fill(row, Float.NEGATIVE_INFINITY);
    row[TOKENIZER.encode("e")[0]] = 1;
    row[TOKENIZER.encode("T")[0]] = 2;
    assertThat(choose(1, row)).isEqualTo("T");
  }

  @Test
  void the_letters_have_to_be_given() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("lipogram"))
        .withMessageContaining("lipogram")
        .withMessageContaining("value");
  }

  @Test
  void without_a_tokenizer_it_says_so() {
    assertThatIllegalStateException()
        .isThrownBy(() -> sampler().bind(Binding.of(binding().model())))
        .withMessageContaining("\"lipogram\" needs a tokenizer");
  }

  private String choose(long seed, float[] row) {
    Step step = new Step(binding().model(), TokenBuffer.ofPrompt(0), new Randomness(seed, 0));
    return TOKENIZER.decode(sampler().bind(binding()).sample(step.reset(row)));
  }
}
