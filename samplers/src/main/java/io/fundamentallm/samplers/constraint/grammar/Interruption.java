package io.fundamentallm.samplers.constraint.grammar;

import java.util.concurrent.CancellationException;

/**
 * How compilers and masks notice that nobody waits for their result: their thread was interrupted.
 */
public final class Interruption {
  private Interruption() {}

  /**
   * Called in every loop whose length a client chooses. The thread stays interrupted.
   *
   * @throws CancellationException if the thread was interrupted
   */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException(
          "interrupted while a constraint was compiled or a mask computed");
    }
  }
}
