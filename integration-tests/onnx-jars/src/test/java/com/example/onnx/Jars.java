package com.example.onnx;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The jars on this test's own class path, which the applications get some of. */
final class Jars {
  private static final List<String> RUNTIME =
      List.of(
          "fundamentallm-api-",
          "fundamentallm-runtime-gpu-",
          "jackson-core-",
          "slf4j-api-",
          "slf4j-simple-");

  private Jars() {}

  /** The applications, and what they need besides ONNX Runtime. */
  static List<Path> application() {
    Stream<Path> jars = RUNTIME.stream().map(Jars::named);
    return Stream.concat(jars, Stream.of(Path.of("target", "classes").toAbsolutePath())).toList();
  }

  static Path onnxRuntime() {
    return named("onnxruntime-");
  }

  /** Only in the profile {@code gpu}. */
  static Path onnxRuntimeGpu() {
    return named("onnxruntime_gpu-");
  }

  private static Path named(String beginning) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(jar -> jar.toString().endsWith(".jar"))
        .filter(jar -> jar.getFileName().toString().startsWith(beginning))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no jar " + beginning + " on the class path"));
  }
}
