package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GuidanceTest {
  private static final int[] NEGATIVE = {7, 8};
  private static final int[] PROMPT = {1, 2, 3};

  private static LanguageModel toy() {
    return new ToyModel(ToyModel.info(50, 40).build(), ToyModel.hashing());
  }

  /** hf-cfg_unbatched-001 of sampling.json. */
  @Test
  void the_formula_is_that_of_transformers() {
    float[] row = {1, 1, 1};
    GuidedModel.guide(row, new float[] {1, 0, 1.5f}, 1.5);
    double[] expected = {-1.0958531303338006, -0.5958531303338006, -1.3458531303338006};
    for (int i = 0; i < row.length; i++) {
      assertThat((double) row[i]).isCloseTo(expected[i], within(1e-5));
    }
  }

  @Test
  void each_step_is_guided_by_the_negative_prompt_and_what_was_generated() {
    try (LanguageModel guided = LanguageModels.guided(toy(), NEGATIVE, 2);
        LanguageModel plain = toy();
        Session session = guided.open()) {
      assertThat(append(session, PROMPT))
          .isEqualTo(expected(plain, new int[] {1, 2, 3}, new int[] {7, 8}));
      assertThat(append(session, 4))
          .isEqualTo(expected(plain, new int[] {1, 2, 3, 4}, new int[] {7, 8, 4}));
      try (Session fork = session.fork()) {
        append(session, 5);
        session.truncate(4);
        float[] after = expected(plain, new int[] {1, 2, 3, 4, 6}, new int[] {7, 8, 4, 6});
        assertThat(append(session, 6)).isEqualTo(after);
        assertThat(append(fork, 6)).isEqualTo(after);
      }
      session.truncate(2);
      assertThat(append(session, 9))
          .isEqualTo(expected(plain, new int[] {1, 2, 9}, new int[] {7, 8}));
    }
  }

  @Test
  void a_prompt_that_is_read_in_chunks_is_one_prompt() {
    BatchingLimits small = BatchingLimits.defaults().withPrefillTokens(2);
    int[] prompt = {1, 2, 3, 4, 5};
    try (LanguageModel plain = toy();
        LanguageModel chunked =
            LanguageModels.batching(LanguageModels.guided(toy(), NEGATIVE, 2), small);
        Session session = chunked.open()) {
      assertThat(append(session, prompt)).isEqualTo(expected(plain, prompt, NEGATIVE));
      assertThat(append(session, 6))
          .isEqualTo(expected(plain, new int[] {1, 2, 3, 4, 5, 6}, new int[] {7, 8, 6}));
      session.truncate(3);
      assertThat(append(session, 9)).isEqualTo(expected(plain, new int[] {1, 2, 3, 9}, NEGATIVE));
    }
  }

  private static float[] expected(LanguageModel plain, int[] conditional, int[] unconditional) {
    try (Session c = plain.open();
        Session u = plain.open()) {
      float[] row = append(c, conditional);
      GuidedModel.guide(row, append(u, unconditional), 2);
      return row;
    }
  }

  private static float[] append(Session session, int... tokens) {
    float[] row = new float[session.model().info().vocabularySize()];
    session.append(tokens, row);
    return row;
  }

  @Test
  void what_cannot_guide_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageModels.guided(toy(), new int[0], 2))
        .withMessageContaining("negative prompt");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageModels.guided(toy(), NEGATIVE, Double.NaN))
        .withMessageContaining("scale");
  }

  /** With another scale the rows of a prompt depend on where it ends. */
  @Nested
  class Keeps_the_contract extends LanguageModelContract {
    @Override
    protected LanguageModel model() {
      return LanguageModels.guided(toy(), new int[] {1}, 1);
    }
  }
}
