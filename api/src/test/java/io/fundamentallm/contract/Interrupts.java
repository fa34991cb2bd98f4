package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Interrupts at random moments a thread that loads something, and holds that nothing came of it.
 */
public final class Interrupts {
  private static final int ROUNDS = 30;

  private Interrupts() {}

  /** Loads, interrupted before and meanwhile; the flag stays set. */
  public static void assertDeaf(Callable<? extends AutoCloseable> loading) throws Exception {
    Random random = new Random(1);
    for (int round = 0; round < ROUNDS; round++) {
      boolean before = round % 3 == 0;
      AtomicBoolean over = new AtomicBoolean();
      AtomicBoolean stayed = new AtomicBoolean();
      AtomicBoolean sent = new AtomicBoolean();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread loader =
          new Thread(
              () -> {
                if (before) {
                  Thread.currentThread().interrupt();
                }
                try {
                  loading.call().close();
                } catch (Throwable e) {
                  failure.set(e);
                }
                boolean due = before || sent.get();
                stayed.set(!due || Thread.currentThread().isInterrupted());
                over.set(true);
              });
      loader.start();
      while (!over.get()) {
        LockSupport.parkNanos(1_000L * (1 + random.nextInt(300)));
        if (!over.get()) {
          loader.interrupt();
          sent.set(true);
        }
      }
      loader.join();
      assertThat(failure.get()).as("round %d", round).isNull();
      assertThat(stayed).as("the flag stays set, round %d", round).isTrue();
    }
  }
}
