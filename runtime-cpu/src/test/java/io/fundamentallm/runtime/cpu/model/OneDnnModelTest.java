package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Precision;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Models whose large products oneDNN computes in 16 bits: the contract, and what remains exact. */
@Tag("onednn")
@EnabledIf("io.fundamentallm.runtime.cpu.kernels.KernelSets#oneDnnRuns")
class OneDnnModelTest extends LanguageModelContract {
  private static final TrainableConfig CONFIG = TrainableConfig.gpt2(300, 90, 48, 2, 3);

  private static Kernels kernels(Precision precision) {
    List<Kernels> sets = KernelSets.oneDnn();
    return sets.get(sets.size() - 1).with(precision);
  }

  @Override
  protected LanguageModel model() {
    return RandomGpt2.model(CONFIG, kernels(Precision.BF16), 2);
  }

  @Override
  protected boolean exact() {
    return false;
  }

  @Override
  protected double tolerance() {
    return 0.1; // logits have a deviation of about 2
  }

  @Override
  protected int longest() {
    return CONFIG.contextLength();
  }

  private static int[] tokens(int count, long seed) {
    return new Random(seed).ints(count, 0, CONFIG.vocabularySize()).toArray();
  }

  private static float[][] rows(int count) {
    return new float[count][CONFIG.vocabularySize()];
  }

  private static float[][] logits(LanguageModel model, int[] tokens) {
    float[][] logits = rows(tokens.length);
    try (Session session = model.open()) {
      session.append(tokens, logits);
    }
    return logits;
  }

  @Test
  void the_bits_do_not_depend_on_threads() {
    for (Precision precision : Precision.values()) {
      int[] prompt = tokens(80, 1);
      float[][] expected = null;
      for (int threads = 1; threads <= 4; threads++) {
        try (LanguageModel model = RandomGpt2.model(CONFIG, kernels(precision), threads)) {
          float[][] logits = logits(model, prompt);
          expected = expected == null ? logits : expected;
          assertThat(logits).isDeepEqualTo(expected);
        }
      }
    }
  }

  @Test
  void the_bits_of_many_rows_do_not_depend_on_the_rows_beside_them() {
    try (LanguageModel model = model();
        Session first = model.open();
        Session second = model.open()) {
      int[] one = tokens(50, 2);
      int[] other = tokens(37, 3);
      float[][] ofOne = rows(one.length);
      float[][] ofOther = rows(other.length);
      model.forward(
          List.of(Append.of(first, one, ofOne), Append.of(second, other, ofOther)),
          Cancellation.none());
      assertThat(ofOne).isDeepEqualTo(logits(model, one));
      assertThat(ofOther).isDeepEqualTo(logits(model, other));
    }
  }

  @Test
  void few_rows_have_the_bits_of_the_java_kernels() {
    Kernels java = KernelSets.all().get(0);
    int[] prompt = tokens(15, 4);
    try (LanguageModel model = model();
        LanguageModel plain = RandomGpt2.model(CONFIG, java, 2)) {
      assertThat(logits(model, prompt)).isDeepEqualTo(logits(plain, prompt));
    }
  }

  @Test
  void many_rows_are_near_those_of_the_java_kernels() {
    int[] prompt = tokens(80, 5);
    try (LanguageModel plain = RandomGpt2.model(CONFIG, KernelSets.all().get(0), 2)) {
      float[][] expected = logits(plain, prompt);
      for (Precision precision : Precision.values()) {
        try (LanguageModel model = RandomGpt2.model(CONFIG, kernels(precision), 2)) {
          float[][] logits = logits(model, prompt);
          double most = precision == Precision.BF16 ? tolerance() : 1e-4;
          boolean differ = false;
          for (int row = 0; row < logits.length; row++) {
            for (int i = 0; i < logits[row].length; i++) {
              assertThat((double) logits[row][i]).isCloseTo(expected[row][i], within(most));
              differ |= logits[row][i] != expected[row][i];
            }
          }
          // vectors of 512 bits compute 32-bit products themselves
          boolean java =
              precision != Precision.BF16 && kernels(precision).name().contains("512 bits");
          assertThat(differ).as("oneDNN computed something").isNotEqualTo(java);
        }
      }
    }
  }

  @Test
  void closing_frees_what_is_outside_the_heap() {
    try (LanguageModel first = model()) {
      logits(first, tokens(80, 6)); // what stays for all models
    }
    long before = Pointer.totalCount();
    LanguageModel model = model();
    logits(model, tokens(80, 6));
    assertThat(Pointer.totalCount()).isGreaterThan(before);
    model.close();
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }
}
