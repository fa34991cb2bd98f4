package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.cpu.kernels.Kernels;

/** The whole context is checked, across two boundaries of blocks, to the last bit. */
class CpuLanguageModelContractTest extends LanguageModelContract {
  @Override
  protected LanguageModel model() {
    return RandomGpt2.model(RandomGpt2.CONFIG, Kernels.best(), 2);
  }

  @Override
  protected boolean exact() {
    return true;
  }

  @Override
  protected double tolerance() {
    return 0;
  }

  @Override
  protected int longest() {
    return RandomGpt2.CONFIG.contextLength();
  }
}
