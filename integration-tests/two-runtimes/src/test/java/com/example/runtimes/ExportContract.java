package com.example.runtimes;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on ONNX Runtime, of a model that was trained and exported here. */
abstract class ExportContract extends LanguageModelContract {
  private static final int CONTEXT_LENGTH = 48;

  @TempDir private Path directory;

  private final String architecture;
  private final OnnxWeights weights;

  ExportContract(String architecture, OnnxWeights weights) {
    this.architecture = architecture;
    this.weights = weights;
  }

  @Override
  protected LanguageModel model() throws IOException {
    TrainedModel.write(directory, architecture, CONTEXT_LENGTH, 5, weights);
    return LanguageModels.load(directory, "gpu(device=cpu,threads=2)");
  }

  /** Matrix products of other shapes take other kernels. */
  @Override
  protected boolean exact() {
    return false;
  }
}
