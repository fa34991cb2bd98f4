package io.fundamentallm.runtime.gpu.ort;

import io.fundamentallm.spi.Options;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The device that was asked for.
 *
 * @param index which CUDA device; 0 for the others
 */
record Device(Kind kind, int index) {
  enum Kind {
    AUTO,
    CPU,
    CUDA
  }

  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  static Device of(Options options) {
    String text = options.text("device", "auto");
    if (text.equals("auto")) {
      return new Device(Kind.AUTO, 0);
    }
    if (text.equals("cpu")) {
      return new Device(Kind.CPU, 0);
    }
    Matcher cuda = CUDA.matcher(text);
    if (!cuda.matches()) {
      throw options.bad("device", text, "auto, cpu, cuda or cuda:n with n from 0 to 999");
    }
    return new Device(Kind.CUDA, cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
  }
}
