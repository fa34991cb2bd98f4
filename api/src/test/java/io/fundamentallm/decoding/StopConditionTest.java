package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ToyModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopConditionTest {
  private static TokenBuffer history(int... generated) {
    TokenBuffer history = TokenBuffer.ofPrompt(1, 2);
    for (int token : generated) {
      history.append(token);
    }
    return history;
  }

  private static int[] ids(String text) {
    return text.isEmpty() ? new int[0] : text.chars().toArray();
  }

  /** The first rows are cases of vLLM's tests of its repetition detection. */
  @ParameterizedTest
  @CsvSource({
    "2, 3, 3, abcabc, false",
    "2, 5, 4, abababab, true",
    "2, 3, 2, '', false",
    "2, 3, 3, abcdefefef, true",
    "2, 10, 3, abcdefghabcdefghabcdefgh, true",
    "2, 3, 3, efefefa, false",
    "1, 1, 4, abbbb, true",
    "1, 1, 5, abbbb, false",
    "2, 2, 2, aaaa, true",
    "3, 3, 2, abab, false",
    "1, 8, 2, abcabc, true"
  })
  void a_pattern_at_the_end_that_stands_often_enough_is_repetition(
      int min, int max, int count, String text, boolean met) {
    StopCondition condition = StopCondition.repetition(min, max, count);
    assertThat(condition.isMet(history(ids(text)))).isEqualTo(met);
    assertThat(condition.reason()).isEqualTo(FinishReason.REPETITION);
  }

  @Test
  void it_is_the_plain_rule_on_any_text() {
    Random random = new Random(1);
    for (int run = 0; run < 3000; run++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(14); i > 0; i--) {
        text.append((char) ('a' + random.nextInt(2)));
      }
      int min = 1 + random.nextInt(3);
      int max = min + random.nextInt(3);
      int count = 2 + random.nextInt(2);
      boolean expected = false;
      for (int length = min; length <= max && length <= text.length(); length++) {
        String pattern = text.substring(text.length() - length);
        expected |= text.toString().endsWith(pattern.repeat(count));
      }
      assertThat(StopCondition.repetition(min, max, count).isMet(history(ids(text.toString()))))
          .as("%s, %d to %d, %d times", text, min, max, count)
          .isEqualTo(expected);
    }
  }

  @Test
  void the_prompt_does_not_count() {
    TokenBuffer prompt = TokenBuffer.ofPrompt(5, 5, 5, 5);
    prompt.append(5);
    assertThat(StopCondition.repetition(1, 1, 2).isMet(prompt)).isFalse();
    prompt.append(5);
    assertThat(StopCondition.repetition(1, 1, 2).isMet(prompt)).isTrue();
  }

  @Test
  void patterns_out_of_range_are_refused() {
    for (int[] wrong : new int[][] {{0, 1, 2}, {2, 1, 2}, {1, 1, 1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> StopCondition.repetition(wrong[0], wrong[1], wrong[2]))
          .withMessageContaining("expected 1 <= minLength <= maxLength and count >= 2");
    }
    assertThat(StopCondition.repetition(1, Integer.MAX_VALUE, 2).isMet(history(3))).isFalse();
  }

  private static Generation scripted(DecodingOptions.Builder options, int... script) {
    ToyModel model =
        new ToyModel(
            ToyModel.info(20, 64).endTokens(Set.of(19)).build(), ToyModel.scripted(1, script));
    return Decoders.sampling()
        .decode(model, new int[] {0}, options.sampler(Samplers.greedy()).build());
  }

  private static List<Integer> ids(Generation generation) {
    List<Integer> ids = new ArrayList<>();
    generation.forEachRemaining(token -> ids.add(token.id()));
    return ids;
  }

  @Test
  void a_generation_ends_with_the_token_that_repeats() {
    Generation generation =
        scripted(
            DecodingOptions.builder()
                .stopConditions(List.of(StopCondition.repetition(2, 4, 3)))
                .maxNewTokens(50),
            1,
            2,
            3);
    assertThat(ids(generation)).containsExactly(1, 2, 3, 1, 2, 3, 1, 2, 3);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.REPETITION);
  }

  @Test
  void the_first_condition_that_is_met_gives_the_reason() {
    StopCondition third = history -> history.generated() == 3;
    Generation generation =
        scripted(
            DecodingOptions.builder()
                .stopConditions(List.of(third, StopCondition.repetition(1, 1, 3))),
            7);
    assertThat(ids(generation)).containsExactly(7, 7, 7);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP_CONDITION);
  }

  @Test
  void an_end_token_comes_before_conditions_and_conditions_before_the_limit() {
    StopCondition always = history -> true;
    DecodingOptions.Builder options =
        DecodingOptions.builder().stopConditions(List.of(always)).maxNewTokens(1);
    Generation ended = scripted(options, 19);
    assertThat(ids(ended)).containsExactly(19);
    assertThat(ended.finishReason()).isEqualTo(FinishReason.END_TOKEN);
    Generation met = scripted(options, 4);
    assertThat(ids(met)).containsExactly(4);
    assertThat(met.finishReason()).isEqualTo(FinishReason.STOP_CONDITION);
  }
}
