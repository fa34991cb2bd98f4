package io.fundamentallm.runtime.cpu.train.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BeginningsTest {
  private static final int LENGTH = 4;
  private static final int BEGIN = 256;
  private static final String TEXT = "One\nline\n\nNext part\n\n\nLast\r\n\r\nEnd";

  private static int firstInput(String windows, TrainingData data, long window) {
    TrainingPlan plan =
        TrainingPlan.builder(Path.of("model")).contextLength(LENGTH).windows(windows).build();
    Windows cut =
        Windows.training(plan, data.training(), data.tokenizer().vocabulary())
            .beginning(data.tokenizer());
    Batch batch = Batch.of(new int[LENGTH], new int[LENGTH], LENGTH);
    cut.fill(window, 0, batch);
    assertThat(batch.targets()[0]).as("what follows stays").isEqualTo(batch.inputs()[1]);
    return batch.inputs()[0];
  }

  /** The byte before which a window starts in place of the one at {@code at}. */
  private static int at(String windows, ByteTokenizer tokenizer, int at) {
    return firstInput(windows, new TrainingData(tokenizer, bytes(), bytes()), at);
  }

  private static TokenSequence bytes() {
    return TokenSequence.of(ByteTokenizer.plain().encode(TEXT));
  }

  @Test
  void a_window_after_an_empty_line_begins_as_a_text_does() {
    ByteTokenizer tokenizer = ByteTokenizer.withBeginAndEnd();
    for (int i = 0; i + LENGTH < TEXT.length(); i++) {
      String before = TEXT.substring(0, i + 1).replace("\r", "");
      boolean begins = TEXT.charAt(i) == '\n' && before.endsWith("\n\n");
      assertThat(at("random", tokenizer, i))
          .as("window %d", i)
          .isEqualTo(begins ? BEGIN : TEXT.charAt(i));
    }
  }

  @Test
  void without_a_begin_token_it_starts_with_the_line_break() {
    for (int i = 0; i + LENGTH < TEXT.length(); i++) {
      assertThat(at("random", ByteTokenizer.plain(), i)).isEqualTo(TEXT.charAt(i));
    }
  }
}
