package io.fundamentallm.benchmarks.rotation;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a figure depends on besides the code. */
public final class Machine {
  private Machine() {}

  /** The processors that may be used, the JVM, and how busy the machine is. */
  public static String description() {
    return processor()
        + "Java "
        + Runtime.version()
        + ", "
        + System.getProperty("os.arch")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors, load average "
        + String.format(Locale.ROOT, "%.1f", load());
  }

  /** The processor's name, where Linux tells it. */
  private static String processor() {
    return tells("model name").map(name -> name + ", ").orElse("");
  }

  /**
   * The processor's vendor, family and model, as {@code GenuineIntel-6-207}: virtual machines often
   * give no better name. Where Linux doesn't tell them, the architecture.
   */
  public static String family() {
    return Stream.of("vendor_id", "cpu family", "model")
        .map(Machine::tells)
        .flatMap(Optional::stream)
        .reduce((one, next) -> one + "-" + next)
        .orElseGet(() -> System.getProperty("os.arch", "unknown"));
  }

  private static Optional<String> tells(String key) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .map(line -> line.split(":", 2))
          .filter(pair -> pair.length == 2 && pair[0].strip().equals(key))
          .map(pair -> pair[1].strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // another system
    }
  }

  /** The load average of the last minute: above the number of threads, something else ran too. */
  public static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
