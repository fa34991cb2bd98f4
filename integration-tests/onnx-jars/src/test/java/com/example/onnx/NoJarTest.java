package com.example.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The application forgot ONNX Runtime. */
class NoJarTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "gpu(device=auto)", "gpu(device=cuda)", "gpu(device=cpu)"})
  void the_error_names_both_artifacts(String runtime) throws Exception {
    Path model = TrainedModel.directory();
    Jvm jvm = Jvm.run(folder, Jars.application(), OneToken.class, model, runtime);
    assertThat(jvm.exit()).isEqualTo(1);
    assertThat(jvm.err())
        .contains("com.microsoft.onnxruntime:onnxruntime ")
        .contains("com.microsoft.onnxruntime:onnxruntime_gpu ")
        .hasLineCount(1);
  }
}
