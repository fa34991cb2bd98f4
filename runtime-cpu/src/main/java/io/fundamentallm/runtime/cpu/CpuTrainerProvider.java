package io.fundamentallm.runtime.cpu;

import io.fundamentallm.runtime.cpu.train.CpuTrainer;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.TrainerProvider;
import io.fundamentallm.training.Trainer;

/**
 * The trainer {@code cpu}: new GPT-2 and Llama style models, and models of most families that the
 * runtime loads, with 32-bit floats. Option {@code threads}: threads for an optimizer step, by
 * default one for each processor; the result does not depend on it.
 */
public final class CpuTrainerProvider implements TrainerProvider {
  /** For ServiceLoader. */
  public CpuTrainerProvider() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Trainer create(Options options) {
    return new CpuTrainer(CpuRuntimeProvider.threads(options));
  }
}
