package io.fundamentallm.runtime.gpu.ort;

import io.fundamentallm.spi.Options;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The options of the spec.
 *
 * @param threads of the CPU's kernels
 * @param memory the most bytes that keys and values may take, and on CUDA all that ONNX Runtime
 *     allocates; and the most for hidden states
 * @param cudaGraphs whether to record and replay runs of one token
 */
public record GpuSettings(Device device, int threads, long memory, boolean cudaGraphs) {
  /** More than any machine has; catches a typing error before ONNX Runtime starts the threads. */
  private static final int MAX_THREADS = 1024;

  private static final Pattern MEMORY = Pattern.compile("(\\d{1,12})([kmg]?)");

  public static GpuSettings of(Options options) {
    GpuSettings settings =
        new GpuSettings(
            Device.of(options),
            options.integer("threads", Runtime.getRuntime().availableProcessors(), 1, MAX_THREADS),
            memory(options),
            options.flag("cuda-graphs", false));
    options.requireAllUsed();
    return settings;
  }

  private static long memory(Options options) {
    String text = options.text("memory", "");
    if (text.isEmpty()) {
      return Long.MAX_VALUE;
    }
    Matcher matcher = MEMORY.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
      throw options.bad(
          "memory", text, "bytes, as a whole number from 1 followed by k, m or g, such as 512m");
    }
    int shift =
        switch (matcher.group(2)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
  }
}
