package io.fundamentallm.benchmarks.rotation;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
   * The processor's vendor and the widest instructions that it has, as {@code intel-amx} or {@code
   * amd-avx512}: kernels run alike on processors of one family, while virtual machines often tell
   * no model or a wrong one. Where Linux doesn't tell them, the architecture.
   */
  public static String family() {
    return family(
        tells("vendor_id").orElse(""),
        tells("flags").orElse(""),
        System.getProperty("os.arch", "unknown"));
  }

  /**
   * The family of a processor.
   *
   * @param vendor as {@code GenuineIntel}; empty if unknown
   * @param flags its instructions, with spaces between them
   */
  static String family(String vendor, String flags, String architecture) {
    String name =
        switch (vendor) {
          case "GenuineIntel" -> "intel";
          case "AuthenticAMD" -> "amd";
          default -> architecture;
        };
    List<String> has = List.of(flags.split(" ", -1));
    if (has.contains("amx_tile")) {
      return name + "-amx";
    } else if (has.contains("avx512f")) {
      return name + "-avx512";
    }
    return has.contains("avx2") ? name + "-avx2" : name;
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
