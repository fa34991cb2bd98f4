package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.ProviderException;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.ContextFullException;
import io.fundamentallm.model.HeapTooSmallException;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

/** Which failures become a row's reason, and which end the task. */
class ColumnsTest {
  private static final Row ROW = RowFactory.create("It is");

  private static Row failing(boolean reasons, RuntimeException failure) {
    return Columns.with(
        ROW,
        reasons,
        () -> {
          throw failure;
        });
  }

  @Test
  void what_a_rows_own_text_causes_is_its_reason_or_ends_the_task() {
    for (RuntimeException failure :
        List.of(
            new IllegalArgumentException("why"),
            new ContextFullException("why"),
            new NoTokenException("why"),
            new ConstraintException("why"),
            new NotFiniteException("why"))) {
      assertThat(failing(true, failure)).isEqualTo(RowFactory.create("It is", null, "why"));
      assertThatThrownBy(() -> failing(false, failure)).isSameAs(failure);
    }
  }

  @Test
  void what_other_rows_would_meet_too_ends_the_task() {
    for (RuntimeException failure :
        List.of(
            new CacheFullException("why"),
            new ClosedModelException("why"),
            new HeapTooSmallException("why", null),
            new ProviderException("why"),
            new CancellationException("why"),
            new UncheckedIOException(new IOException("why")),
            new IllegalStateException("why"),
            new IndexOutOfBoundsException("why"))) {
      assertThatThrownBy(() -> failing(true, failure)).isSameAs(failure);
    }
  }

  @Test
  void a_row_that_succeeds_has_no_reason() {
    assertThat(Columns.with(ROW, true, () -> 7)).isEqualTo(RowFactory.create("It is", 7, null));
    assertThat(Columns.with(ROW, false, () -> 7)).isEqualTo(RowFactory.create("It is", 7));
  }
}
