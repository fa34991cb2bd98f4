package com.example.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What each device answers on a machine without a GPU, whichever jars of ONNX Runtime are there.
 */
abstract class DevicesContract {
  private final List<Path> classPath;

  @TempDir private Path folder;

  DevicesContract(Path... onnxRuntime) {
    classPath = Stream.concat(Jars.application().stream(), Stream.of(onnxRuntime)).toList();
  }

  @BeforeAll
  static void skipWhereThereIsADriver() {
    assumeFalse(Files.exists(Path.of("/proc/driver/nvidia")), "there is a CUDA driver");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "cuda:1"})
  void cuda_fails_says_what_is_missing_and_unpacks_nothing(String device) throws Exception {
    Jvm jvm = oneToken(device);
    assertThat(jvm.exit()).isEqualTo(1);
    assertThat(jvm.err())
        .contains("device=cuda:" + (device.equals("cuda") ? 0 : 1))
        .contains("libcuda.so.1")
        .contains("com.microsoft.onnxruntime:onnxruntime;")
        .contains("com.microsoft.onnxruntime:onnxruntime_gpu ")
        .contains("device=auto")
        .hasLineCount(1);
    assertThat(jvm.temporaryFiles()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu"})
  void auto_and_cpu_generate_on_the_cpu(String device) throws Exception {
    Jvm jvm = oneToken(device);
    assertThat(jvm.exit()).as(jvm.err()).isZero();
    assertThat(jvm.line("device: ")).startsWith("cpu ");
    assertThat(jvm.line("token: ")).matches("\\d+");
    assertThat(jvm.err()).isEmpty();
    // ONNX Runtime deletes what it unpacked, but not the folder
    assertThat(jvm.temporaryFiles()).allMatch(Files::isDirectory);
  }

  @Test
  void without_a_device_it_is_auto() throws Exception {
    Jvm jvm = Jvm.run(folder, classPath, OneToken.class, TrainedModel.directory(), "gpu");
    assertThat(jvm.line("device: ")).startsWith("cpu ");
  }

  /** Prints how long it took. */
  private Jvm oneToken(String device) throws Exception {
    String runtime = "gpu(device=" + device + ")";
    Jvm jvm = Jvm.run(folder, classPath, OneToken.class, TrainedModel.directory(), runtime);
    jvm.out().lines().forEach(line -> System.out.println(runtime + ": " + line));
    return jvm;
  }
}
