package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PromptThreadsTest {
  @Test
  void a_cancellation_that_was_true_once_stays_true_for_all_texts() {
    // such as the interrupt flag of a thread that clears it while it waits
    AtomicBoolean interrupted = new AtomicBoolean(true);
    List<Boolean> asked = new ArrayList<>();
    new PromptThreads(
            2,
            () -> interrupted.getAndSet(false),
            (index, cancellation) -> {
              asked.add(cancellation.isCancelled());
              asked.add(cancellation.isCancelled());
              return "";
            })
        .run(1);
    assertThat(asked).containsExactly(true, true, true, true);
  }
}
