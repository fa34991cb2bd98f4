package io.fundamentallm.runtime.cpu;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.Parallel;
import io.fundamentallm.runtime.cpu.model.CpuLanguageModel;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The runtime {@code cpu}: models of type gpt2 with 32-bit floats, on the Vector API where the JVM
 * runs with {@code --add-modules jdk.incubator.vector}. Option {@code threads}: how many work on a
 * pass, by default all processors.
 */
public final class CpuRuntimeProvider implements LanguageModelProvider {
  /** For ServiceLoader. */
  public CpuRuntimeProvider() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Support supports(Path directory) {
    return ModelDirectory.supports(directory);
  }

  @Override
  public LanguageModel load(Path directory, Options options) throws IOException {
    int threads = threads(options);
    Kernels kernels = Kernels.best();
    ModelDirectory model = ModelDirectory.read(directory);
    return new CpuLanguageModel(
        model.config(),
        model.parameters(),
        model.begin(),
        model.end(),
        kernels,
        Parallel.ofThreads(threads));
  }

  /** The option of the runtime and the trainer alike. */
  static int threads(Options options) {
    return options.integer("threads", Runtime.getRuntime().availableProcessors(), 1, 1024);
  }
}
