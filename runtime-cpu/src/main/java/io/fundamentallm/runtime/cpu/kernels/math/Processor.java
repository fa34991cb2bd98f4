package io.fundamentallm.runtime.cpu.kernels.math;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Whose processor this is. It decides in which order numbers are read, and no bit of a result. */
public final class Processor {
  private static final Path LINUX = Path.of("/proc/cpuinfo");

  /** What Windows says in place of that. */
  private static final String WINDOWS = "PROCESSOR_IDENTIFIER";

  private static final String NAME = "GenuineIntel";

  /** Whether it is Intel's. */
  public static final boolean INTEL = isIntel();

  private Processor() {}

  private static boolean isIntel() {
    String windows = System.getenv(WINDOWS);
    if (windows != null) {
      return windows.contains(NAME);
    }
    try (Stream<String> lines = Files.lines(LINUX)) {
      return lines
          .filter(line -> line.startsWith("vendor_id"))
          .findFirst()
          .filter(line -> line.endsWith(NAME))
          .isPresent();
    } catch (IOException | UncheckedIOException e) {
      return false; // another system
    }
  }
}
