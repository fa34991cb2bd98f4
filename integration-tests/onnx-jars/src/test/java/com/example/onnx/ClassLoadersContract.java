package com.example.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two applications in one JVM, each in a class loader, as in an application server. */
abstract class ClassLoadersContract {
  private final Path onnxRuntime;

  @TempDir private Path folder;

  ClassLoadersContract(Path onnxRuntime) {
    this.onnxRuntime = onnxRuntime;
  }

  @Test
  void each_with_an_onnx_runtime_of_its_own() throws Exception {
    List<Path> everything =
        Stream.concat(Jars.application().stream(), Stream.of(onnxRuntime)).toList();
    assertBothWrite(everything, List.of(), "separate");
  }

  @Test
  void both_with_the_onnx_runtime_of_their_parent() throws Exception {
    assertBothWrite(Jars.application(), List.of(onnxRuntime), "shared");
  }

  private void assertBothWrite(List<Path> tenants, List<Path> parent, String classes)
      throws Exception {
    Jvm jvm =
        Jvm.run(
            folder,
            Jars.application(),
            SideBySide.class,
            TrainedModel.directory(),
            "gpu",
            Jvm.joined(tenants),
            Jvm.joined(parent));
    jvm.assertCleanExit();
    String first = jvm.line("first: ");
    assertThat(first).matches("\\[\\d+(, \\d+){99}]");
    assertThat(jvm.line("second: ")).isEqualTo(first);
    assertThat(jvm.lines("at the same time: ")).hasSize(40).containsOnly(first);
    assertThat(jvm.line("after the first has closed: ")).isEqualTo(first);
    assertThat(jvm.line("ONNX Runtime: ")).isEqualTo(classes);
  }
}
