package io.fundamentallm.runtime.gpu;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on a graph that has to be told whether there is a past. */
class MergedContractTest extends LanguageModelContract {
  @TempDir private Path directory;

  @Override
  protected LanguageModel model() throws IOException {
    TinyDecoder.small().save(directory, Form.MERGED);
    return new GpuProvider().load(directory, Options.of("gpu", Map.of("threads", "2")));
  }

  /** Matrix products of other shapes take other kernels. */
  @Override
  protected boolean exact() {
    return false;
  }
}
