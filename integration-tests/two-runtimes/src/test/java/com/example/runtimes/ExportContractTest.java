package com.example.runtimes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on ONNX Runtime, of models that were trained and exported here. */
class ExportContractTest {

  abstract static class Exported extends LanguageModelContract {
    private static final int CONTEXT_LENGTH = 48;

    @TempDir private static Path directories;

    private final String architecture;
    private final int heads;
    private final OnnxWeights weights;

    Exported(String architecture, OnnxWeights weights) {
      this(architecture, 4, weights);
    }

    Exported(String architecture, int heads, OnnxWeights weights) {
      this.architecture = architecture;
      this.heads = heads;
      this.weights = weights;
    }

    @Override
    protected LanguageModel model() throws IOException {
      Path directory = directories.resolve(getClass().getSimpleName());
      if (!Files.exists(directory)) { // else another test of the contract has trained it
        TrainedModel.write(directory, architecture, heads, CONTEXT_LENGTH, 5, weights);
      }
      return LanguageModels.load(directory, "gpu(device=cpu,threads=1)");
    }

    /** Matrix products of other shapes take other kernels. */
    @Override
    protected boolean exact() {
      return false;
    }
  }

  @Nested
  class Gpt2_floats extends Exported {
    Gpt2_floats() {
      super("gpt2", OnnxWeights.F32);
    }
  }

  @Nested
  class Gpt2_floats_grouped extends Exported {
    Gpt2_floats_grouped() {
      super("gpt2", OnnxWeights.F32.withGroupQueryAttention());
    }
  }

  @Nested
  class Gpt2_sixteen_bits extends Exported {
    Gpt2_sixteen_bits() {
      super("gpt2", OnnxWeights.F16);
    }

    @Override
    protected double tolerance() {
      return 5e-3;
    }
  }

  @Nested
  class Llama_sixteen_bits extends Exported {
    Llama_sixteen_bits() {
      super("llama", OnnxWeights.F16);
    }

    @Override
    protected double tolerance() {
      return 5e-3;
    }
  }

  @Nested
  class Gpt2_int4 extends Exported {
    Gpt2_int4() {
      super("gpt2", OnnxWeights.INT4);
    }
  }

  /** Heads of 4 channels are too small for GroupQueryAttention, so keys and values are fed back. */
  @Nested
  class Gpt2_int4_small_heads extends Exported {
    Gpt2_int4_small_heads() {
      super("gpt2", 16, OnnxWeights.INT4);
    }

    @Override
    protected LanguageModel model() throws IOException {
      LanguageModel model = super.model();
      assertThat(model.info().device()).contains("fed back");
      return model;
    }
  }

  @Nested
  class Llama_floats extends Exported {
    Llama_floats() {
      super("llama", OnnxWeights.F32);
    }
  }

  @Nested
  class Llama_int4 extends Exported {
    Llama_int4() {
      super("llama", OnnxWeights.INT4);
    }
  }
}
