package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.SpecialTokens;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Descriptions, appends and the small decisions around prompts. */
class ModelValuesTest {
  @Test
  void a_description_keeps_what_it_was_told() {
    ModelInfo info =
        ModelInfo.builder("gpt2", 65, 64)
            .shape(128, 4, 2)
            .parameters(809_856)
            .device("cpu")
            .precision("f32")
            .beginToken(OptionalInt.of(1))
            .endTokens(Set.of(7, 2))
            .capabilities(Capability.TRUNCATE)
            .build();
    ModelInfo copy = info.toBuilder().build();
    assertThat(copy.toBuilder().parameters(0).build())
        .hasToString("gpt2, vocabulary 65, context 64, f32 on cpu");
    assertThat(copy).hasToString("gpt2, 809856 parameters, vocabulary 65, context 64, f32 on cpu");
    assertThat(copy.endTokens()).containsExactly(2, 7);
    assertThat(copy.beginToken()).hasValue(1);
    assertThat(copy.capabilities()).containsExactly(Capability.TRUNCATE);
    assertThat(List.of(copy.hiddenSize(), copy.layers(), copy.heads())).containsExactly(128, 4, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelInfo.builder("gpt2", 0, 64))
        .withMessageContaining("vocabularySize 0");
  }

  @Test
  void a_description_leaves_out_what_it_was_not_told() {
    ModelInfo.Builder info = ModelInfo.builder("bigrams", 65, 64);
    assertThat(info.build()).hasToString("bigrams, vocabulary 65, context 64");
    assertThat(info.device("memory").build())
        .hasToString("bigrams, vocabulary 65, context 64, on memory");
    assertThat(ModelInfo.builder("bigrams", 65, 64).precision("f32").build())
        .hasToString("bigrams, vocabulary 65, context 64, f32");
  }

  @Test
  void a_description_has_no_begin_or_end_token_outside_its_vocabulary() {
    for (int outside : new int[] {-1, 65}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ModelInfo.builder("gpt2", 65, 64).endTokens(Set.of(2, outside)).build())
          .withMessage("the end token " + outside + " is outside the vocabulary [0, 65)");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> ModelInfo.builder("gpt2", 65, 64).beginToken(OptionalInt.of(outside)).build())
          .withMessage("the begin token " + outside + " is outside the vocabulary [0, 65)");
    }
  }

  @Test
  void an_append_checks_its_numbers_of_rows() {
    Session session = new ToyModel(ToyModel.info(4, 4).build(), ToyModel.hashing()).open();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Append.of(session, new int[0]))
        .withMessage("an append needs at least one token");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Append.of(session, new int[1], new float[4], new float[4]))
        .withMessage("2 rows of logits and 0 of hidden states asked for 1 tokens");
  }

  @Test
  void a_model_may_leave_evicting_out() {
    ToyModel model = new ToyModel(ToyModel.info(4, 4).build(), ToyModel.hashing());
    Session session =
        new Session() {
          @Override
          public LanguageModel model() {
            return model;
          }

          @Override
          public int length() {
            return 1;
          }

          @Override
          public Session fork() {
            return this;
          }

          @Override
          public void truncate(int length) {}

          @Override
          public void close() {}
        };
    assertThat(session.remaining()).isEqualTo(3);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> session.evict(0, 1))
        .withMessage("toy on memory cannot evict tokens");
  }

  @Test
  void cancellations_combine() {
    AtomicBoolean one = new AtomicBoolean();
    Cancellation either = Cancellation.none().or(one::get);
    either.throwIfCancelled();
    one.set(true);
    assertThat(either.isCancelled()).isTrue();
    assertThatExceptionOfType(CancellationException.class).isThrownBy(either::throwIfCancelled);
  }

  @Test
  void special_tokens_are_allowed_by_name_all_or_none() {
    assertThat(SpecialTokens.none().isNone()).isTrue();
    assertThat(SpecialTokens.none().allows("<s>")).isFalse();
    assertThat(SpecialTokens.all().allows("<s>")).isTrue();
    assertThat(SpecialTokens.all().isNone()).isFalse();
    assertThat(SpecialTokens.of("<s>").allows("<s>")).isTrue();
    assertThat(SpecialTokens.of("<s>").allows("</s>")).isFalse();
    assertThat(SpecialTokens.of("<s>")).hasToString("[<s>]");
  }
}
