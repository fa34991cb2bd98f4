package io.fundamentallm.runtime.gpu;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on a graph that rounds keys, values and logits to binary16. */
class F16ContractTest extends LanguageModelContract {
  @TempDir private Path directory;

  @Override
  protected LanguageModel model() throws IOException {
    TinyDecoder.small().save(directory, Form.F16);
    return new GpuProvider().load(directory, Options.of("gpu", Map.of("threads", "2")));
  }

  /** Matrix products of other shapes take other kernels. */
  @Override
  protected boolean exact() {
    return false;
  }

  @Override
  protected double tolerance() {
    return 1e-2;
  }
}
