package io.fundamentallm.benchmarks.rotation;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip() + ", ")
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return ""; // another system
    }
  }

  /** The load average of the last minute: above the number of threads, something else ran too. */
  public static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
