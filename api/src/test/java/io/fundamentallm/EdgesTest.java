package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.NumberTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Places where parts meet at the edge of what each promises. */
class EdgesTest {
  private static final Tokenizer TOKENIZER = ByteTokenizer.plain();

  private static ToyModel always(int token, int vocabularySize, float logit) {
    return new ToyModel(
        ToyModel.info(vocabularySize, 64).build(), (tokens, length, row) -> row[token] = logit);
  }

  @Test
  void a_generation_may_be_closed_from_a_callback_of_its_own_pass() {
    Generation[] generation = new Generation[1];
    int[] asked = {0};
    DecodingOptions options =
        DecodingOptions.builder()
            .cancellation(
                () -> {
                  if (asked[0]++ == 3) {
                    generation[0].close();
                  }
                  return false;
                })
            .build();
    try (ToyModel model = always(3, 8, 5)) {
      generation[0] = Decoders.sampling().decode(model, new int[] {1}, options);
      while (generation[0].hasNext()) {
        generation[0].next();
      }
      assertThat(generation[0].finishReason()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  @Test
  void a_token_beyond_the_tokenizers_vocabulary_has_no_text() {
    int size = TOKENIZER.vocabulary().size();
    try (TextGenerator generator = TextGenerator.of(TOKENIZER, always(size + 2, size + 5, 50))) {
      assertThat(generator.withMaxNewTokens(3).generate("a")).isEmpty();
    }
  }

  @Test
  void after_a_failure_the_reason_says_so_and_closing_ends_it() {
    try (ToyModel model = always(3, 8, Float.NaN)) {
      Generation generation =
          Decoders.sampling().decode(model, new int[] {1}, DecodingOptions.builder().build());
      assertThatIllegalStateException()
          .isThrownBy(generation::hasNext)
          .withMessageContaining("NaN");
      assertThatIllegalStateException()
          .isThrownBy(generation::finishReason)
          .withMessageContaining("failed");
      generation.close();
      assertThat(generation.hasNext()).isFalse();
    }
  }

  @Test
  void a_predicate_may_ask_for_the_maximum_after_an_earlier_filter() {
    Logits logits = Logits.of(0, 1, 5, 3, 1.5f);
    logits.retainIf(i -> logits.token(i) > 0);
    logits.retainIf(i -> logits.score(i) >= logits.maximum() - 2);
    assertThat(logits.count()).isEqualTo(2);
    assertThat(logits.token(0)).isEqualTo(2);
    assertThat(logits.token(1)).isEqualTo(3);
  }

  @Test
  void infinite_logits_are_an_error_that_names_token_and_position() {
    assertThatIllegalStateException()
        .isThrownBy(() -> Logits.of(1, Float.POSITIVE_INFINITY).maximum())
        .withMessage("the logit of token 1 at position 0 is infinite");
    try (ToyModel model = always(3, 257, Float.POSITIVE_INFINITY)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> TextScorer.of(TOKENIZER, model).score("ab"))
          .withMessage("the logit of token 3 at position 1 is Infinity");
    }
  }

  @Test
  void bytes_are_those_of_the_scored_tokens_also_in_the_middle_of_a_code_point() {
    try (ToyModel model =
        new ToyModel(
            ToyModel.info(TOKENIZER.vocabulary().size(), 64).build(),
            (tokens, length, row) -> Arrays.fill(row, 1))) {
      assertThat(TextScorer.of(TOKENIZER, model).score("\u00E9").bytes()).isEqualTo(1);
    }
  }

  @Test
  void null_is_answered_with_the_name_of_what_is_missing() {
    try (ToyModel model = always(3, 300, 1);
        TextGenerator generator = TextGenerator.of(TOKENIZER, model)) {
      assertNamed("spec", () -> Samplers.parse(nothing()));
      assertNamed("directory", () -> TextGenerator.load(nothing()));
      assertNamed("directory", () -> LanguageModels.load(EdgesTest.<Path>nothing()));
      assertNamed("tokenizer", () -> TextGenerator.of(nothing(), model));
      assertNamed("prompt", () -> generator.generate(nothing()));
      assertNamed("text", () -> TextScorer.of(TOKENIZER, model).score((CharSequence) nothing()));
      assertNamed(
          "prompt",
          () -> Decoders.sampling().decode(model, nothing(), DecodingOptions.builder().build()));
    }
  }

  @Test
  void one_provider_that_fails_to_look_does_not_keep_others_from_loading() throws Exception {
    ToyModel model = always(3, 8, 1);
    Registry registry =
        Registry.of()
            .with(
                new Looking("broken", 5, EdgesTest::throwing, model),
                new Looking("good", 0, () -> Support.yes("it runs all"), model));
    assertThat(LanguageModels.load(Path.of("anywhere"), registry)).isSameAs(model);
  }

  private static Support throwing() {
    throw new NoClassDefFoundError("ai/onnxruntime/OrtException");
  }

  private record Looking(String name, int priority, Supplier<Support> look, LanguageModel model)
      implements LanguageModelProvider {
    @Override
    public Support supports(Path directory) {
      return look.get();
    }

    @Override
    public LanguageModel load(Path directory, Options options) {
      return model;
    }
  }

  /** Bytes, and 256 to begin and end a text. */
  private static final class BothEnds extends NumberTokenizer {
    BothEnds() {
      super(257, 256, 256);
    }

    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return text.chars().toArray();
    }

    @Override
    public byte[] bytes(int token) {
      return new byte[] {(byte) token};
    }
  }

  private static void assertNamed(
      String name, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call).withMessage(name);
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // what a caller does wrong
  private static <T> T nothing() {
    return null;
  }

  @Test
  void one_token_that_begins_and_ends_stands_once_between_documents() {
    Tokenizer both = new BothEnds();
    TokenSequence tokens = TrainingData.ofDocuments(both, List.of("a", "b"), 1).training();
    int[] ids = new int[(int) tokens.size()];
    tokens.read(0, ids, 0, ids.length);
    assertThat(ids).containsExactly(256, 97, 256, 98, 256);
  }
}
