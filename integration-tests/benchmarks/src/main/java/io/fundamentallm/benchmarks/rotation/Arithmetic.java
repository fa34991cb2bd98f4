package io.fundamentallm.benchmarks.rotation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The most 32-bit floats that this machine multiplies and adds. Measured by a program of its own,
 * which the JDK compiles: the incubating Vector API is not for this module's own classes.
 */
public final class Arithmetic {
  private static final String PROGRAM = "MultiplyAdds.java";

  private Arithmetic() {}

  /** GFLOP/s, of so many threads together, now. It takes about four seconds. */
  public static double measure(int threads) {
    try {
      Path folder = Files.createTempDirectory("arithmetic");
      Path file = folder.resolve(PROGRAM);
      try (InputStream in =
          Objects.requireNonNull(Arithmetic.class.getResourceAsStream(PROGRAM), PROGRAM)) {
        Files.copy(in, file);
        return Double.parseDouble(run(file, threads));
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(Path file, int threads) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(
            java,
            "--add-modules",
            "jdk.incubator.vector",
            file.toString(),
            String.valueOf(threads));
    Process program =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed =
        new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (printed.isEmpty()) {
      throw new IOException("no figure from " + String.join(" ", command) + "; it needs a JDK");
    }
    return printed;
  }
}
