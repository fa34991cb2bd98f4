package io.fundamentallm.runtime.gpu;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.contract.Interrupts;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading does not hear interrupts. */
class InterruptedLoadingTest {
  @Test
  void a_graph_is_loaded_on_a_thread_that_is_interrupted(@TempDir Path directory) throws Exception {
    TinyDecoder.small().save(directory, Form.IDS_ONLY);
    Registry registry = Registry.of().with(new GpuProvider());
    Interrupts.assertDeaf(() -> LanguageModels.load(directory, "gpu(device=cpu)", registry));
  }
}
