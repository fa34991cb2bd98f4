package io.fundamentallm.runtime.gpu;

/** What tests compute on: the CPU, or what {@code -Dfundamentallm.device} says. */
final class TestDevice {
  private TestDevice() {}

  static String name() {
    String device = System.getProperty("fundamentallm.device", "");
    return device.isEmpty() ? "cpu" : device;
  }

  /** How many times as far numbers may be from exact ones as on the CPU. */
  static double rounding() {
    return name().startsWith("cuda") ? 10 : 1;
  }
}
