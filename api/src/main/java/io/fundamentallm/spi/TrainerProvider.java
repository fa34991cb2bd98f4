package io.fundamentallm.spi;

import io.fundamentallm.training.Trainer;

/** Provides one trainer. */
public interface TrainerProvider extends Provider {
  /**
   * Makes the trainer.
   *
   * @throws IllegalArgumentException for an option out of range, as {@link Options} throws it
   */
  Trainer create(Options options);
}
