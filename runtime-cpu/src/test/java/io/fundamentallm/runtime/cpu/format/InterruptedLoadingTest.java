package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.contract.Interrupts;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading does not hear interrupts. */
class InterruptedLoadingTest {
  private final Registry registry = Registry.of().with(new CpuRuntimeProvider());

  @Test
  void safetensors_are_loaded_on_a_thread_that_is_interrupted(@TempDir Path directory)
      throws Exception {
    TinyModel.llama("llama").write(directory);
    Interrupts.assertDeaf(() -> LanguageModels.load(directory, registry));
    Interrupts.assertDeaf(() -> LanguageModels.load(directory, "cpu(weights=int8)", registry));
  }

  @Test
  void a_gguf_file_is_loaded_on_a_thread_that_is_interrupted(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("model.gguf");
    Files.write(file, GgufModels.llama(TinyModel.llama("llama")).bytes());
    Interrupts.assertDeaf(() -> LanguageModels.load(directory, registry));
    Interrupts.assertDeaf(() -> LanguageModels.shared(file, registry));
  }
}
