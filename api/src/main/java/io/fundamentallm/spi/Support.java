package io.fundamentallm.spi;

/**
 * A provider's answer to whether it can load a directory.
 *
 * @param supported whether {@code load} is worth calling
 * @param reason one clause that completes "because …"; shown to the user when nothing supports the
 *     directory
 */
public record Support(boolean supported, String reason) {
  /** Can be loaded; the reason says how it was recognised. */
  public static Support yes(String reason) {
    return new Support(true, reason);
  }

  /** Cannot be loaded; the reason says what is missing or unknown. */
  public static Support no(String reason) {
    return new Support(false, reason);
  }
}
