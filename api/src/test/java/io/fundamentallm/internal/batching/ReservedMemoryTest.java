package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * What is kept beside keys and values is counted by the model that computes, whoever stands before
 * it.
 */
class ReservedMemoryTest {
  private static final List<UnaryOperator<LanguageModel>> BEFORE =
      List.of(
          model -> model,
          model -> LanguageModels.batching(model, BatchingLimits.defaults()),
          model -> LanguageModels.guided(model, new int[] {1}, 2),
          model -> new SharedModel(model, () -> {}),
          model ->
              LanguageModels.batching(
                  LanguageModels.guided(new SharedModel(model, () -> {}), new int[] {1}, 2),
                  BatchingLimits.defaults()));

  @Test
  void it_is_counted_once_and_given_back() {
    for (UnaryOperator<LanguageModel> before : BEFORE) {
      ToyModel toy = new ToyModel(ToyModel.info(50, 64).build(), ToyModel.hashing());
      LanguageModel model = before.apply(toy.withBudget(100));
      Session session = model.open();
      session.reserve(70);
      assertThat(toy.reserved()).isEqualTo(70);
      session.reserve(40);
      assertThat(toy.reserved()).isEqualTo(40);
      try (Session fork = session.fork()) {
        assertThat(toy.reserved()).isEqualTo(40);
        fork.reserve(60);
        assertThatExceptionOfType(CacheFullException.class).isThrownBy(() -> session.reserve(41));
        assertThatIllegalArgumentException().isThrownBy(() -> session.reserve(-1));
        assertThat(toy.reserved()).isEqualTo(100);
      }
      assertThat(toy.reserved()).isEqualTo(40);
      session.close();
      session.close();
      assertThat(toy.reserved()).isZero();
      model.close();
    }
  }

  @Test
  void a_use_that_is_closed_gives_back_what_its_sessions_kept() {
    ToyModel toy = new ToyModel(ToyModel.info(50, 64).build(), ToyModel.hashing());
    LanguageModel use = new SharedModel(toy, () -> {});
    use.open().reserve(70);
    use.close();
    assertThat(toy.reserved()).isZero();
  }
}
