package io.fundamentallm.benchmarks.rotation;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/** What a figure depends on besides the code. */
public final class Machine {
  private Machine() {}

  /** The JVM and the processors that it may use. */
  public static String description() {
    return "Java "
        + Runtime.version()
        + ", "
        + System.getProperty("os.arch")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors, load average "
        + String.format(Locale.ROOT, "%.1f", load());
  }

  /** The load average of the last minute: above the number of threads, something else ran too. */
  public static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
