package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Registry;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.ModelInfo;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What decoders rely on that fork after the model was asked. */
class TranscriptForkTest {
  private static final ModelInfo INFO = ToyModel.info(258, 32).build();
  private static final Randomness RANDOMNESS = new Randomness(1, 0);

  private static Transcript begin(DecodingOptions.Builder options) {
    return Transcript.begin(INFO, new int[] {256}, options.build(), RANDOMNESS);
  }

  private static float[] row() {
    float[] row = new float[258];
    ToyModel.hashing().score(new int[] {256}, 1, row);
    return row;
  }

  @Test
  void every_fork_reports_the_row_and_tells_the_trace_of_the_step_before_it() {
    List<Integer> stages = new ArrayList<>();
    Transcript parent =
        begin(
            DecodingOptions.builder()
                .sampler(Samplers.parse("keep-best", Registry.of(getClass().getClassLoader())))
                .alternatives(1)
                .trace((position, token, trace) -> stages.add(trace.size())));
    parent.process(row());
    for (int token : new int[] {3, 4}) {
      Transcript child = parent.fork(RANDOMNESS);
      child.recordProcessed(-1.5);
      Token appended = child.append(token, null);
      RowStatistics expected = RowStatistics.of(row(), token, 1, 1);
      assertThat(appended.logProbability()).isEqualTo(expected.logProbability());
      assertThat(appended.processedLogProbability()).isEqualTo(-1.5);
      assertThat(appended.rank()).isEqualTo(expected.rank());
      assertThat(child.append(5, null).logProbability()).isNaN();
    }
    assertThat(stages).containsExactly(1, 0, 1, 0);
    assertThat(parent.tokens()).isEmpty();
    assertThat(parent.history().length()).isEqualTo(1);
  }

  @Test
  void text_held_back_is_each_forks_own() {
    Transcript parent =
        begin(
            DecodingOptions.builder()
                .tokenizer(ByteTokenizer.withBeginAndEnd())
                .stopStrings(List.of("xyz")));
    assertThat(parent.append('x', null).text()).isEmpty();
    Transcript stopping = parent.fork(RANDOMNESS);
    Transcript other = parent.fork(RANDOMNESS);
    stopping.append('y', null);
    stopping.append('z', null);
    assertThat(stopping.finishReason()).isEqualTo(FinishReason.STOP_STRING);
    assertThat(stopping.toSequence(0).matchedStop()).hasValue("xyz");
    assertThat(other.append('!', null).text()).isEqualTo("x!");
    assertThat(other.finishReason()).isNull();
    assertThat(parent.append('y', null).text()).isEmpty();
    assertThat(parent.append('?', null).text()).isEqualTo("xy?");
  }
}
