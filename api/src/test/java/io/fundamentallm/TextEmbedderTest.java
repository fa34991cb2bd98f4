package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.internal.batching.WatchedModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TextEmbedderTest {
  private static final int SIZE = 258;
  private static final int WIDTH = 4;
  private static final int BEGIN = 256;
  private static final Tokenizer TOKENIZER = ByteTokenizer.withBeginAndEnd();

  private final ToyModel model = new ToyModel(ToyModel.info(SIZE, 2000).build(), (t, n, r) -> {});
  private final TextEmbedder embedder = TextEmbedder.of(TOKENIZER, model);

  /** The hidden states [T][C] of a text of ASCII behind the begin token. */
  private float[][] hidden(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int[] tokens = new int[bytes.length + 1];
    tokens[0] = BEGIN;
    for (int i = 0; i < bytes.length; i++) {
      tokens[i + 1] = bytes[i];
    }
    float[][] rows = new float[tokens.length][WIDTH];
    try (Session session = model.open()) {
      model.forward(
          List.of(new Append(session, tokens, new float[0][], rows)), Cancellation.none());
    }
    return rows;
  }

  private static double[] mean(float[][] rows) {
    double[] mean = new double[WIDTH];
    for (int c = 0; c < WIDTH; c++) {
      int channel = c;
      mean[c] = Arrays.stream(rows).mapToDouble(row -> row[channel]).average().orElseThrow();
    }
    return mean;
  }

  private static void assertClose(float[] actual, double[] expected) {
    assertThat(actual).hasSize(expected.length);
    for (int c = 0; c < expected.length; c++) {
      assertThat((double) actual[c]).isCloseTo(expected[c], within(1e-6));
    }
  }

  private static double[] doubles(float[] row) {
    double[] values = new double[row.length];
    for (int c = 0; c < row.length; c++) {
      values[c] = row[c];
    }
    return values;
  }

  @Test
  void the_mean_is_that_of_all_hidden_states_also_of_a_text_of_several_passes() {
    for (String text : List.of("a", "some text", "long ".repeat(300))) {
      assertClose(embedder.withNormalization(false).embed(text), mean(hidden(text)));
    }
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void the_last_and_the_first_token_can_stand_for_the_text() {
    TextEmbedder plain = embedder.withNormalization(false);
    for (String text : List.of("a", "some text", "long ".repeat(300))) {
      float[][] hidden = hidden(text);
      assertThat(plain.withPooling(Pooling.LAST).embed(text)).isEqualTo(hidden[hidden.length - 1]);
      assertThat(plain.withPooling(Pooling.CLS).embed(text)).isEqualTo(hidden[0]);
    }
  }

  @Test
  void vectors_have_length_one_unless_told_otherwise() {
    double[] mean = mean(hidden("some text"));
    double length = Math.sqrt(Arrays.stream(mean).map(value -> value * value).sum());
    assertClose(embedder.embed("some text"), Arrays.stream(mean).map(v -> v / length).toArray());
    double[] embedded = doubles(embedder.withPooling(Pooling.LAST).embed("some text"));
    assertThat(Arrays.stream(embedded).map(value -> value * value).sum())
        .isCloseTo(1, within(1e-6));
  }

  @Test
  void many_texts_give_the_vectors_of_each_by_itself() {
    List<String> texts = Stream.of(3, 0, 700, 1, 511, 512, 513, 40, 1999).map("x"::repeat).toList();
    for (Pooling pooling : Pooling.values()) {
      TextEmbedder pooled = embedder.withPooling(pooling);
      float[][] all = pooled.embedAll(texts);
      assertThat(all).hasDimensions(texts.size(), WIDTH);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(all[i]).isEqualTo(pooled.embed(texts.get(i)));
      }
    }
    assertThat(embedder.embedAll(List.of())).isEmpty();
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void short_texts_share_a_pass() {
    long before = model.forwards();
    embedder.embedAll(List.of("a", "b", "c"));
    assertThat(model.forwards() - before).isEqualTo(1);
  }

  @Test
  void an_empty_text_is_the_begin_token_or_refused() {
    assertThat(embedder.withNormalization(false).embed("")).isEqualTo(hidden("")[0]);
    TextEmbedder plain = TextEmbedder.of(ByteTokenizer.plain(), model);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.embedAll(List.of("a", "")))
        .withMessage(
            "text 1 is empty, and the tokenizer has no begin or end token to stand for it");
  }

  @Test
  void a_text_longer_than_the_context_is_refused_with_both_lengths() {
    embedder.embed("x".repeat(1999));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> embedder.embedAll(List.of("a", "x".repeat(2000))))
        .withMessage(
            "text 1 has 2001 tokens, but the model's context holds 2000. Embed a shorter text, or"
                + " its parts one by one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> embedder.embed("x".repeat(2000)))
        .withMessageStartingWith("the text has 2001 tokens, but");
  }

  @Test
  void a_model_without_hidden_states_is_refused_by_name() {
    ToyModel without =
        new ToyModel(ToyModel.info(SIZE, 8).capabilities().build(), ToyModel.hashing());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> TextEmbedder.of(TOKENIZER, without))
        .withMessage(
            "toy on memory gives no hidden states (it lacks HIDDEN_STATES), which embeddings are"
                + " made of");
    ToyModel small = new ToyModel(ToyModel.info(257, 8).build(), ToyModel.hashing());
    assertThatIllegalArgumentException().isThrownBy(() -> TextEmbedder.of(TOKENIZER, small));
  }

  @Test
  void a_hidden_state_that_is_no_number_is_an_error() {
    ModelInfo info = ToyModel.info(SIZE, 8).build();
    WatchedModel watched = new WatchedModel(info).free();
    LanguageModel broken =
        new LanguageModel() {
          @Override
          public ModelInfo info() {
            return info;
          }

          @Override
          public Session open() {
            return watched.open();
          }

          @Override
          public void forward(List<Append> batch, Cancellation cancellation) {
            watched.forward(batch, cancellation);
            batch.get(0).hidden()[0][2] = Float.NaN;
          }

          @Override
          public void close() {}
        };
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(() -> TextEmbedder.of(TOKENIZER, broken).embed("a"))
        .withMessage("a hidden state of the text holds a NaN or an infinity");
  }

  @Test
  void embedding_can_be_cancelled() {
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> embedder.withCancellation(() -> true).embed("abc"));
    assertThat(model.openSessions()).isZero();
  }
}
