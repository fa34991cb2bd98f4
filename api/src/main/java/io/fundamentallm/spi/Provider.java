package io.fundamentallm.spi;

/**
 * A named part that {@link java.util.ServiceLoader} can find. Providers have a public constructor
 * without parameters, do no work in it, and are safe to call from many threads.
 *
 * <p>A provider ships in a jar that names it twice: in {@code module-info} ({@code provides}) for
 * the module path and in {@code META-INF/services} for the class path.
 */
public interface Provider {
  /**
   * The name that specs use to select this part: lower case letters, digits, {@code -}, {@code _}
   * and {@code .}, beginning with a letter or a digit.
   */
  String name();

  /**
   * Decides between providers with the same name, and between several that could load the same
   * directory: the higher wins. Two with the same name and priority are an error when that name is
   * looked up. The library's own providers have priority 0 or lower.
   */
  default int priority() {
    return 0;
  }
}
