package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.ModelInfo;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which tokens a step of a sequence, or of a guess how it goes on, begins with. */
class TranscriptBeginTest {
  private static final int[] PROMPT = {0, 1};

  private final ModelInfo model = ToyModel.info(6, 20).endTokens(Set.of(2, 5)).build();
  private final Transcript transcript =
      Transcript.begin(
          model, PROMPT, DecodingOptions.builder().minNewTokens(2).build(), new Randomness(1, 0));

  @Test
  void a_guess_may_end_no_sooner_than_the_sequence() {
    TokenBuffer guess = TokenBuffer.ofPrompt(PROMPT);
    Step step = new Step(model, guess, transcript.randomness());
    for (int guessed = 0; guessed < 4; guessed++) {
      transcript.begin(step, new float[] {1, 1, 9, 1, 1, 9});
      assertEnds(step.logits(), guessed < 2);
      assertEnds(transcript.process(new float[] {1, 1, 9, 1, 1, 9}), true);
      guess.append(3);
    }
    transcript.append(3, null);
    transcript.append(3, null);
    assertEnds(transcript.process(new float[] {1, 1, 9, 1, 1, 9}), false);
  }

  private static void assertEnds(Logits logits, boolean barred) {
    float expected = barred ? Float.NEGATIVE_INFINITY : 9;
    for (int token = 0; token < 6; token++) {
      float score = logits.score(logits.indexOf(token));
      assertThat(score).as("token %d", token).isEqualTo(token == 2 || token == 5 ? expected : 1);
    }
  }
}
