package com.example.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM ends as it should, whatever its threads are at. */
abstract class ExitContract {
  private final List<Path> classPath;

  @TempDir private Path folder;

  ExitContract(Path onnxRuntime) {
    classPath = Stream.concat(Jars.application().stream(), Stream.of(onnxRuntime)).toList();
  }

  @Test
  void main_returns_with_a_model_and_sessions_open() throws Exception {
    Jvm jvm = run(LeftOpen.class);
    jvm.assertCleanExit();
    assertThat(jvm.line("left open: ")).isEqualTo("3 and 4 tokens");
  }

  /** Repeated, since what goes wrong there goes wrong in one of four exits. */
  @RepeatedTest(10)
  void exit_is_called_during_passes() throws Exception {
    Jvm jvm = run(ExitDuringPasses.class);
    jvm.assertCleanExit();
    assertThat(jvm.lines("exit")).hasSize(1);
  }

  @Test
  void close_waits_for_a_pass_and_refuses_those_that_come_later() throws Exception {
    Jvm jvm = run(CloseDuringPasses.class);
    jvm.assertCleanExit();
    assertThat(jvm.line("close ")).isEqualTo("waits");
    assertThat(jvm.line("the pass under way: ")).isEqualTo("done");
    String refusal = "IllegalStateException: the model is closed";
    assertThat(jvm.lines("writer: ")).hasSize(4).containsOnly(refusal);
    assertThat(jvm.line("open: ")).isEqualTo(refusal);
  }

  private Jvm run(Class<?> main) throws Exception {
    return Jvm.run(folder, classPath, main, TrainedModel.directory(), "gpu");
  }
}
