package io.fundamentallm.benchmarks.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** How the processes are started that train, each in the environment that it is at its best in. */
final class Programs {
  private static final String PEER = "train_peer.py";

  private Programs() {}

  /**
   * A main class of this jar that trains with this library.
   *
   * @param home of the JVM
   * @param flags of the JVM, with blanks between them
   */
  static ProcessBuilder ours(Path home, String flags, Class<?> main, String... arguments) {
    return java(home, "--add-modules jdk.incubator.vector " + flags, main.getName(), arguments);
  }

  /** The peer on libtorch, which is there when the jar was built with {@code -Ppeers}. */
  static ProcessBuilder djl(Path home, int threads, String... arguments) {
    ProcessBuilder program =
        java(
            home,
            // offline: as DJL says, without a look for a newer library and without a count of users
            "-Dai.djl.offline=true -DOPT_OUT_TRACKING=true"
                + " -Dai.djl.pytorch.num_interop_threads=1"
                + " -Dai.djl.pytorch.num_threads="
                + threads,
            Programs.class.getPackageName() + ".DjlSpeed",
            arguments);
    program.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    return program;
  }

  /**
   * The peer in PyTorch. Of the environment, the three about malloc keep memory in the process that
   * would otherwise be mapped, zeroed and given back in every step; those of OpenBLAS that are
   * taken away have it choose worse kernels than it finds by itself.
   *
   * @throws IOException where the program cannot be written to a temporary file
   */
  static ProcessBuilder pytorch(String python, int threads, String... arguments)
      throws IOException {
    List<String> words = new ArrayList<>(List.of(python, peer().toString()));
    words.addAll(List.of(arguments));
    ProcessBuilder program = new ProcessBuilder(words);
    Map<String, String> environment = program.environment();
    environment.remove("OPENBLAS_CORETYPE");
    environment.remove("OPENBLAS_L2_SIZE");
    environment.put("MALLOC_MMAP_THRESHOLD_", "2000000000");
    environment.put("MALLOC_TRIM_THRESHOLD_", "8000000000");
    environment.put("MALLOC_TOP_PAD_", "268435456");
    environment.put("OMP_NUM_THREADS", Integer.toString(threads));
    return program.redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** The version of a JDK. */
  static String version(Path home) throws IOException {
    Properties release = new Properties();
    try (Reader in = Files.newBufferedReader(home.resolve("release"))) {
      release.load(in);
    }
    return release.getProperty("JAVA_VERSION", "?").replace("\"", "");
  }

  private static ProcessBuilder java(Path home, String flags, String main, String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(home.resolve("bin").resolve("java").toString());
    words.addAll(List.of(flags.strip().split(" +", -1)));
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    words.addAll(List.of(arguments));
    return new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private static Path peer() throws IOException {
    Path file = Files.createTempFile("train_peer", ".py");
    file.toFile().deleteOnExit();
    try (InputStream in = Objects.requireNonNull(Programs.class.getResourceAsStream(PEER), PEER)) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }
}
